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

export interface BinaryCrossEntropyOptions {
  /** s in [0, 1): a label y counts as y·(1 − s) + s/2. Default 0. */
  readonly labelSmoothing?: number;
  /** w > 0: how many times as much a missed 1 costs. Default 1. */
  readonly positiveWeight?: number;
  /** Whether labels may be any numbers in [0, 1]. Default false: 0 or 1. */
  readonly softLabels?: boolean;
}

/**
 * The loss Σ over units of −w·y·log σ(z) − (1 − y)·log(1 − σ(z)): frozen data. Of sigmoid outputs.
 * Raises ConfigError.
 *
 * Source: Szegedy and others 2016, Rethinking the inception architecture, for label smoothing.
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): LossData<"binaryCrossEntropy"> {
  return dataOf("binaryCrossEntropy", readOptions("binaryCrossEntropy", "options", options));
}

export interface CategoricalCrossEntropyOptions {
  /** s in [0, 1): a label's row y (one-hot, or soft) counts as y·(1 − s) + s/n. Default 0. */
  readonly labelSmoothing?: number;
  /**
   * Whether labels are rows of shares in [0, 1], one of each class, that sum to 1 (within 1e-6). Default false: class
   * indices or one-hot rows.
   */
  readonly softLabels?: boolean;
}

/**
 * The loss Σⱼ yⱼ·(log Σₖ e^zₖ − zⱼ), y the label's row: frozen data. Of softmax outputs. Raises ConfigError.
 *
 * Source: Szegedy and others 2016, Rethinking the inception architecture, for label smoothing.
 */
export function categoricalCrossEntropy(
  options: CategoricalCrossEntropyOptions = {},
): LossData<"categoricalCrossEntropy"> {
  return dataOf("categoricalCrossEntropy", readOptions("categoricalCrossEntropy", "options", options));
}

export interface FocalOptions {
  /** γ >= 0: how little right answers count. 0 is binary cross-entropy. Default 2. */
  readonly gamma?: number;
}

/**
 * The loss Σ over units of −(1 − p)^γ·log p, p = σ(z) where y = 1 and 1 − σ(z) where y = 0: frozen data. Of sigmoid
 * outputs; not of softmax. Raises ConfigError.
 *
 * Source: Lin and others 2017, Focal loss for dense object detection, without their α.
 */
export function focal(options: FocalOptions = {}): LossData<"focal"> {
  return dataOf("focal", readOptions("focal", "options", options));
}

function dataOf<Name extends LossName>(type: Name, given: object): LossData<Name> {
  const values: Readonly<Record<string, unknown>> = { ...given };
  const parameters = lossRow(type).parameters.map((row) => [
    row.name,
    checkParameter(row.name, values[row.name], row),
  ]);
  return Object.freeze({ type, ...Object.fromEntries(parameters) });
}
