import type { StreamSeries } from "./stream-series.js";

/** Below the curves: what x is, and each curve with its line; behind each its value. */
export class ChartLegend {
  readonly #values: readonly Text[];

  constructor(container: HTMLElement, xLabel: string, series: readonly StreamSeries[], markName?: string) {
    const legend = document.createElement("div");
    legend.className = "legend";
    const entry = (label: string, ...before: Node[]) => {
      const value = document.createTextNode("–");
      const item = document.createElement("span");
      item.append(...before, `${label}: `, value);
      legend.append(item);
      return value;
    };
    this.#values = [
      entry(xLabel),
      ...series.map(({ label, color, dashed = false }) => {
        const line = document.createElement("i");
        line.classList.toggle("dashed", dashed);
        line.style.setProperty("--curve", `var(${color})`);
        return entry(label, line);
      }),
      ...(markName === undefined ? [] : [entry(markName)]),
    ];
    container.append(legend);
  }

  /** The value of x, then one of each curve, then the marked x. */
  show(texts: readonly string[]): void {
    this.#values.forEach((value, i) => {
      value.data = texts[i] ?? "–";
    });
  }
}
