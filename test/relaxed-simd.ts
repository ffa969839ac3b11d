import { vi } from "vitest";

/** Of a relaxed multiply-add of float32, as it stands in a module. */
const RELAXED = [253, 133, 2];

/** From here on WebAssembly knows no relaxed SIMD, as in Node 20 and Safari. */
export function withoutRelaxedSimd(): void {
  const { validate } = WebAssembly;
  vi.spyOn(WebAssembly, "validate").mockImplementation((bytes) => !isRelaxed(bytes) && validate(bytes));
}

function isRelaxed(bytes: BufferSource): boolean {
  const all = [...new Uint8Array(ArrayBuffer.isView(bytes) ? bytes.buffer : bytes)];
  return all.some((_, i) => RELAXED.every((byte, j) => all[i + j] === byte));
}

/** Node 20 has it behind a flag. */
export async function allowRelaxedSimd(): Promise<void> {
  if (!process.version.startsWith("v20.")) return;
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}
