import type { Matrix } from "layerwise";
import { log } from "../pipeline/elementary.js";
import { likeliest } from "./predictions.js";

/** What predictions of classes are worth. */
export interface ClassTargetScores {
  readonly name: string;
  readonly type: "classes";
  readonly rows: number;
  /** The share of rows whose class is the likeliest. */
  readonly accuracy: number;
  /** The mean recall of the classes that there are. */
  readonly balancedAccuracy: number;
  /** −mean log p of the right class, p at least 1e-15. */
  readonly logLoss: number;
  /**
   * The probability that a row of a class gets a larger p of it than one of the others, ties halved; of more than two classes
   * the mean over each against the rest. NaN where a class has no row or all.
   */
  readonly rocAuc: number;
  readonly classes: readonly string[];
  /** Rows: the class; columns: what it was taken for. */
  readonly confusion: readonly (readonly number[])[];
}

/** What predictions of numbers are worth, in the target's unit. */
export interface NumberTargetScores {
  readonly name: string;
  readonly type: "numbers";
  readonly rows: number;
  readonly rootMeanSquaredError: number;
  readonly meanAbsoluteError: number;
  /** 1 − Σ(y − a)² / Σ(y − mean y)²; NaN where all y are one. */
  readonly r2: number;
}

export type TargetScores = ClassTargetScores | NumberTargetScores;

const LEAST_PROBABILITY = 1e-15;

export function scoreClasses(
  name: string,
  classes: readonly string[],
  right: Uint32Array,
  probabilities: Matrix,
): ClassTargetScores {
  const count = classes.length;
  const confusion = classes.map(() => new Array<number>(count).fill(0));
  let logs = 0;
  right.forEach((k, i) => {
    const row = confusion[k];
    const taken = likeliest(probabilities, i);
    if (row !== undefined) row[taken] = (row[taken] ?? 0) + 1;
    logs -= log(Math.max(probabilities.data[i * count + k] ?? 0, LEAST_PROBABILITY));
  });
  const correct = confusion.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
  const recalls = confusion.flatMap((row, k) => {
    const rows = row.reduce((sum, cell) => sum + cell, 0);
    return rows === 0 ? [] : [(row[k] ?? 0) / rows];
  });
  const areas =
    count === 2 ? [areaOf(right, probabilities, 1)] : classes.map((_, k) => areaOf(right, probabilities, k));
  return {
    name,
    type: "classes",
    rows: right.length,
    accuracy: correct / right.length,
    balancedAccuracy: meanOf(recalls),
    logLoss: logs / right.length,
    rocAuc: meanOf(areas),
    classes,
    confusion,
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** (Σ ranks of the class − n₁(n₁ + 1)/2) / (n₁·n₀), equal numbers having the mean of their ranks (Mann & Whitney 1947). */
function areaOf(right: Uint32Array, { data, cols }: Matrix, k: number): number {
  const order = Array.from(right, (_, i) => i).sort(
    (a, b) => (data[a * cols + k] ?? 0) - (data[b * cols + k] ?? 0),
  );
  let ranks = 0;
  let inside = 0;
  for (let start = 0; start < order.length; ) {
    const value = data[(order[start] ?? 0) * cols + k];
    let end = start;
    let here = 0;
    while (end < order.length && data[(order[end] ?? 0) * cols + k] === value) {
      if (right[order[end] ?? 0] === k) here += 1;
      end += 1;
    }
    ranks += (here * (start + 1 + end)) / 2;
    inside += here;
    start = end;
  }
  return (ranks - (inside * (inside + 1)) / 2) / (inside * (right.length - inside));
}

export function scoreNumbers(name: string, right: Float64Array, predicted: Float64Array): NumberTargetScores {
  const rows = right.length;
  const mean = right.reduce((sum, value) => sum + value / rows, 0);
  let [squares, sizes, spread] = [0, 0, 0];
  right.forEach((value, i) => {
    const error = value - (predicted[i] ?? Number.NaN);
    squares += error * error;
    sizes += Math.abs(error);
    spread += (value - mean) * (value - mean);
  });
  return {
    name,
    type: "numbers",
    rows,
    rootMeanSquaredError: Math.sqrt(squares / rows),
    meanAbsoluteError: sizes / rows,
    r2: spread === 0 ? Number.NaN : 1 - squares / spread,
  };
}
