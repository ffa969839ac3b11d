import { Matrix } from "../data/matrix.js";
import { asNumberArray } from "../platform/realm.js";
import type { Packed, PackedEntry, Reference } from "./messages.js";
import { unpackError } from "./pack-error.js";

/** What a reference stands for on this side. */
export interface Receiver {
  resolve(reference: Reference): unknown;
}

/** The value that was packed; of what stayed on the other side, what stands for it here. */
export function unpack(packed: Packed, receiver: Receiver): unknown {
  if (typeof packed !== "object" || packed === null) return packed;
  const part = (of: Packed) => unpack(of, receiver);
  switch (packed.kind) {
    case "symbol":
      return Symbol(packed.text);
    case "view":
      return viewOf(packed.name, packed.bytes.buffer);
    case "gone":
      return goneView(packed.name);
    case "numbers":
      return Array.from(packed.numbers);
    case "rows":
      return Array.from({ length: packed.rows }, (_, i) =>
        packed.numbers.subarray(i * packed.cols, (i + 1) * packed.cols),
      );
    case "array":
      return define(new Array<unknown>(packed.length), packed.entries, part);
    case "matrix":
      return matrixOf(part(packed.data), packed.rows, packed.cols);
    case "url":
      return new URL(packed.href);
    case "object":
      return objectOf(packed, part);
    case "error":
      return unpackError(packed, part);
    default:
      return receiver.resolve(packed);
  }
}

/** A view of the class with this name. */
function viewOf(name: string, buffer: ArrayBuffer): unknown {
  if (name === "ArrayBuffer") return buffer;
  const Class: unknown = Reflect.get(globalThis, name);
  if (typeof Class !== "function") throw new TypeError(`${name}: no such class here`);
  return Reflect.construct(Class, [buffer]);
}

/** A typed array whose buffer is as gone as the other side's. */
function goneView(name: string): unknown {
  const buffer = new ArrayBuffer(8);
  const view = viewOf(name, buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

function matrixOf(data: unknown, rows: number, cols: number): Matrix {
  return new Matrix(asNumberArray(data) ?? [], rows, cols);
}

/** What an object's class is called shows in errors; its functions are on its prototype, as they were. */
function objectOf(
  { name, fields, methods }: Extract<Packed, { kind: "object" }>,
  part: (of: Packed) => unknown,
): object {
  if (name === "") return define({}, fields, part);
  const prototype = define({ constructor: { name } }, methods, part);
  return define(Object.create(prototype), fields, part);
}

function define<Target extends object>(
  target: Target,
  entries: readonly PackedEntry[],
  part: (of: Packed) => unknown,
): Target {
  for (const [key, value] of entries) {
    const descriptor = { value: part(value), writable: true, configurable: true, enumerable: true };
    Object.defineProperty(target, SYMBOLS.get(key) ?? key, descriptor);
  }
  return target;
}

/** By these a class tells that it can be iterated over. */
const SYMBOLS: ReadonlyMap<string, symbol> = /* @__PURE__ */ new Map([
  ["Symbol.iterator", Symbol.iterator],
  ["Symbol.asyncIterator", Symbol.asyncIterator],
]);
