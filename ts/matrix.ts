import { DataError, describe, ShapeError } from "./errors.js";

/** Numbers that a {@link Matrix} can be made of. */
export type Numbers =
  | readonly number[]
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/**
 * rows × cols numbers, row-major; in data sets a row is an example.
 * A Float32Array or Float64Array is kept as it is, not copied (one over a SharedArrayBuffer is copied);
 * any other is converted.
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
    const numbers = toFloats("data", data);
    if (numbers.length !== rows * cols) {
      const detached =
        numbers.length === 0 && ArrayBuffer.isView(data) ? " (an empty or detached buffer)" : "";
      throw new ShapeError(
        "data.length",
        `rows·cols = ${rows}·${cols} = ${rows * cols}`,
        `${numbers.length}${detached}`,
      );
    }
    this.data = numbers;
    this.rows = rows;
    this.cols = cols;
  }

  /** From an array of rows, all of one length. */
  static from(rows: readonly (readonly number[])[], path = "rows"): Matrix {
    if (!Array.isArray(rows)) throw new ShapeError(path, "an array of rows", describe(rows));
    const first: unknown = rows[0];
    const cols = Array.isArray(first) ? first.length : 0;
    const data = new Float64Array(rows.length * cols);
    for (let i = 0; i < rows.length; i++) {
      const row: unknown = rows[i];
      if (!Array.isArray(row)) throw new ShapeError(`${path}[${i}]`, "an array of numbers", describe(row));
      if (row.length !== cols) {
        throw new ShapeError(`${path}[${i}]`, `${cols} numbers like row 0`, `${row.length}`);
      }
      copyNumbers(`${path}[${i}]`, row, data, i * cols);
    }
    return new Matrix(data, rows.length, cols);
  }

  /** The rows as arrays. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) =>
      Array.from(this.data.subarray(i * this.cols, (i + 1) * this.cols)),
    );
  }
}

/** Floats of any numbers: float arrays as they are (but never over shared memory), others converted. */
export function toFloats(path: string, data: unknown): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    return isShared(data) ? data.slice() : data;
  }
  if (
    data instanceof Int8Array ||
    data instanceof Uint8Array ||
    data instanceof Uint8ClampedArray ||
    data instanceof Int16Array ||
    data instanceof Uint16Array
  ) {
    return Float32Array.from(data); // Exact: 16 bits fit a float32's 24.
  }
  if (data instanceof Int32Array || data instanceof Uint32Array) return Float64Array.from(data);
  if (!Array.isArray(data)) {
    throw new DataError(path, "an array or typed array of numbers", describe(data));
  }
  const floats = new Float64Array(data.length);
  copyNumbers(path, data, floats, 0);
  return floats;
}

function isShared(data: Float32Array | Float64Array): boolean {
  return typeof SharedArrayBuffer === "function" && data.buffer instanceof SharedArrayBuffer;
}

/** to[at …] ← from, where every entry must be a number (no hole, no string). */
function copyNumbers(path: string, from: readonly unknown[], to: Float64Array, at: number): void {
  for (let i = 0; i < from.length; i++) {
    const value = from[i];
    if (typeof value !== "number") {
      const wrong = countWhere(from.length, (j) => typeof from[j] !== "number");
      const got = i in from ? describe(value) : "a hole";
      throw new DataError(`${path}[${i}]`, "a number", `${got} (${wrong} such in all)`);
    }
    to[at + i] = value;
  }
}

/** How many of 0 … length−1 hold. */
export function countWhere(length: number, holds: (index: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (holds(i)) count++;
  return count;
}

function checkCount(path: string, value: unknown): void {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new ShapeError(path, "an integer >= 0", describe(value));
  }
}
