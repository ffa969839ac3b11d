import { Matrix, type Metric, score } from "layerwise";
import type { ClassPrediction, NumberPrediction } from "./predictions.js";

/** Values of metrics by their names; of a confusion matrix its rows. */
export type Scores = Readonly<Record<string, number | number[][]>>;

/** What predictions of classes are worth: {@link score}'s metrics, as the core's guide tells them. */
export interface ClassTargetScores {
  readonly name: string;
  readonly type: "classes";
  readonly rows: number;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly logLoss: number;
  /** NaN where a class has no row, or all. */
  readonly rocAuc: number;
  readonly classes: readonly string[];
  /** The class of each row, as an index. */
  readonly right: Uint32Array;
  /** Rows: the class; columns: what it was taken for. */
  readonly confusionMatrix: readonly (readonly number[])[];
  /** The metrics that were asked for besides. */
  readonly metrics: Scores;
}

/** What predictions of numbers are worth, in the target's unit. */
export interface NumberTargetScores {
  readonly name: string;
  readonly type: "numbers";
  readonly rows: number;
  /** The number of each row. */
  readonly right: Float64Array;
  readonly rootMeanSquaredError: number;
  readonly meanAbsoluteError: number;
  /** NaN where all targets are one. */
  readonly r2: number;
  /** The metrics that were asked for besides. */
  readonly metrics: Scores;
}

export type TargetScores = ClassTargetScores | NumberTargetScores;

export function scoreClasses(
  name: string,
  classes: readonly string[],
  right: Uint32Array,
  probabilities: Matrix,
  asked: readonly Metric[],
): ClassTargetScores {
  const outputs = outputsOf(probabilities);
  const metrics = ["accuracy", "balancedAccuracy", "logLoss", "rocAuc", "confusionMatrix"] as const;
  const own = score(right, outputs, { task: "classes", metrics });
  const { confusionMatrix, ...numbers } = own;
  const more = asked.length === 0 ? {} : score(right, outputs, { task: "classes", metrics: asked });
  return {
    name,
    type: "classes",
    rows: right.length,
    ...numbers,
    classes,
    right,
    confusionMatrix,
    metrics: more,
  };
}

/** Of predicted classes alone: what {@link scoreClasses} has under its name. */
export function logLoss(right: Uint32Array, { probabilities }: ClassPrediction): number {
  return score(right, outputsOf(probabilities), { task: "classes", metrics: ["logLoss"] }).logLoss;
}

/** Of predicted numbers alone: what {@link scoreNumbers} has under its name. */
export function rootMeanSquaredError(right: Float64Array, { values }: NumberPrediction): number {
  const [y, outputs] = [column(right), column(values)];
  return score(y, outputs, { task: "numbers", metrics: ["rootMeanSquaredError"] }).rootMeanSquaredError;
}

/** As a network has them: of two classes how probable the second is. */
function outputsOf(probabilities: Matrix): Matrix {
  return probabilities.cols === 2 ? secondOf(probabilities) : probabilities;
}

function column(values: Float64Array): Matrix {
  return new Matrix(values, values.length, 1);
}

function secondOf({ data, rows }: Matrix): Matrix {
  return new Matrix(
    Float64Array.from({ length: rows }, (_, i) => data[2 * i + 1] ?? 0),
    rows,
    1,
  );
}

export function scoreNumbers(
  name: string,
  right: Float64Array,
  predicted: Float64Array,
  asked: readonly Metric[],
): NumberTargetScores {
  const [y, outputs] = [column(right), column(predicted)];
  const metrics = ["rootMeanSquaredError", "meanAbsoluteError", "r2"] as const;
  const own = score(y, outputs, { task: "numbers", metrics });
  const more = asked.length === 0 ? {} : score(y, outputs, { task: "numbers", metrics: asked });
  return { name, type: "numbers", rows: right.length, right, ...own, metrics: more };
}
