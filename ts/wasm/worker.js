// @ts-check
// A worker of the build with threads: takes parts of kernels until its process or page ends. Plain
// JavaScript, since it must run as it is from the sources too.
import { initSync } from "./pkg-threads/layerwise.js";

/** Bytes of a worker's stack: kernels keep little there. A multiple of 64 KiB. */
const STACK = 1 << 18;

/**
 * @param {{ module: WebAssembly.Module, memory: WebAssembly.Memory, seat: number }} start
 * @param {(message: string) => void} post
 */
function serve({ module, memory, seat }, post) {
  const wasm = initSync({ module, memory, thread_stack_size: STACK });
  post("ready");
  wasm.serve(seat);
}

// As inNode and nodeModule in ts/files/node-module.ts: the other side chooses the kind of worker by the same rule.
if (typeof process === "object" && typeof process.versions?.node === "string") {
  const node = "node:worker_threads";
  import(/* webpackIgnore: true */ /* @vite-ignore */ node).then(({ parentPort }) =>
    parentPort.once("message", (/** @type {Parameters<typeof serve>[0]} */ data) =>
      serve(data, (message) => parentPort.postMessage(message)),
    ),
  );
} else {
  globalThis.onmessage = ({ data }) => serve(data, (message) => postMessage(message));
}
