import { Matrix, score } from "layerwise";
import type { TargetPrediction } from "./predictions.js";
import { Random } from "./random.js";
import type { TargetScores } from "./scores.js";

/** A score, and the middle 95 % of those of rows drawn again with replacement; undefined where rows are too few. */
export interface ScoreInterval {
  readonly metric: string;
  readonly value: number;
  readonly interval: readonly [number, number] | undefined;
}

const OF_CLASSES = ["accuracy", "rocAuc", "balancedAccuracy", "logLoss", "matthews"] as const;
const OF_NUMBERS = ["rootMeanSquaredError", "meanAbsoluteError", "r2"] as const;

/** Fewer scores have no middle. */
const LEAST_SCORES = 50;

/** How often rows are drawn again: fewer times where there are many. */
export function drawsFor(rows: number): number {
  return Math.max(100, Math.min(1000, Math.round(4e6 / Math.max(1, rows))));
}

/** A target's scores with their bootstrap intervals (Efron 1979, percentiles); the draws follow from the seed. */
export function scoreIntervals(
  target: TargetScores,
  prediction: TargetPrediction,
  seed: number,
): ScoreInterval[] {
  const outputs = outputsOf(prediction);
  const names = target.type === "classes" ? OF_CLASSES : OF_NUMBERS;
  const task = target.type === "classes" ? ("classes" as const) : ("numbers" as const);
  const y = target.type === "classes" ? target.right : new Matrix(target.right, target.right.length, 1);
  const of = (sampleWeight: Float64Array | undefined): Readonly<Record<string, number>> =>
    score(y, outputs, { task, metrics: names, ...(sampleWeight && { sampleWeight }) });
  const values = of(undefined);
  const random = new Random(seed);
  const count = outputs.rows < 2 ? 0 : drawsFor(outputs.rows);
  const draws = Array.from({ length: count }, () => of(drawn(outputs.rows, random)));
  return names.map((metric) => ({
    metric,
    value: values[metric] ?? Number.NaN,
    interval: intervalOf(draws.map((draw) => draw[metric] ?? Number.NaN)),
  }));
}

/** What `score` takes of a prediction: of two classes the second one's probabilities. */
export function outputsOf(prediction: TargetPrediction): Matrix {
  if (prediction.type === "numbers") return new Matrix(prediction.values, prediction.values.length, 1);
  const { data, rows, cols } = prediction.probabilities;
  if (cols !== 2) return prediction.probabilities;
  return new Matrix(
    Float64Array.from({ length: rows }, (_, i) => data[2 * i + 1] ?? 0),
    rows,
    1,
  );
}

/** How often each row is drawn. */
function drawn(rows: number, random: Random): Float64Array {
  const counts = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = random.below(rows);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
}

function intervalOf(values: readonly number[]): readonly [number, number] | undefined {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  if (sorted.length < LEAST_SCORES) return undefined;
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}
