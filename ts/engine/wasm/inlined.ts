import { EnvironmentError } from "../../errors/errors.js";
import { inNode, nodeModule } from "../../platform/node-module.js";
import type { BESIDE as Files } from "./beside.js";
import deflated from "./pkg-inline/layerwise_bg.wasm";

/** In `layerwise/inline` the script holds one build itself, of both number types for one thread, and is one file. */
export const BESIDE: typeof Files = {
  wasm: inflated,
  threadsWasm: () => none("threadsWasm"),
  float64Wasm: inflated,
  float64ThreadsWasm: () => none("float64ThreadsWasm"),
  fastWasm: notFast,
  fastThreadsWasm: notFast,
  worker: () => none("threadsWasm"),
};

export const startWorkerBeside = () => none("threadsWasm");
export const networkWorkerBeside = noNetworkWorker;
export const startNetworkWorkerBeside = noNetworkWorker;

function noNetworkWorker(): never {
  const got = 'layerwise/inline, which is one file: import from "layerwise", or give configure networkWorker';
  throw new EnvironmentError("createWorkerNetwork", "the file of a network's worker", got);
}

function notFast(): never {
  const got =
    'layerwise/inline, which holds none: import from "layerwise", or give configure fastWasm, and for threads ' +
    "fastThreadsWasm and worker";
  throw new EnvironmentError("math", "the build of fast math", got);
}

function none(option: string): never {
  const got =
    'layerwise/inline, which holds the one for one thread: import from "layerwise", or give configure ' +
    `${option} and worker`;
  throw new EnvironmentError("threads", "the build with threads", got);
}

function inflated(): Promise<Uint8Array<ArrayBuffer>> {
  return inflate(Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0)));
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (inNode()) {
    const zlib = await nodeModule<typeof import("node:zlib")>("node:zlib");
    return new Uint8Array(zlib.inflateRawSync(bytes));
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
