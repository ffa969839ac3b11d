import { type Instance, type Kernels, SCRATCH_BYTES } from "./wasm/kernels.js";

/** Numbers that are looked at together: from their copy to the look they stay in a first-level cache. */
const PIECE = SCRATCH_BYTES / 8;

/**
 * Whether no number is NaN or infinite. A kernel looks at them, piece by piece, in a block of wasm memory that is
 * there for it: memory grows for no data that may be refused (measured: 0.14 to 0.25 ns a number, 0.6 in JavaScript).
 */
export function allFinite(instance: Instance, data: Float32Array | Float64Array): boolean {
  const narrow = data instanceof Float32Array;
  const kernels = narrow ? instance.float32 : instance.float64;
  const memory = narrow ? instance.float32s() : instance.float64s();
  const { scratch } = instance;
  for (let start = 0; start < data.length; start += PIECE) {
    const piece = data.subarray(start, start + PIECE);
    memory.set(piece, scratch / data.BYTES_PER_ELEMENT);
    if (!allFiniteAt(kernels, scratch, piece.length)) return false;
  }
  return true;
}

/** The same of `length` numbers in wasm memory. */
export function allFiniteAt(kernels: Kernels, offset: number, length: number): boolean {
  if (Number.isFinite(kernels.magnitudeBound(offset, length, 1))) return true;
  return kernels.firstNonFinite(offset, length) < 0; // Or a sum of finite ones overflowed.
}
