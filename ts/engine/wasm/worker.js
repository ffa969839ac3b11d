// @ts-check
// A worker of the build with threads: takes parts of kernels until its process or page ends. Plain
// JavaScript, since it must run as it is from the sources too.

/**
 * No start function runs here: that of the main thread has filled memory, and the stack was allocated there too.
 * @param {import("./workers.js").WorkerStart} start
 * @param {(message: string) => void} post
 */
function serve({ module, memory, seat, stack, stackBytes }, post) {
  /** @type {Record<string, Record<string, WebAssembly.ImportValue>>} */
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = kind === "memory" ? memory : () => undefined; // Functions that only the start calls.
  }
  const wasm = /** @type {import("./workers.js").WorkerExports} */ (
    /** @type {unknown} */ (new WebAssembly.Instance(module, imports).exports)
  );
  wasm.__stack_pointer.value = stack + stackBytes;
  wasm.enter(stack);
  post("ready");
  wasm.serve(seat);
}

// As inNode and nodeModule in ts/platform/node-module.ts: the other side chooses the kind of worker by the same rule.
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
