import { type LossData, type LossName, lossRow } from "../catalog/losses.js";
import { checkParameter } from "./losses.js";
import { readOptions } from "./validation.js";

/** The losses with parameters, as functions that make their data form. */

export interface HuberOptions {
  /** δ > 0: up to which difference the loss is a square. Default 1. */
  readonly delta?: number;
}

/**
 * The loss 1/n · Σ over units of ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ), d = z − y: frozen data. Of linear outputs.
 * Raises ConfigError.
 *
 * Source: Huber 1964, Robust estimation of a location parameter.
 */
export function huber(options: HuberOptions = {}): LossData<"huber"> {
  return dataOf("huber", readOptions("huber", "options", options));
}

export interface QuantileOptions {
  /** τ in (0, 1): which share of all y lies below the answer. 0.5, the median, where it isn't given. */
  readonly quantile: number;
}

/**
 * The pinball loss 1/n · Σ over units of τ·(y − z) where y > z, else (1 − τ)·(z − y): frozen data. Of linear outputs.
 * Raises ConfigError.
 *
 * Source: Koenker & Bassett 1978, Regression quantiles.
 */
export function quantile(options: QuantileOptions): LossData<"quantile"> {
  return dataOf("quantile", readOptions("quantile", "options", options));
}

function dataOf<Name extends LossName>(type: Name, given: object): LossData<Name> {
  const values: Readonly<Record<string, unknown>> = { ...given };
  const parameters = lossRow(type).parameters.map((row) => [
    row.name,
    checkParameter(row.name, values[row.name], row),
  ]);
  return Object.freeze({ type, ...Object.fromEntries(parameters) });
}
