import type { Dtype } from "../config/dtype.js";
import type { Floats } from "../engine/memory.js";
import { newFloats } from "./numbers.js";

/** Numbers as they are kept: bytes stay bytes, each standing for itself times the scale. */
export interface ScaledNumbers {
  readonly x: Floats | Uint8Array;
  /** 1 but for bytes. */
  readonly scale: number;
}

/** to ← scale · from: each number in the type of `to`, times the scale in that type, rounded once. */
export function scaleInto(to: Floats, from: Floats | Uint8Array, scale: number): void {
  to.set(from);
  if (scale === 1) return;
  // A product of two float32 is exact in float64.
  const factor = to instanceof Float32Array ? Math.fround(scale) : scale;
  for (let i = 0; i < from.length; i++) to[i] = Number(to[i]) * factor;
}

/** The numbers from `start` to `end`, in the network's dtype: a view of those that are so, a copy of bytes. */
export function numbersOf({ x, scale }: ScaledNumbers, start: number, end: number, dtype: Dtype): Floats {
  const part = x.subarray(start, end);
  if (!(part instanceof Uint8Array)) return part;
  const numbers = newFloats("x", part.length, dtype);
  scaleInto(numbers, part, scale);
  return numbers;
}
