import { type AnyLayerParameters, Matrix } from "../../ts/index.js";

/**
 * SHA-256 of all parameters' bytes, W₁, b₁, W₂ …, little endian, in hexadecimal: equal for two runs if and
 * only if they agree to the bit. Undefined where the browser hashes nothing (a page that isn't secure).
 */
export async function fingerprint(parameters: readonly AnyLayerParameters[]): Promise<string | undefined> {
  if (globalThis.crypto?.subtle === undefined) return undefined;
  const arrays = arraysOf(parameters);
  const bytes = new Uint8Array(arrays.reduce((length, array) => length + array.byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** All parameters' numbers, an array for each block of them. */
export function arraysOf(parameters: readonly AnyLayerParameters[]): (Float32Array | Float64Array)[] {
  const blocks = parameters.flatMap((layer) => Object.values(layer));
  return blocks.flatMap((block) =>
    block === undefined ? [] : [block instanceof Matrix ? block.data : block],
  );
}
