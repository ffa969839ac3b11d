import { plot } from "asciichart";
import type { Curve } from "../report/report-data.js";

/** The validation loss of the first network by epoch, or its training loss, in characters. */
export function curveText([curve]: readonly Curve[], columns: number): string {
  if (curve === undefined || curve.loss.length < 2) return "";
  const isValidated = curve.validation.length > 1;
  const values = isValidated ? curve.validation.map(({ loss }) => loss) : curve.loss;
  const width = Math.max(20, Math.min(80, columns - 14));
  const shown = Array.from({ length: width }, (_, column) => {
    const place = (column * (values.length - 1)) / (width - 1);
    const [before = 0, after = before] = values.slice(Math.floor(place), Math.floor(place) + 2);
    return before + (after - before) * (place % 1);
  });
  const plotted = plot(shown, { height: 8, format: (value) => value.toPrecision(4).padStart(10) });
  const text = plotted.replaceAll(/ +$/gm, "");
  const name = isValidated ? "validation loss" : "loss";
  const axis = `${" ".repeat(11)}└ epoch 1${`epoch ${values.length}`.padStart(width - 9)}`;
  return `${name} by epoch\n${text}\n${axis}`;
}
