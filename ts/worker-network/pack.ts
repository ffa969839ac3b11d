import { hasRows } from "../data/advice.js";
import { Matrix } from "../data/matrix.js";
import { newFloats } from "../data/numbers.js";
import type { Floats } from "../engine/memory.js";
import { asNumberArray, isArrayBuffer, isGone, isUrl, typedArrayName } from "../platform/realm.js";
import type { Packed, PackedEntry } from "./messages.js";
import { isError, packError } from "./pack-error.js";

/** What a side does with values that don't cross as copies. */
export interface Sender {
  /** A reference for an object that stays here; undefined for one that is copied. */
  refer(value: object): Packed;
  /** A reference for a function; `self` is what it is a method of. */
  referFunction(value: (...args: unknown[]) => unknown, self: object | undefined): Packed;
  /** Whether whole buffers may be given away. Else all bytes are copied. */
  readonly givesAway: boolean;
}

/** A value's form, and the buffers in it that are transferred. */
export interface Parcel {
  readonly packed: Packed;
  readonly transfer: ArrayBuffer[];
}

/**
 * Packs a value. A generator, so that much data can be interrupted: each piece between two yields takes less than a
 * millisecond.
 */
export function* pack(value: unknown, sender: Sender): Generator<void, Parcel> {
  const packing = new Packing(sender);
  const packed = yield* packing.pack(value, undefined, 0);
  return { packed, transfer: [...packing.transfer] };
}

/** Bytes that are copied, or numbers that are looked at, between two yields. */
const PIECE = 1 << 19;

/** Deeper than options and data go. */
const DEEPEST = 8;

/** Of objects with more parts than any option has, only these are seen by the other side. */
const MOST_OBJECTS = 10_000;

class Packing {
  readonly transfer = new Set<ArrayBuffer>();
  readonly #sender: Sender;
  #objects = 0;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  *pack(value: unknown, self: object | undefined, depth: number): Generator<void, Packed> {
    if (typeof value === "symbol") return { kind: "symbol", text: value.description ?? "" };
    if (isFunction(value)) return this.#sender.referFunction(value, self);
    if (typeof value !== "object" || value === null) return value as Packed;
    if (ArrayBuffer.isView(value) || isArrayBuffer(value)) return yield* this.#packBytes(value);
    if (Array.isArray(value)) return yield* this.#packArray(value, depth);
    if (value instanceof Matrix && fits(value)) {
      const { data, rows, cols } = value;
      return { kind: "matrix", data: yield* this.#packBytes(data), rows, cols };
    }
    const reference = this.#sender.refer(value);
    if (reference !== undefined) return reference;
    if (isUrl(value)) return { kind: "url", href: value.href };
    const part = (of: unknown) => this.pack(of, undefined, depth + 1);
    return isError(value) ? yield* packError(value, part) : yield* this.#packObject(value, depth);
  }

  *#packBytes(given: ArrayBufferView | ArrayBuffer): Generator<void, Packed> {
    const name = typedArrayName(given) ?? (ArrayBuffer.isView(given) ? "DataView" : "ArrayBuffer");
    const isTyped = name.endsWith("Array");
    if (isTyped && isGone(given)) return { kind: "gone", name };
    const [buffer, offset] = ArrayBuffer.isView(given) ? [given.buffer, given.byteOffset] : [given, 0];
    const length = given.byteLength;
    if (this.#sender.givesAway && length === buffer.byteLength && isArrayBuffer(buffer)) {
      this.transfer.add(buffer);
      return { kind: "view", name, bytes: new Uint8Array(buffer) };
    }
    const from = new Uint8Array(buffer, offset, length);
    const bytes = new Uint8Array(length);
    for (let start = 0; start < length; start += PIECE) {
      // Transferred or shrunk between two pieces, it has none of its bytes.
      if (from.length !== length) return { kind: "gone", name };
      bytes.set(from.subarray(start, start + PIECE), start);
      if (start + PIECE < length) yield;
    }
    this.transfer.add(bytes.buffer);
    return { kind: "view", name, bytes };
  }

  *#packArray(array: readonly unknown[], depth: number): Generator<void, Packed> {
    const { length } = array;
    if (length > 0 && hasRows(array)) {
      const packed = yield* this.#packRows(array);
      if (packed !== undefined) return packed;
    } else if (typeof array[0] === "number") {
      const numbers = newFloats("data", length, "float64");
      if (yield* this.#copyRow(array, numbers, 0)) return { kind: "numbers", numbers: this.#given(numbers) };
    }
    const entries: PackedEntry[] = [];
    if (depth < DEEPEST) {
      for (let i = 0; i < length; i++) {
        if (i in array) entries.push([String(i), yield* this.pack(array[i], array, depth + 1)]);
        if (i % PIECES_OF_ENTRIES === PIECES_OF_ENTRIES - 1) yield;
      }
    }
    return { kind: "array", length, entries };
  }

  /** Undefined for rows of several lengths, or of other things than numbers. */
  *#packRows(array: readonly unknown[]): Generator<void, Packed> {
    const rows = array.length;
    const cols = rowOf(array[0])?.length ?? 0;
    const numbers = newFloats("data", rows * cols, "float64");
    let next = PIECE / 8;
    for (let i = 0; i < rows; i++) {
      const row = rowOf(array[i]);
      if (row?.length !== cols) return undefined;
      if (!(yield* this.#copyRow(row, numbers, i * cols))) return undefined;
      if ((i + 1) * (cols + 1) < next) continue;
      next += PIECE / 8;
      yield;
    }
    return { kind: "rows", numbers: this.#given(numbers), rows, cols };
  }

  /** to[at …] ← row; false where an entry is no number. */
  *#copyRow(row: ArrayLike<unknown>, to: Floats, at: number): Generator<void, boolean> {
    const { length } = row;
    for (let start = 0; start < length; start += PIECE / 8) {
      const end = Math.min(start + PIECE / 8, length);
      for (let i = start; i < end; i++) {
        const value = row[i];
        if (typeof value !== "number") return false;
        to[at + i] = value;
      }
      if (end < length) yield;
    }
    return true;
  }

  #given(numbers: Floats): Float64Array {
    const given = new Float64Array(numbers.buffer as ArrayBuffer);
    this.transfer.add(given.buffer);
    return given;
  }

  /** Its own fields; of one that a class made, the class's name and functions too. */
  *#packObject(object: object, depth: number): Generator<void, Packed> {
    this.#objects += 1;
    const name = className(object);
    const fields: PackedEntry[] = [];
    if (depth < DEEPEST && this.#objects <= MOST_OBJECTS) {
      for (const key of Object.keys(object)) {
        fields.push([key, yield* this.pack(Reflect.get(object, key), object, depth + 1)]);
      }
    }
    const methods = name === "" ? [] : this.#methods(object);
    if (this.#objects % PIECES_OF_ENTRIES === 0) yield;
    return { kind: "object", name, fields, methods };
  }

  #methods(object: object): PackedEntry[] {
    const methods: PackedEntry[] = [];
    let prototype: object | null = Object.getPrototypeOf(object);
    while (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      for (const key of Reflect.ownKeys(prototype)) {
        const value: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value;
        const name = typeof key === "string" ? key : (key.description ?? "");
        if (key === "constructor" || !isFunction(value) || methods.some(([known]) => known === name))
          continue;
        methods.push([name, this.#sender.referFunction(value, object)]);
      }
      prototype = Object.getPrototypeOf(prototype);
    }
    return methods;
  }
}

/** Entries of other kinds than numbers that are packed between two yields. */
const PIECES_OF_ENTRIES = 1000;

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}

function rowOf(value: unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value;
  if (typedArrayName(value) === undefined || isGone(value)) return undefined;
  return asNumberArray(value);
}

/** Whether nobody has put something else into its fields. */
function fits({ data, rows, cols }: Matrix): boolean {
  const isFloats = data instanceof Float32Array || data instanceof Float64Array;
  return isFloats && data.length > 0 && data.length === rows * cols;
}

/** "" for a plain object. */
function className(object: object): string {
  const name: unknown = Object.getPrototypeOf(object)?.constructor?.name;
  return typeof name === "string" && name !== "Object" ? name : "";
}
