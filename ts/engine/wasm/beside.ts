/**
 * The files that the package's script loads, each as bundlers look for it: a literal `new URL` with
 * `import.meta.url`. scripts/dist.mjs writes their names in dist/ here, and puts inlined.ts in this file's place in
 * `layerwise/inline`. Each throws where a bundler left no `import.meta.url`.
 */
export const BESIDE: {
  readonly [Name in EngineFile]: () => URL | Promise<Uint8Array<ArrayBuffer>>;
} = {
  wasm: () => new URL("./pkg/layerwise_bg.wasm", import.meta.url),
  threadsWasm: () => new URL("./pkg-threads/layerwise_bg.wasm", import.meta.url),
  float64Wasm: () => new URL("./pkg-float64/layerwise_bg.wasm", import.meta.url),
  float64ThreadsWasm: () => new URL("./pkg-float64-threads/layerwise_bg.wasm", import.meta.url),
  fastWasm: () => new URL("./pkg-fast/layerwise_bg.wasm", import.meta.url),
  fastThreadsWasm: () => new URL("./pkg-fast-threads/layerwise_bg.wasm", import.meta.url),
  worker: () => new URL("./worker.js", import.meta.url),
};

/** The builds: of float32, of float64, and of float32 with fast math, each for one thread and with threads. */
export type BuildFile =
  | "wasm"
  | "threadsWasm"
  | "float64Wasm"
  | "float64ThreadsWasm"
  | "fastWasm"
  | "fastThreadsWasm";

/** Their names for {@link configure}. */
export type EngineFile = BuildFile | "worker";

/** The same, and that of ts/worker-network/network-beside.ts. */
export type FileName = EngineFile | "networkWorker";

/** A worker of the file `worker`, in the words by which bundlers know that it is one. */
export function startWorkerBeside(): Worker {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}
