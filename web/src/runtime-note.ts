import type { Runtime } from "../../ts/index.js";

/** Which build of the kernels computes, and why on so many threads. */
export function runtimeNote({ simd, threads, reason }: Runtime): string {
  const build = simd ? "WebAssembly with SIMD (128 bit)" : "WebAssembly without SIMD";
  if (/^no layer has \d+ weights/.test(reason)) {
    return `Computed by ${build} on 1 thread: with layers this small, more threads would only wait for each other`;
  }
  return `Computed by ${build} on ${threads === 1 ? "1 thread" : `${threads} threads`} (${reason})`;
}
