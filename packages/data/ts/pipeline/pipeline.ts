import { ConfigError, DataError, Matrix } from "layerwise";
import type { ColumnSchema, TextOptions } from "../csv/options.js";
import { counted, describe, listed } from "../platform/describe.js";
import { checkOptions, oneOf } from "../platform/options.js";
import type { Note } from "../table/note.js";
import type { Row } from "../table/row-assembler.js";
import { Table } from "../table/table.js";
import { tableFrom } from "../table/table-from.js";
import { checkPipeline } from "./check-json.js";
import { type Encoder, encoderOf } from "./encoders.js";
import type { IgnoredColumn, PipelineJson, PreparedColumn, Target } from "./plan.js";
import { targetNumbers } from "./target-numbers.js";

/** Numbers that a network takes, and what there is to say about them. */
export interface Prepared {
  /** rows × features. */
  readonly x: Matrix;
  /**
   * What the network's outputs are compared with: standardised numbers (rows × targets), 0 and 1 of two classes, or a class
   * index a row. Undefined where the rows don't have the target.
   */
  readonly y: Matrix | Uint32Array | undefined;
  /** Levels that weren't in the training rows, and how they were taken. */
  readonly notes: readonly Note[];
}

/** Options of a reader, by what a pipeline knows. */
export type ReadOptions = Pick<TextOptions, "schema" | "dateOrder">;

/** What {@link Pipeline.transform} takes. */
export interface TransformOptions {
  /** Of the numbers of x and y. Default "float32". */
  readonly dtype?: "float32" | "float64";
}

/** Where a column's numbers stand in a row of x. */
export interface ColumnNumbers {
  readonly name: string;
  readonly at: number;
  readonly width: number;
}

/** A preparation that was fitted to training rows: the same for all rows to come. Made by {@link fitPipeline}. */
export class Pipeline {
  readonly columns: readonly PreparedColumn[];
  readonly ignored: readonly IgnoredColumn[];
  readonly targets: readonly Target[];
  /** Names of the numbers that a network takes, in their order. */
  readonly features: readonly string[];
  /** What was decided when it was fitted. */
  readonly notes: readonly Note[];
  readonly #json: PipelineJson;
  readonly #encoders: readonly Encoder[];

  /** @internal */
  constructor(json: PipelineJson, notes: readonly Note[] = []) {
    this.#json = json;
    this.columns = json.columns;
    this.ignored = json.ignored;
    this.targets = json.targets;
    this.notes = notes;
    this.#encoders = json.columns.map(encoderOf);
    this.features = this.#encoders.flatMap(({ features }) => features);
    if (this.features.length === 0) throw new ConfigError("pipeline.columns", "at least one number", "none");
  }

  /** Of what {@link toJSON} gave, all of it checked. Raises ConfigError. */
  static fromJSON(json: unknown): Pipeline {
    return new Pipeline(checkPipeline(structuredClone(json)));
  }

  toJSON(): PipelineJson {
    return this.#json;
  }

  /**
   * Rows, as a table or as objects, as the numbers that a network takes. Columns that it doesn't know are left alone. Raises
   * DataError for a column that isn't there or of another type, and for a target that is missing in a row or that has a class of its own.
   */
  transform(data: Table | readonly Row[], options?: TransformOptions): Prepared {
    const { dtype = "float32" } = checkOptions("transform", options, ["dtype"]);
    oneOf("dtype", dtype, ["float32", "float64"]);
    const table = this.read(data);
    const stride = this.features.length;
    const numbers = table.rows * stride;
    const x = dtype === "float32" ? new Float32Array(numbers) : new Float64Array(numbers);
    const notes: Note[] = [];
    this.columnNumbers().forEach(({ name, at }, i) => {
      const unseen = this.#encoders[i]?.write(table.column(name), x, at, stride);
      if (unseen !== undefined && unseen.rows > 0) {
        const message = `${counted(unseen.levels.length, "level")} in ${counted(unseen.rows, "row")} that training didn't know, or from too few rows: ${listed(unseen.levels)}`;
        notes.push({ kind: "unseen", column: name, message });
      }
    });
    const hasTargets = this.targets.every(({ name }) => table.has(name));
    const y = hasTargets ? targetNumbers(this.targets, table, dtype) : undefined;
    return { x: new Matrix(x, table.rows, stride), y, notes };
  }

  /** @internal Of each of its columns. */
  columnNumbers(): ColumnNumbers[] {
    let at = 0;
    return this.columns.map(({ name }, i) => {
      const width = this.#encoders[i]?.features.length ?? 0;
      at += width;
      return { name, at: at - width, width };
    });
  }

  /** Objects as a table whose columns have the types that they had in training; a table as it is. Raises DataError. */
  read(data: Table | readonly Row[]): Table {
    const table = data instanceof Table ? data : this.#tableOf(data);
    for (const { name } of this.columns) table.column(name);
    return table;
  }

  #tableOf(rows: readonly Row[]): Table {
    if (!Array.isArray(rows)) throw new DataError("rows", "a Table or an array of objects", describe(rows));
    const names = new Set(
      rows.flatMap((row) => (typeof row === "object" && row !== null ? Object.keys(row) : [])),
    );
    const known = [...this.columns, ...this.targets]
      .filter(({ name }) => names.has(name))
      .map(({ name }) => name);
    const missingNames = this.columns.filter(({ name }) => !names.has(name)).map(({ name }) => name);
    if (missingNames.length > 0)
      throw new DataError("rows", `the columns ${listed(missingNames)}`, listed([...names]));
    const picked = rows.map((row) => Object.fromEntries(known.map((name) => [name, row?.[name]])));
    return tableFrom(picked, this.readOptions());
  }

  /**
   * What to read a file with, so that its columns have the types that they had in training: `readCsv(path, pipeline.readOptions())`.
   * The targets may be there or not.
   */
  readOptions(): ReadOptions {
    const schema: Record<string, ColumnSchema> = {};
    let dateOrder: "dmy" | "mdy" | undefined;
    for (const column of this.columns) {
      schema[column.name] = { type: column.type, missing: column.missing };
      if (column.type === "date" && column.order !== "ymd") dateOrder = column.order;
    }
    for (const { name, type, missing } of this.targets) {
      schema[name] = { type: type === "number" ? "number" : "category", missing };
    }
    return { schema, ...(dateOrder === undefined ? {} : { dateOrder }) };
  }
}
