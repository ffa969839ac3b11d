import type { Floats } from "../engine/memory.js";
import { DataError, describe, ShapeError } from "../errors/errors.js";
import { atOnce } from "../platform/breath.js";
import { typedArrayName } from "../platform/realm.js";
import { describeData, hasRows } from "./advice.js";
import { checkPresent, type Numbers, readRows, toFloats } from "./numbers.js";

/**
 * rows × cols numbers, row-major; in data sets a row is an example.
 * A Float32Array or Float64Array is kept as it is, not copied (one over a SharedArrayBuffer is copied);
 * any other is converted. It is frozen; the numbers in `data` may be changed.
 */
export class Matrix {
  readonly data: Float32Array | Float64Array;
  readonly rows: number;
  readonly cols: number;

  /**
   * @param data - rows · cols numbers, row after row
   * Raises ShapeError if the length is another, DataError for what isn't numbers.
   */
  constructor(data: Numbers, rows: number, cols: number) {
    checkCount("rows", rows);
    checkCount("cols", cols);
    this.data = numbersOf("", data, rows, cols);
    this.rows = rows;
    this.cols = cols;
    if (new.target === Matrix) Object.freeze(this); // a class that extends it may have fields of its own
  }

  /** From an array of rows, all of one length. Raises ShapeError or DataError. */
  static from(rows: readonly Numbers[], path = "rows"): Matrix {
    return toMatrix(atOnce(readRows(path, rows)));
  }

  /** The rows as arrays. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) =>
      Array.from(this.data.subarray(i * this.cols, (i + 1) * this.cols)),
    );
  }
}

/**
 * A Matrix as one of this copy of the package, over the same numbers (itself, where it is one): of another realm or
 * copy, or what structuredClone makes of one. Undefined for anything else.
 * Raises ShapeError or DataError for one whose parts don't fit, or whose numbers are gone.
 */
export function asMatrix(path: string, value: unknown): Matrix | undefined {
  if (value instanceof Matrix && isWhole(value)) {
    checkPresent(path, value.data, value.rows * value.cols);
    return value;
  }
  if (!isMatrixLike(value)) return undefined;
  const { data, rows, cols, scale } = value;
  if (scale !== undefined)
    throw new DataError(`${path}.scale`, "none here: the numbers as they are", describe(scale));
  checkCount(`${path}.rows`, rows);
  checkCount(`${path}.cols`, cols);
  return new Matrix(numbersOf(`${path}.`, data, rows, cols), rows, cols);
}

/** A Matrix or an array of rows as a Matrix. Raises ShapeError or DataError. */
export function matrixOf(path: string, value: unknown): Matrix {
  return asMatrix(path, value) ?? atOnce(readMatrix(path, value));
}

/** The same of an array of rows; a generator, so that a long one can be interrupted. Raises ShapeError or DataError. */
export function* readMatrix(path: string, value: unknown): Generator<void, Matrix> {
  if (Array.isArray(value) && (value.length === 0 || hasRows(value))) {
    return toMatrix(yield* readRows(path, value));
  }
  throw new ShapeError(path, "a Matrix or an array of rows", describeData(value));
}

/** The Matrix of rows that were read. */
export function toMatrix({ data, rows, cols }: { data: Floats; rows: number; cols: number }): Matrix {
  return new Matrix(data, rows, cols);
}

/**
 * The error for one element, at the place where its owner finds it: `x[1][2]` in rows, `y[3]` in a vector,
 * `x.data[5]` in a Matrix, with its row and column in words.
 */
export function elementError(
  path: string,
  given: unknown,
  index: number,
  cols: number,
  expected: string,
  got: string,
  more = "",
): DataError {
  const [row, column] = [Math.floor(index / cols), index % cols];
  if (typedArrayName(given) !== undefined) return new DataError(`${path}[${index}]`, expected, got + more);
  if (Array.isArray(given)) {
    const place = hasRows(given) ? `[${row}][${column}]` : `[${index}]`;
    return new DataError(path + place, expected, got + more);
  }
  const words = `${got} at row ${row}, column ${column}${more}`;
  return new DataError(`${path}.data[${index}]`, expected, words);
}

export interface MatrixLike {
  readonly data: unknown;
  readonly rows: unknown;
  readonly cols: unknown;
  readonly scale?: unknown;
}

/** Whether it has what a Matrix has. */
export function isMatrixLike(value: unknown): value is MatrixLike {
  return typeof value === "object" && value !== null && "data" in value && "rows" in value && "cols" in value;
}

/** Whether nobody has put something else into its fields. */
function isWhole({ data, rows, cols }: Matrix): boolean {
  const isFloats = data instanceof Float32Array || data instanceof Float64Array;
  return isFloats && Number.isInteger(rows) && Number.isInteger(cols);
}

function numbersOf(prefix: string, data: unknown, rows: number, cols: number): Floats {
  const numbers = toFloats(`${prefix}data`, data);
  checkLength(`${prefix}data.length`, numbers.length, rows, cols);
  return numbers;
}

/** Raises ShapeError where it isn't rows·cols. */
export function checkLength(path: string, length: number, rows: number, cols: number): void {
  if (length === rows * cols) return;
  throw new ShapeError(path, `rows·cols = ${rows}·${cols} = ${rows * cols}`, `${length}`);
}

/** Raises ShapeError for what is no number of rows or columns. */
export function checkCount(path: string, value: unknown): asserts value is number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new ShapeError(path, "an integer >= 0", describe(value));
  }
}
