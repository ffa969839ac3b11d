import type { Runtime } from "../../ts/index.js";

/** Which build of the kernels computes, and why on so many threads. */
export function runtimeNote({ simd, threads, reason }: Runtime): string {
  const count = threads === 1 ? "1 thread" : `${threads} threads`;
  return `WebAssembly, ${simd ? "SIMD (128 bit)" : "no SIMD"}, ${count} (${reason})`;
}
