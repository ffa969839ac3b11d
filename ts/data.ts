import { CHUNK } from "./breath.js";
import type { Dtype, NetworkConfig } from "./config.js";
import { DataError, describe, ShapeError } from "./errors.js";
import { allFinite } from "./finite.js";
import { countWhere, Matrix, type Numbers, toFloats } from "./matrix.js";
import type { Instance } from "./wasm/kernels.js";

/** Inputs of a network: a matrix, or an array of rows (one example each). */
export type Inputs = Matrix | readonly (readonly number[])[];

/**
 * Labels: for sigmoid outputs 0 or 1 a unit (m numbers, or m × n_L); for softmax a class index in
 * [0, n_L) an example, or one-hot rows (m × n_L).
 */
export type Labels = Matrix | Numbers | readonly (readonly number[])[];

type Floats = Float32Array | Float64Array;

/** A data set in the network's dtype; m ≥ 1 rows of x and of labels. */
export interface Examples {
  readonly x: Floats;
  readonly labels: Floats;
  readonly m: number;
  readonly inputs: number;
  readonly labelWidth: number;
}

/**
 * Checks and converts a data set. A generator, so that a long one can be interrupted between chunks.
 * Raises ShapeError or DataError.
 */
export function* toExamples(
  x: unknown,
  y: unknown,
  config: NetworkConfig,
  instance: Instance,
): Generator<void, Examples> {
  const matrix = checkInputShape(x, config);
  const labels = toLabels(y, matrix.rows, config);
  return {
    x: yield* toDtype("x", matrix, config.dtype, instance),
    labels,
    m: matrix.rows,
    inputs: matrix.cols,
    labelWidth: labels.length / matrix.rows,
  };
}

/** Checks and converts inputs alone. Raises ShapeError or DataError. */
export function* toInputs(
  x: unknown,
  config: NetworkConfig,
  instance: Instance,
): Generator<void, { readonly x: Floats; readonly m: number }> {
  const matrix = checkInputShape(x, config);
  return { x: yield* toDtype("x", matrix, config.dtype, instance), m: matrix.rows };
}

/** Runs a generator of the above to its end without a break. */
export function atOnce<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Raises DataError for numbers that are no longer there: a buffer that is transferred leaves an empty array. */
export function checkAttached(path: string, data: Floats, length: number): void {
  if (data.length !== length) {
    throw new DataError(path, `${length} numbers`, `${data.length}: its buffer was detached`);
  }
}

function checkInputShape(x: unknown, config: NetworkConfig): Matrix {
  const matrix = toMatrix("x", x);
  const inputs = config.layerDims[0] ?? 0;
  const { rows, cols } = matrix;
  if (rows === 0) throw new ShapeError("x", "at least one example (row)", "0 rows");
  if (cols !== inputs) {
    const transposed =
      rows === inputs ? ` (read as one example a column it is ${cols} examples: transpose it)` : "";
    throw new ShapeError("x", `m×${inputs}, one example a row`, `${rows}×${cols}${transposed}`);
  }
  checkAttached("x", matrix.data, rows * cols);
  return matrix;
}

function toMatrix(path: string, value: unknown): Matrix {
  if (value instanceof Matrix) return value;
  if (Array.isArray(value) && (value.length === 0 || Array.isArray(value[0])))
    return Matrix.from(value, path);
  if (typeof value === "object" && value !== null && (ArrayBuffer.isView(value) || Array.isArray(value))) {
    throw new ShapeError(
      path,
      "a Matrix or an array of rows",
      `${describe(value)} (new Matrix(data, rows, cols) makes one)`,
    );
  }
  throw new ShapeError(path, "a Matrix or an array of rows", describe(value));
}

/** The data in `dtype` (as it is, if it is so already), every number finite. */
function* toDtype(path: string, matrix: Matrix, dtype: Dtype, instance: Instance): Generator<void, Floats> {
  const { data } = matrix;
  const { length } = data;
  const converted =
    dtype === "float32"
      ? data instanceof Float32Array
        ? data
        : new Float32Array(data.length)
      : data instanceof Float64Array
        ? data
        : new Float64Array(data.length);
  for (let start = 0; start < length; start += CHUNK) {
    checkAttached(path, data, length);
    const end = Math.min(start + CHUNK, length);
    if (converted !== data) converted.set(data.subarray(start, end), start);
    if (!allFinite(instance, converted.subarray(start, end))) throw nonFinite(path, matrix, converted);
    yield;
  }
  return converted;
}

function nonFinite(path: string, matrix: Matrix, converted: Floats): DataError {
  const isBad = (i: number) => !Number.isFinite(converted[i] ?? 0);
  const first = converted.findIndex((_, i) => isBad(i));
  const original = matrix.data[first] ?? 0;
  const overflow = Number.isFinite(original) ? `${original}, which overflows float32` : String(original);
  const count = countWhere(converted.length, isBad);
  const place = `row ${Math.floor(first / matrix.cols)}, column ${first % matrix.cols}`;
  return new DataError(
    `${path}[${first}]`,
    "finite numbers",
    `${overflow} at ${place} (${count} such in all)`,
  );
}

/** Labels in the network's dtype: a row of 0 and 1 a unit, or a class index an example. */
function toLabels(y: unknown, m: number, config: NetworkConfig): Floats {
  const outputs = config.layerDims[config.layerDims.length - 1] ?? 0;
  const rows = Array.isArray(y) && Array.isArray(y[0]) ? Matrix.from(y, "y") : y;
  const softmax = config.outputActivation === "softmax";
  const floats = rows instanceof Matrix ? rows.data : toVector(rows);
  const width = rows instanceof Matrix ? rows.cols : 1;
  const count = rows instanceof Matrix ? rows.rows : floats.length;
  const widths = softmax ? [1, outputs] : [outputs];
  if (count !== m || !widths.includes(width)) {
    const shapes = widths.map((w) => `${m}×${w}`).join(" or ");
    const transposed = width === m && widths.includes(count) ? " (one example a row: transpose it)" : "";
    throw new ShapeError("y", `${shapes}, as many rows as x`, `${count}×${width}${transposed}`);
  }
  checkAttached("y", floats, count * width);
  const labels = new (config.dtype === "float32" ? Float32Array : Float64Array)(softmax ? m : m * width);
  if (softmax && width > 1) return fromOneHot(floats, m, width, labels);
  const highest = softmax ? outputs - 1 : 1;
  const expected = softmax ? `a class index: an integer in [0, ${highest}]` : "0 or 1";
  const isLabel = (value: number) => Number.isInteger(value) && value >= 0 && value <= highest;
  for (let i = 0; i < floats.length; i++) {
    const value = floats[i] ?? 0;
    if (!isLabel(value)) {
      const wrong = countWhere(floats.length, (j) => !isLabel(floats[j] ?? 0));
      throw new DataError(`y[${i}]`, expected, `${value} (${wrong} such in all)`);
    }
    labels[i] = value;
  }
  return labels;
}

function toVector(y: unknown): Floats {
  if (typeof y !== "object" || y === null) {
    throw new ShapeError("y", "a Matrix, an array or a typed array", describe(y));
  }
  return toFloats("y", y);
}

/** The index of the 1 in each row. */
function fromOneHot(oneHot: Floats, m: number, classes: number, labels: Floats): Floats {
  for (let i = 0; i < m; i++) {
    const row = oneHot.subarray(i * classes, (i + 1) * classes);
    const ones = countWhere(classes, (j) => row[j] === 1);
    const zeros = countWhere(classes, (j) => row[j] === 0);
    if (ones !== 1 || zeros !== classes - 1) {
      throw new DataError(
        `y[${i}]`,
        "a one-hot row: a single 1, else 0",
        `[${[...row].slice(0, 10).join(", ")}]`,
      );
    }
    labels[i] = row.indexOf(1);
  }
  return labels;
}
