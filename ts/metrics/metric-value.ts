import type { MetricName } from "../catalog/metrics.js";
import { Matrix } from "../data/matrix.js";
import { DataError, describe } from "../errors/errors.js";
import { type Answers, meanOf } from "./answers.js";
import {
  averaged,
  balancedAccuracy,
  confusionMatrix,
  fScore,
  matthews,
  precision,
  recall,
} from "./confusion.js";
import * as errors from "./errors.js";
import type { ResolvedMetric } from "./metric.js";
import { brier, calibrationError, logLoss } from "./probabilities.js";
import { prAuc, rocAuc, topK } from "./ranking.js";

type Named = Exclude<ResolvedMetric, { readonly own: object }>;

/** Of each metric, its value. */
const VALUES: Readonly<Record<MetricName, (answers: Answers, metric: Named) => number | number[][]>> = {
  accuracy,
  balancedAccuracy,
  topK: (answers, { parameter }) => topK(answers, parameter),
  precision: (answers, { average }) => averaged(answers, precision, average),
  recall: (answers, { average }) => averaged(answers, recall, average),
  fScore: (answers, { average, parameter }) => averaged(answers, fScore(parameter), average),
  rocAuc,
  prAuc,
  logLoss,
  brier,
  calibrationError: (answers, { parameter }) => calibrationError(answers, parameter),
  matthews,
  confusionMatrix,
  ...errors,
  pinball: (answers, { parameter }) => errors.pinball(answers, parameter),
};

/** A metric's value. Raises DataError where one's own gives no number. */
export function metricValue(metric: ResolvedMetric, answers: Answers): number | number[][] {
  if (metric.own === undefined) return VALUES[metric.type](answers, metric);
  const { kind, targets, outputs, m, n, weights } = answers;
  const given = kind === "classes" ? Uint32Array.from(targets) : new Matrix(Float64Array.from(targets), m, n);
  const value: unknown = metric.own(
    given,
    new Matrix(outputs.slice(), m, n),
    weights === undefined ? undefined : Float64Array.from(weights),
  );
  if (typeof value === "number") return value;
  throw new DataError(
    `metrics.${metric.key}`,
    "a number from its value(targets, outputs, weights)",
    describe(value),
  );
}

function accuracy(answers: Answers): number {
  const { targets, chosen, kind, n } = answers;
  const width = kind === "labels" ? n : 1;
  return meanOf(answers, (i) => {
    let right = 0;
    for (let k = i * width; k < (i + 1) * width; k++) right += Number(targets[k] === chosen[k]);
    return right / width;
  });
}
