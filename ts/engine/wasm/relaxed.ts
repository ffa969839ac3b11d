import type { Dtype } from "../../config/dtype.js";

/** The smallest module that multiplies and adds in one relaxed instruction: it validates only where those are there. */
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 1, 253, 15, 65, 1,
  253, 15, 65, 1, 253, 15, 253, 133, 2, 11,
]);

/** Says why fast math can't be had in WebAssembly here and what to do about it, or undefined where it can. */
export function whyNotFast(dtype: Dtype): string | undefined {
  if (dtype !== "float32") {
    return `in WebAssembly fast math is for float32 alone, not ${dtype}: the native engine (@layerwise/native) has it for both`;
  }
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(PROBE)) {
    return (
      "this WebAssembly has no relaxed SIMD: fast math needs Node 21, Chromium 114 or Firefox 146, or later, or the " +
      "native engine (@layerwise/native)"
    );
  }
  return undefined;
}
