import { BYTES, type Dtype } from "../config/dtype.js";
import type { Floats } from "../engine/memory.js";
import { DataError, describe, ResourceError, ShapeError } from "../errors/errors.js";
import { CHUNK } from "../platform/breath.js";
import {
  asNumberArray,
  isGone,
  isSharedArrayBuffer,
  type NumberArray,
  typedArrayName,
} from "../platform/realm.js";
import { describeData, describeElement, hasRows } from "./advice.js";

/** Numbers that a {@link Matrix} or a row can be made of. */
export type Numbers = readonly number[] | NumberArray;

/** Room for numbers in JavaScript's memory, all 0. Raises ResourceError where there is none. */
export function newFloats(path: string, length: number, dtype: Dtype): Floats {
  try {
    return dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
  } catch (cause) {
    const bytes = `${length * BYTES[dtype]} bytes of memory for ${length} numbers`;
    throw new ResourceError(path, bytes, String(cause), { cause });
  }
}

/** Floats of any numbers: float arrays as they are (but never over shared memory), others converted. */
export function toFloats(path: string, data: unknown): Floats {
  const array = presentArray(path, data);
  if (array instanceof Float32Array || array instanceof Float64Array) {
    // Another thread could change shared numbers after they were checked.
    return isSharedArrayBuffer(array.buffer) ? array.slice() : array;
  }
  // 16 bits fit a float32's 24.
  if (array !== undefined)
    return array.BYTES_PER_ELEMENT < 4 ? new Float32Array(array) : new Float64Array(array);
  if (!Array.isArray(data)) {
    throw new DataError(path, "an array or typed array of numbers", describeData(data));
  }
  const length: number = data.length;
  const floats = newFloats(path, length, "float64");
  copyNumbers(path, data, length, floats, 0);
  return floats;
}

/** An array of rows, all of one length, that was read. */
export interface ReadRows {
  readonly data: Floats;
  readonly rows: number;
  readonly cols: number;
}

/** Reads an array of rows. A generator, so that a long one can be interrupted. Raises ShapeError or DataError. */
export function* readRows(path: string, given: unknown): Generator<void, ReadRows> {
  if (!Array.isArray(given)) throw new ShapeError(path, "an array of rows", describeData(given));
  const rows: number = given.length;
  if (rows > 0 && !hasRows(given)) throw new ShapeError(path, "an array of rows", describeData(given));
  const cols = rows === 0 ? 0 : readRow(`${path}[0]`, given[0]).length;
  const data = newFloats(path, rows * cols, "float64");
  let next = CHUNK;
  for (let i = 0; i < rows; i++) {
    const place = `${path}[${i}]`;
    const row = readRow(place, given[i]);
    const { length } = row;
    if (length !== cols) throw new ShapeError(place, `${cols} numbers like row 0`, `${length}`);
    if (ArrayBuffer.isView(row)) data.set(row, i * cols);
    else copyNumbers(place, row, cols, data, i * cols);
    if ((i + 1) * cols < next) continue;
    next += CHUNK;
    yield;
  }
  return { data, rows, cols };
}

function readRow(path: string, row: unknown): readonly unknown[] | NumberArray {
  if (Array.isArray(row)) return row;
  const array = presentArray(path, row);
  if (array === undefined) throw new ShapeError(path, "an array of numbers", describeData(row));
  return array;
}

/** A typed array of numbers of this realm, undefined for anything else. Raises DataError where it is gone. */
export function presentArray(path: string, value: unknown): NumberArray | undefined {
  if (typedArrayName(value) === undefined) return undefined;
  if (isGone(value)) throw new DataError(path, "numbers", `${describe(value)}: ${GONE}`);
  return asNumberArray(value);
}

/** Raises DataError for numbers that are no longer there. */
export function checkPresent(path: string, data: NumberArray, length: number): void {
  const bytes = length * data.BYTES_PER_ELEMENT;
  // Both, since an array's length may outlive its buffer in optimized code.
  if (data.length === length && data.byteOffset + bytes <= data.buffer.byteLength) return;
  throw new DataError(path, `${length} numbers`, `${data.length}: ${GONE}`);
}

const GONE = "its buffer was detached or resized";

/** to[at …] ← from, where every entry must be a number (no hole, no string). */
function copyNumbers(path: string, from: readonly unknown[], length: number, to: Floats, at: number): void {
  for (let i = 0; i < length; i++) {
    const value = from[i];
    if (typeof value !== "number") throw notANumber(path, from, i, value);
    to[at + i] = value;
  }
}

function notANumber(path: string, from: readonly unknown[], at: number, value: unknown): DataError {
  const wrong = countWhere(from.length, (j) => typeof from[j] !== "number");
  const { got, advice } = at in from ? describeElement(value) : { got: "a hole", advice: undefined };
  const count = `${wrong} such in all`;
  return new DataError(
    `${path}[${at}]`,
    "a number",
    `${got} (${advice === undefined ? count : `${count}; ${advice}`})`,
  );
}

/** How many of 0 … length−1 hold. */
export function countWhere(length: number, holds: (index: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (holds(i)) count++;
  return count;
}
