import { DataError, Matrix, type Metric, StateError } from "layerwise";
import { encodeOnnx } from "../onnx/encode-onnx.js";
import type { Pipeline, Prepared } from "../pipeline/pipeline.js";
import type { Target } from "../pipeline/plan.js";
import { classIndices, plainNumbers, unknownRows } from "../pipeline/target-numbers.js";
import { counted, listed } from "../platform/describe.js";
import { checkFunctions, checkOptions } from "../platform/options.js";
import { isMissing, valueAt } from "../table/column.js";
import type { Note } from "../table/note.js";
import type { Row } from "../table/row-assembler.js";
import type { Table } from "../table/table.js";
import type { AnyNetwork } from "./any-network.js";
import { type ColumnImportance, columnImportance, type ExplainOptions, rowsToExplain } from "./explain.js";
import { encodeFile } from "./model-file.js";
import { type Predictions, predictionsOf } from "./predictions.js";
import { scoreClasses, scoreNumbers, type TargetScores } from "./scores.js";
import type { TrainingSummary } from "./training-summary.js";
import { writeFile } from "./write-file.js";

/** What {@link Model.evaluate} takes. */
export interface ModelEvaluateOptions {
  /** Further metrics, as the core's `score` takes them. */
  readonly metrics?: readonly Metric[];
}

/** What a model is worth on some rows. */
export interface Evaluation {
  /** For each target. */
  readonly targets: readonly TargetScores[];
  readonly predictions: Predictions;
  /** Which of the rows that were given these are: those with all targets, of classes that the model knows. */
  readonly indices: readonly number[];
  readonly notes: readonly Note[];
}

/** A preparation of columns and one or more networks, whose answers are averaged. Made by `trainModel` or `loadModel`. */
export class Model {
  readonly pipeline: Pipeline;
  readonly networks: readonly AnyNetwork[];
  /** What is known of its training; it is in the file too. */
  readonly training: TrainingSummary;
  #disposed = false;

  /** @internal */
  constructor(pipeline: Pipeline, networks: readonly AnyNetwork[], training: TrainingSummary) {
    this.pipeline = pipeline;
    this.networks = networks;
    this.training = training;
  }

  /**
   * Names of classes and their probabilities, or numbers in their unit, for rows as a table or as objects. Raises DataError for
   * columns that aren't there or of another type.
   */
  predict(data: Table | readonly Row[]): Predictions {
    this.#checkUsable();
    const { x, notes } = this.#prepared(this.pipeline.read(data));
    return predictionsOf(this.pipeline.targets, this.#outputs(x), notes);
  }

  /** How well it predicts rows whose targets are known; rows without one are left out, and that is said. Raises DataError. */
  evaluate(data: Table | readonly Row[], options?: ModelEvaluateOptions): Evaluation {
    const { metrics = [] } = checkOptions("evaluate", options, ["metrics"]);
    const { targets } = this.pipeline;
    const { table, indices, notes } = scoredRows(this.pipeline.read(data), targets);
    const predictions = this.predict(table);
    const scores = targets.map((target, t): TargetScores => {
      const prediction = predictions.targets[t];
      if (target.type === "classes" && prediction?.type === "classes") {
        const right = classIndices(target, table);
        return scoreClasses(target.name, target.classes, right, prediction.probabilities, metrics);
      }
      if (target.type === "number" && prediction?.type === "numbers") {
        return scoreNumbers(target.name, plainNumbers(target, table), prediction.values, metrics);
      }
      throw new StateError(`target ${target.name}`, "a prediction of its type", `${prediction?.type}`);
    });
    return { targets: scores, predictions, indices, notes: [...notes, ...predictions.notes] };
  }

  /**
   * What each column is worth to it on these rows, whose targets are known: permutation importance (Breiman 2001). For each
   * column how much worse the model gets when its values are shuffled among the rows, five times, or twice where there are more
   * than 100 columns; the worst column to lose first. The score is the log loss of classes and the root of the mean squared
   * error of numbers; of several targets the mean. At most 5,000 rows, evenly taken, are looked at. Raises ConfigError or DataError.
   */
  explain(data: Table | readonly Row[], options?: ExplainOptions): ColumnImportance[] {
    const given = checkOptions("explain", options, ["onColumn"]);
    checkFunctions({ onColumn: given.onColumn });
    this.#checkUsable();
    const { targets } = this.pipeline;
    const { table } = scoredRows(rowsToExplain(this.pipeline.read(data)), targets);
    const columns = this.pipeline.columnNumbers();
    const asked = { targets, columns, seed: this.training.seed, outputs: (x: Matrix) => this.#outputs(x) };
    return columnImportance(asked, table, this.#prepared(table).x, given);
  }

  /** The model file: networks, preparation, and what is known of the training. */
  toBytes(): Uint8Array {
    this.#checkUsable();
    return encodeFile(this.pipeline, this.networks, this.training);
  }

  /** Writes the model file, where there is a file system: whole, or not at all. Raises StorageError. */
  async save(path: string | URL): Promise<void> {
    await writeFile(path, this.toBytes());
  }

  /**
   * An ONNX model of all of it, preparation and the networks' mean. Its inputs are the raw columns, each batch × 1 under its name: numbers
   * as float64 (NaN: missing), dates as float64 in milliseconds since 1970, categories, true and false as texts (`""` or a missing
   * mark: missing). Its outputs are, for each target, its name (batch × 1: numbers in their unit, or labels) and of classes
   * `<name>: probabilities` (batch × classes, in the order that `metadata_props` has under `classes`). Raises ConfigError for an
   * activation that ONNX doesn't have, ResourceError for a model of over 2 GiB.
   */
  toOnnx(): Uint8Array {
    this.#checkUsable();
    return encodeOnnx(this.pipeline, this.networks);
  }

  /** Gives back the networks' memory. */
  dispose(): void {
    this.#disposed = true;
    for (const network of this.networks) network.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkUsable(): void {
    if (this.#disposed) throw new StateError("model", "one that wasn't disposed of", "dispose()");
  }

  /** What the networks take, without the targets. */
  #prepared(table: Table): Prepared {
    const dtype = this.networks[0]?.config.dtype ?? "float32";
    return this.pipeline.transform(table.pick(this.pipeline.columns.map(({ name }) => name)), { dtype });
  }

  /** The mean of all networks' outputs, in float64 and in the networks' order. */
  #outputs(x: Matrix): Matrix {
    const outputs = this.networks.map((network) => network.predict(x));
    const [first] = outputs;
    if (first === undefined) throw new StateError("model.networks", "at least one", "none");
    const mean = new Float64Array(first.data.length);
    for (const { data } of outputs)
      for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (data[i] ?? 0);
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) / outputs.length;
    return new Matrix(mean, first.rows, first.cols);
  }
}

/** The rows that can be scored: those with all targets, of classes that the model knows. Raises DataError where there is none. */
function scoredRows(
  whole: Table,
  targets: readonly Target[],
): { table: Table; indices: readonly number[]; notes: readonly Note[] } {
  const names = targets.map(({ name }) => name);
  const given = withTargets(whole, names);
  const unknown = targets.flatMap((target) =>
    target.type === "classes" ? [{ name: target.name, rows: unknownRows(target, given.table) }] : [],
  );
  const out = new Set(unknown.flatMap(({ rows }) => rows));
  // Where no row is of a class that it knows, that is an error, which names one.
  if (out.size === 0 || out.size === given.table.rows) return given;
  const rows = given.indices.map((_, i) => i).filter((i) => !out.has(i));
  const notes = unknown.flatMap(({ name, rows: some }): Note[] => {
    const classes = new Set(some.map((row) => `${valueAt(given.table.column(name), row)}`));
    const message = `${counted(some.length, "row")} left out, of classes that no training row had: ${listed([...classes])}`;
    return some.length === 0 ? [] : [{ kind: "dropped", column: name, message }];
  });
  return {
    table: given.table.select(rows),
    indices: rows.map((i) => given.indices[i] ?? -1),
    notes: [...given.notes, ...notes],
  };
}

/** The rows that have all targets, and a word on the others. Raises DataError where none has. */
export function withTargets(
  table: Table,
  targets: readonly string[],
): { table: Table; indices: readonly number[]; notes: Note[] } {
  const columns = targets.map((name) => table.column(name));
  const rows: number[] = [];
  for (let i = 0; i < table.rows; i++) if (!columns.some((column) => isMissing(column, i))) rows.push(i);
  if (rows.length === table.rows) return { table, indices: rows, notes: [] };
  if (rows.length === 0) throw new DataError(`target ${targets.join(", ")}`, "values", "none in any row");
  const message = `${table.rows - rows.length} rows without a target left out`;
  return { table: table.select(rows), indices: rows, notes: [{ kind: "dropped", message }] };
}
