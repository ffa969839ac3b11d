import { architectureOf } from "../config/architecture.js";
import { BYTES, type Dtype } from "../config/dtype.js";
import type { NetworkConfig } from "../config/network-config.js";
import type { Engine } from "../engine/engine.js";
import type { Floats } from "../engine/memory.js";
import { DataError, ShapeError } from "../errors/errors.js";
import { CHUNK } from "../platform/breath.js";
import { type ReadInputs, readInputs } from "./inputs.js";
import { type ClassIndices, toLabels } from "./labels.js";
import { elementError, type Matrix } from "./matrix.js";
import { checkPresent, countWhere, type Numbers, newFloats } from "./numbers.js";
import { type ScaledNumbers, scaleInto } from "./scaled.js";
import { toWeights } from "./weights.js";

export type { Inputs } from "./inputs.js";

/**
 * What the loss compares outputs with: for linear outputs a number per unit (m numbers, or m × n_L); for sigmoid 0 or 1 per
 * unit; for softmax a class index in [0, n_L) per example, or one-hot rows (m × n_L). With `softLabels` shares in [0, 1].
 */
export type Labels = Matrix | Numbers | readonly Numbers[];

/** A data set in the network's dtype; m ≥ 1 rows of x and of labels. */
export interface Examples extends ScaledNumbers {
  /** m × inputs, row-major: numbers, or bytes that stand for themselves times the scale. */
  readonly x: Floats | Uint8Array;
  readonly scale: number;
  /** m × labelWidth: a number for each unit, or of a softmax a class index in [0, n_L). */
  readonly labels: Floats | ClassIndices;
  readonly m: number;
  readonly inputs: number;
  /** n_L; 1 for class indices. */
  readonly labelWidth: number;
  /** w of each example; undefined: all weigh 1. */
  readonly weights: Float64Array | undefined;
  /** Whether x is the caller's own array, who may change it while this call waits. */
  readonly borrowed: boolean;
}

/** Whether the numbers of x may be the caller's own array, for a call that is over before the caller goes on. */
export type Ownership = "borrowed" | "copied";

/**
 * Checks and converts a data set. A generator, so that a long one can be interrupted between chunks: `copied`, each
 * chunk is copied first and then checked, so that what the caller changes meanwhile isn't used unchecked.
 * Raises ShapeError or DataError.
 */
export function* toExamples(
  x: unknown,
  y: unknown,
  config: NetworkConfig,
  engine: Engine,
  ownership: Ownership = "borrowed",
  sampleWeight?: unknown,
): Generator<void, Examples> {
  const matrix = checkInputShape(yield* readInputs("x", x), config);
  const labels = yield* toLabels(y, matrix.rows, config);
  const weights =
    sampleWeight === undefined ? undefined : yield* toWeights(sampleWeight, matrix.rows, config.dtype);
  const converted = yield* toDtype("x", x, matrix, config.dtype, engine, ownership);
  return {
    ...converted,
    borrowed: converted.x === matrix.data && !Array.isArray(x),
    labels,
    m: matrix.rows,
    inputs: matrix.cols,
    labelWidth: labels.length / matrix.rows,
    weights,
  };
}

/** Checks and converts inputs alone. Raises ShapeError or DataError. */
export function* toInputs(
  x: unknown,
  config: NetworkConfig,
  engine: Engine,
): Generator<void, ScaledNumbers & { readonly m: number }> {
  const matrix = checkInputShape(yield* readInputs("x", x), config);
  return { ...(yield* toDtype("x", x, matrix, config.dtype, engine, "borrowed")), m: matrix.rows };
}

function checkInputShape(matrix: ReadInputs, config: NetworkConfig): ReadInputs {
  const { inputs } = architectureOf(config);
  const { rows, cols } = matrix;
  if (rows === 0) throw new ShapeError("x", "at least one example (row)", "0 rows");
  if (cols !== inputs) {
    const transposed =
      rows === inputs ? ` (read as one example a column it is ${cols} examples: transpose it)` : "";
    throw new ShapeError("x", `m×${inputs}, one example per row`, `${rows}×${cols}${transposed}`);
  }
  return matrix;
}

/** The data in `dtype`, every number finite: as it is, if it is so already and is borrowed. Bytes stay bytes. */
function* toDtype(
  path: string,
  given: unknown,
  matrix: ReadInputs,
  dtype: Dtype,
  engine: Engine,
  ownership: Ownership,
): Generator<void, ScaledNumbers> {
  const { data, scale } = matrix;
  if (data instanceof Uint8Array) {
    return { x: ownership === "borrowed" ? data : data.slice(), scale };
  }
  const length = matrix.rows * matrix.cols; // The array's own may have changed since the matrix was looked at.
  const isOfDtype = dtype === "float32" ? data instanceof Float32Array : data instanceof Float64Array;
  // Rows were read into a matrix of their own.
  const isOurs = ownership === "borrowed" || Array.isArray(given);
  const converted = isOfDtype && isOurs && scale === 1 ? data : newFloats(path, length, dtype);
  for (let start = 0; start < length; start += CHUNK) {
    checkPresent(path, data, length);
    const end = Math.min(start + CHUNK, length);
    if (converted !== data) scaleInto(converted.subarray(start, end), data.subarray(start, end), scale);
    if (!engine.allFinite(converted.subarray(start, end))) throw nonFinite(path, given, matrix, converted);
    if (end < length) yield;
  }
  return { x: converted, scale: 1 };
}

/** The error for a borrowed x that was found good and isn't any more. */
export function changedMeanwhile(): DataError {
  return new DataError("x", "numbers that stay as they are until the first step", "some that were changed");
}

/** Examples whose x is nobody else's. */
export function* ownExamples(examples: Examples, engine: Engine, dtype: Dtype): Generator<void, Examples> {
  const { x, borrowed, m, inputs } = examples;
  if (!borrowed) return examples;
  const length = m * inputs;
  if (x instanceof Uint8Array) return { ...examples, x: x.slice(), borrowed: false };
  const copy = newFloats("x", length, dtype);
  for (let start = 0; start < length; start += CHUNK) {
    checkPresent("x", x, length);
    copy.set(x.subarray(start, start + CHUNK), start);
    if (!engine.allFinite(copy.subarray(start, start + CHUNK))) throw changedMeanwhile();
    yield;
  }
  return { ...examples, x: copy, borrowed: false };
}

function nonFinite(
  path: string,
  given: unknown,
  { data, cols, scale }: ReadInputs,
  converted: Floats,
): DataError {
  const isBad = (i: number) => !Number.isFinite(converted[i]);
  const first = converted.findIndex((_, i) => isBad(i));
  const [original, rounded] = [Number(data[first]), Number(converted[first])];
  const product = scale === 1 ? `${original}` : `${original}·${scale}`;
  const overflow = `${product}, which overflows float${BYTES[converted instanceof Float32Array ? "float32" : "float64"] * 8},`;
  const got = Number.isFinite(original) ? overflow : String(rounded);
  const count = ` (${countWhere(converted.length, isBad)} such in all)`;
  return elementError(path, given, first, cols, "finite numbers", got, count);
}
