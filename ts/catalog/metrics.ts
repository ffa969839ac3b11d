import { POSITIVE, type Range } from "./ranges.js";

/** What a metric is of: answers by classes, or numbers. */
export type MetricOf = "classes" | "numbers";

/** What is known of a metric besides its value, which ts/metrics/ computes. */
interface MetricRow {
  readonly of: MetricOf;
  /** Whether more is better. */
  readonly better: "more" | "less" | undefined;
  readonly parameters: readonly MetricParameter[];
  /** Whether it is averaged over classes, by an option. */
  readonly averaged?: true;
}

interface MetricParameter {
  readonly name: string;
  readonly default: number;
  readonly range: Range;
}

const FRACTION: Range = ["a number in (0, 1)", (value) => value > 0 && value < 1];
const COUNT: Range = ["an integer >= 1", (value) => Number.isInteger(value) && value >= 1];

const averaged = { of: "classes", better: "more", parameters: [], averaged: true } as const;
const more = { of: "classes", better: "more", parameters: [] } as const;
const less = { of: "classes", better: "less", parameters: [] } as const;
const error = { of: "numbers", better: "less", parameters: [] } as const;

/**
 * One row per metric. With weights w of the examples every mean is a weighted one. Sources: scikit-learn's
 * `sklearn.metrics`, with whose functions of these names each agrees, apart from calibrationError.
 * - accuracy: the share of right answers; of several sigmoid units, of right units
 * - balancedAccuracy: the mean of the recalls of the classes that there are
 * - topK: the share of examples whose class is among the k likeliest (softmax)
 * - precision: of those that were taken for a class, the share that is of it
 * - recall: of those of a class, the share that was taken for it
 * - fScore: (1 + β²)·precision·recall / (β²·precision + recall)
 * - rocAuc: the probability that one of the class gets a larger output than one of the others; equal ones count half
 * - prAuc: average precision, Σ (Rₙ − Rₙ₋₁)·Pₙ over all thresholds
 * - logLoss: the mean of −log p of the right answer, p kept from 0 and 1 by the dtype's ε
 * - brier: the mean of (p − y)²; of several classes, of its sum over them
 * - calibrationError: over `bins` equal intervals of p of the answer, the mean distance of p from the share of right answers
 * - matthews: the correlation of answers and classes
 * - confusionMatrix: how many of each class (row) were taken for each (column)
 * - meanSquaredError, rootMeanSquaredError, meanAbsoluteError, r2: as evaluate has them
 * - meanAbsolutePercentageError: the mean of |a − y| / |y|, as a fraction
 * - explainedVariance: 1 − Var(y − a) / Var(y)
 * - pinball: the mean of max(q·(y − a), (q − 1)·(y − a))
 */
export const METRICS = {
  accuracy: more,
  balancedAccuracy: more,
  topK: { ...more, parameters: [{ name: "k", default: 5, range: COUNT }] },
  precision: averaged,
  recall: averaged,
  fScore: { ...averaged, parameters: [{ name: "beta", default: 1, range: POSITIVE }] },
  rocAuc: more,
  prAuc: more,
  logLoss: less,
  brier: less,
  calibrationError: { ...less, parameters: [{ name: "bins", default: 15, range: COUNT }] },
  matthews: more,
  confusionMatrix: { of: "classes", better: undefined, parameters: [] },
  meanSquaredError: error,
  rootMeanSquaredError: error,
  meanAbsoluteError: error,
  r2: { of: "numbers", better: "more", parameters: [] },
  meanAbsolutePercentageError: error,
  explainedVariance: { of: "numbers", better: "more", parameters: [] },
  pinball: { ...error, parameters: [{ name: "quantile", default: 0.5, range: FRACTION }] },
} as const satisfies Record<string, MetricRow>;

/** See {@link METRICS}. */
export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** How a metric of each class becomes one number: `"binary"` takes class 1 of a single sigmoid unit. */
export const AVERAGES = ["binary", "macro", "micro", "weighted"] as const;

/** See {@link AVERAGES}. */
export type Average = (typeof AVERAGES)[number];

export function metricRow(name: MetricName): MetricRow {
  return METRICS[name];
}
