import { checkChoice, readOptions } from "../config/validation.js";
import type { Labels } from "../data/examples.js";
import { asMatrix, elementError, type Matrix, matrixOf } from "../data/matrix.js";
import { type Numbers, toFloats } from "../data/numbers.js";
import { toWeights } from "../data/weights.js";
import type { Floats } from "../engine/memory.js";
import { ShapeError } from "../errors/errors.js";
import { atOnce } from "../platform/breath.js";
import type { Answers } from "./answers.js";
import { type Metric, type MetricScores, resolveMetrics } from "./metric.js";
import { metricValue } from "./metric-value.js";

/** What predictions are: numbers, of classes, or of several yes-or-no questions. */
export const TASKS = ["numbers", "classes", "labels"] as const;

export type Task = (typeof TASKS)[number];

/** What {@link score} takes. */
export interface ScoreOptions<Asked extends readonly Metric[] = readonly Metric[]> {
  /**
   * - `"numbers"`: y and predictions are m × n numbers
   * - `"classes"`: y is a class index for each row, and predictions are m × n, a number for each class; or y is 0 or 1 and
   *   predictions are m × 1, how probable 1 is
   * - `"labels"`: y is m × n of 0 or 1, predictions how probable each 1 is
   */
  readonly task: Task;
  /** As {@link Network.evaluate} takes them. */
  readonly metrics: Asked;
  /** How much each row counts: finite numbers ≥ 0, not all 0. Default: all alike. */
  readonly sampleWeight?: Numbers;
}

/**
 * Metrics of predictions from anywhere, such as the mean of several networks': the same values as
 * {@link Network.evaluate} gives. What a row is taken for is the first class with the largest number, and 1 where it is above 0.5.
 * Raises ConfigError, ShapeError or DataError.
 */
export function score<
  Label extends string,
  Asked extends readonly (Metric & (string | { readonly name?: Label }))[],
>(y: Labels, predictions: Matrix | readonly Numbers[], options: ScoreOptions<Asked>): MetricScores<Asked> {
  const { task: given, metrics, sampleWeight } = readOptions("score", "options", options);
  const task = checkChoice("task", given, TASKS);
  const outputs = matrixOf("predictions", predictions);
  const { rows: m, cols: n } = outputs;
  if (m === 0 || n === 0) throw new ShapeError("predictions", "at least one row and one column", `${m}×${n}`);
  checkNumbers("predictions", predictions, outputs, "a finite number", Number.isFinite);
  const kind = task === "classes" ? (n === 1 ? "binary" : "classes") : task;
  const answers: Answers = {
    kind,
    targets: targetsOf(y, kind, m, n),
    outputs: outputs.data,
    chosen: chosenOf(kind, outputs),
    m,
    n,
    weights: sampleWeight === undefined ? undefined : atOnce(toWeights(sampleWeight, m, "float64")),
    epsilon: outputs.data instanceof Float32Array ? 2 ** -23 : 2 ** -52,
  };
  const resolved = resolveMetrics(
    "metrics",
    metrics,
    {
      of: kind === "numbers" ? "numbers" : "classes",
      isBinary: kind === "binary",
      isSoftmax: kind === "classes",
      hasProbabilities: kind !== "numbers" && outputs.data.every((p) => p >= 0 && p <= 1),
    },
    [],
  );
  const scores = resolved.map((metric) => [metric.key, metricValue(metric, answers)]);
  return Object.fromEntries(scores) as MetricScores<Asked>;
}

/** A number for each row, or for each row and column. */
function targetsOf(y: unknown, kind: Answers["kind"], m: number, n: number): Floats {
  const cols = kind === "classes" ? 1 : n;
  const isRows = Array.isArray(y) && Array.isArray(y[0]);
  const matrix = asMatrix("y", y) ?? (isRows ? matrixOf("y", y) : undefined);
  const data = matrix?.data ?? toFloats("y", y);
  const [rows, width] = [matrix?.rows ?? data.length, matrix?.cols ?? 1];
  if (rows !== m || width !== cols) {
    throw new ShapeError("y", `${m}×${cols}, as the predictions are`, `${rows}×${width}`);
  }
  const highest = kind === "classes" ? n - 1 : 1;
  const [words, holds] =
    kind === "numbers"
      ? ["a finite number", Number.isFinite]
      : [
          kind === "classes" ? `a class index: an integer in [0, ${highest}]` : "0 or 1",
          (value: number) => Number.isInteger(value) && value >= 0 && value <= highest,
        ];
  checkNumbers("y", y, { data, rows, cols }, words, holds);
  return data;
}

function checkNumbers(
  path: string,
  given: unknown,
  { data, cols }: Pick<Matrix, "data" | "rows" | "cols">,
  expected: string,
  holds: (value: number) => boolean,
): void {
  const bad = data.findIndex((value) => !holds(value));
  if (bad >= 0) throw elementError(path, given, bad, cols, expected, `${data[bad]}`);
}

/** What each row is taken for. */
function chosenOf(kind: Answers["kind"], { data, rows, cols }: Matrix): Uint32Array {
  if (kind !== "classes") return Uint32Array.from(data, (value) => Number(value > 0.5));
  return Uint32Array.from({ length: rows }, (_, i) => {
    let best = 0;
    for (let k = 1; k < cols; k++) if ((data[i * cols + k] ?? 0) > (data[i * cols + best] ?? 0)) best = k;
    return best;
  });
}
