import { DataError } from "layerwise";
import { quantileOf } from "../table/summary.js";
import type { QuantileStep } from "./plan.js";

/** The core's fitScaling has as many. */
const MOST = 1000;

/** Of all columns together: as JSON they take less than a pipeline may have. */
const MOST_OF_ALL = 40_000;

/** How many quantiles each of so many columns gets at most. */
export function quantilesEach(columns: number): number {
  return Math.max(2, Math.min(MOST, Math.floor(MOST_OF_ALL / Math.max(1, columns))));
}

/** Quantiles at equal steps of probability, the lowest and the highest value being the ends. Raises DataError. */
export function quantileStep(sorted: Float64Array, name: string, most: number): QuantileStep {
  const count = Math.min(most, sorted.length);
  const quantiles: number[] = [];
  for (let i = 0; i < count; i++) {
    const quantile = quantileOf(sorted, count > 1 ? i / (count - 1) : 0);
    // Rounding between two equal numbers may fall below them; JSON has no −0.
    quantiles.push(Math.max(quantile, quantiles[i - 1] ?? quantile) + 0);
  }
  const range = (quantiles.at(-1) ?? 0) - (quantiles[0] ?? 0);
  if (Number.isFinite(range)) return { type: "quantileNormal", quantiles };
  throw new DataError(
    `column ${name}`,
    "numbers whose range is finite",
    `${quantiles[0]} to ${quantiles.at(-1)}`,
  );
}
