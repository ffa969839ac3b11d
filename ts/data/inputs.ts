import type { Floats } from "../engine/memory.js";
import { DataError, describe } from "../errors/errors.js";
import { isSharedArrayBuffer, type NumberArray } from "../platform/realm.js";
import { asMatrix, checkCount, checkLength, isMatrixLike, Matrix, readMatrix } from "./matrix.js";
import { type Numbers, presentArray } from "./numbers.js";

/**
 * rows × cols numbers of a typed array, row-major, each standing for itself times `scale`. Uint8Array and
 * Uint8ClampedArray stay bytes, in fit's copy too, and become numbers batch by batch: (dtype) byte · (dtype) scale.
 */
export interface TypedRows {
  readonly data: NumberArray;
  readonly rows: number;
  readonly cols: number;
  /** A finite number other than 0, such as 1/255. Default 1. */
  readonly scale?: number;
}

/** Inputs of a network: a matrix, or an array of rows (one example each), plain or typed arrays; or {@link TypedRows}. */
export type Inputs = Matrix | TypedRows | readonly Numbers[];

/** Inputs that were read. */
export interface ReadInputs {
  readonly data: Floats | Uint8Array;
  readonly rows: number;
  readonly cols: number;
  readonly scale: number;
}

/** Reads inputs. A generator, so that many can be interrupted. Raises ShapeError or DataError. */
export function* readInputs(path: string, x: unknown): Generator<void, ReadInputs> {
  if (x instanceof Matrix || !isMatrixLike(x)) {
    const { data, rows, cols } = asMatrix(path, x) ?? (yield* readMatrix(path, x));
    return { data, rows, cols, scale: 1 };
  }
  const { data, rows, cols, scale: given } = x;
  const scale = given === undefined ? 1 : checkScale(`${path}.scale`, given);
  const bytes = bytesOf(`${path}.data`, data);
  // Bytes times such a scale overflow a float32: it is for the numbers to say which.
  if (bytes === undefined || !Number.isFinite(Math.fround(255 * scale))) {
    const matrix = asMatrix(path, { data, rows, cols }) ?? (yield* readMatrix(path, x));
    return { data: matrix.data, rows: matrix.rows, cols: matrix.cols, scale };
  }
  checkCount(`${path}.rows`, rows);
  checkCount(`${path}.cols`, cols);
  checkLength(`${path}.data.length`, bytes.length, rows, cols);
  return { data: bytes, rows, cols, scale };
}

function checkScale(path: string, scale: unknown): number {
  if (typeof scale === "number" && Number.isFinite(scale) && Math.fround(scale) !== 0) return scale;
  throw new DataError(path, "a finite number other than 0", describe(scale));
}

/** Bytes as a Uint8Array over the same buffer (but never over shared memory), undefined for anything else. */
function bytesOf(path: string, data: unknown): Uint8Array | undefined {
  const array = presentArray(path, data);
  if (!(array instanceof Uint8Array || array instanceof Uint8ClampedArray)) return undefined;
  const { buffer, byteOffset, length } = array;
  const bytes = new Uint8Array(buffer, byteOffset, length);
  return isSharedArrayBuffer(buffer) ? bytes.slice() : bytes;
}
