/** As ts/engine/wasm/beside.ts; a file of its own, since a bundler must not find a worker's file in that very file. */
export function networkWorkerBeside(): URL {
  return new URL("./worker.js", import.meta.url);
}

/** A worker of the file, in the words by which bundlers know that it is one. */
export function startNetworkWorkerBeside(): Worker {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}
