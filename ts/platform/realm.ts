/**
 * What a value is, whichever realm made it: a frame, a vm context, a test runner's sandbox. `instanceof` knows its own
 * realm alone; what is asked here is an internal slot, the same in all of them and not to be forged.
 */

/** Typed arrays of numbers that every network takes. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

type NumberArrayConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => NumberArray;

const NUMBER_ARRAYS: ReadonlyMap<unknown, NumberArrayConstructor> = new Map<unknown, NumberArrayConstructor>([
  ["Float32Array", Float32Array],
  ["Float64Array", Float64Array],
  ["Int8Array", Int8Array],
  ["Uint8Array", Uint8Array],
  ["Uint8ClampedArray", Uint8ClampedArray],
  ["Int16Array", Int16Array],
  ["Uint16Array", Uint16Array],
  ["Int32Array", Int32Array],
  ["Uint32Array", Uint32Array],
]);

const typedArrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype);
const readTag = getterOf(typedArrayPrototype, Symbol.toStringTag);
const readLength = getterOf(typedArrayPrototype, "length");
const readOffset = getterOf(typedArrayPrototype, "byteOffset");
const readBuffer = getterOf(typedArrayPrototype, "buffer");
const readByteLength = getterOf(ArrayBuffer.prototype, "byteLength");
const readSharedByteLength =
  typeof SharedArrayBuffer === "function" ? getterOf(SharedArrayBuffer.prototype, "byteLength") : undefined;

/** Such as `"Float32Array"`; undefined for what is no typed array. */
export function typedArrayName(value: unknown): string | undefined {
  const name = readTag.call(value);
  return typeof name === "string" ? name : undefined;
}

/**
 * A typed array of numbers as one of this realm's own, over the same buffer (itself, where it is one); undefined for
 * anything else, 16-bit floats and 64-bit integers too. It must not be {@link isGone gone}.
 */
export function asNumberArray(value: unknown): NumberArray | undefined {
  const Own = NUMBER_ARRAYS.get(readTag.call(value));
  if (Own === undefined) return undefined;
  if (Object.getPrototypeOf(value) === Own.prototype) return value as NumberArray;
  const buffer = readBuffer.call(value) as ArrayBufferLike;
  return new Own(buffer, Number(readOffset.call(value)), Number(readLength.call(value)));
}

/** Whether a typed array's elements are gone: its buffer was transferred, or shrunk to less than them. */
export function isGone(value: unknown): boolean {
  if (Number(readLength.call(value)) > 0 && (readBuffer.call(value) as ArrayBufferLike).byteLength > 0) {
    return false;
  }
  try {
    Uint8Array.prototype.keys.call(value); // Raises a TypeError for such an array.
    return false;
  } catch {
    return true;
  }
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return answers(readByteLength, value);
}

export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  if (value instanceof ArrayBuffer) return false; // Most are: a getter's error takes 10 µs.
  return readSharedByteLength !== undefined && answers(readSharedByteLength, value);
}

export function isUrl(value: unknown): value is URL {
  if (value instanceof URL) return true;
  const isTagged = Object.prototype.toString.call(value) === "[object URL]";
  return isTagged && typeof value === "object" && value !== null && "href" in value;
}

/** The message of an error, of whichever realm; the text of anything else. */
export function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return String(error);
  return String(error.message);
}

function getterOf(prototype: object, key: PropertyKey): (this: unknown) => unknown {
  const getter = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  if (getter === undefined) throw new TypeError(`no getter of ${String(key)}`);
  return getter;
}

function answers(getter: (this: unknown) => unknown, value: unknown): boolean {
  try {
    getter.call(value);
    return true;
  } catch {
    return false;
  }
}
