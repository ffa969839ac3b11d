import { pageElement } from "../page-element.js";
import { onThemeChange } from "../theme.js";
import type { DataSet } from "./data-set.js";
import { valueGradient } from "./number-plane.js";

/** What the plane's colours and forms mean. */
export function showKey({ classes, view, range, train }: DataSet): void {
  const key = pageElement("class-key", HTMLElement);
  key.querySelectorAll<HTMLElement>("[data-class]").forEach((item, label) => {
    item.hidden = label >= classes;
  });
  pageElement("curve-key", HTMLElement).hidden = view !== "curve";
  const values = pageElement("value-key", HTMLElement);
  values.hidden = view !== "heat" && view !== "map";
  const isEmpty = train.labels.length === 0;
  const unit = view === "map" ? " × $100,000" : "";
  pageElement("value-low", HTMLElement).textContent = isEmpty ? "–" : numberText(range[0]);
  pageElement("value-high", HTMLElement).textContent = isEmpty ? "–" : `${numberText(range[1])}${unit}`;
  paintScale();
}

function numberText(value: number): string {
  return value.toFixed(1).replace("-", "−");
}

function paintScale(): void {
  pageElement("value-scale", HTMLElement).style.setProperty("background", valueGradient());
}

onThemeChange(paintScale);
