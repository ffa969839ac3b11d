import { EnvironmentError } from "../../errors/errors.js";
import { inNode, nodeModule } from "../../platform/node-module.js";
import type { BESIDE as Files } from "./beside.js";
import deflated from "./pkg/layerwise_bg.wasm";

/** In `layerwise/inline` the script holds the build for one thread itself, and is one file. */
export const BESIDE: typeof Files = {
  wasm: () => inflate(Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0))),
  threadsWasm: none,
  worker: none,
};

export const startWorkerBeside = none;
export const networkWorkerBeside = noNetworkWorker;
export const startNetworkWorkerBeside = noNetworkWorker;

function noNetworkWorker(): never {
  const got = 'layerwise/inline, which is one file: import from "layerwise", or give configure networkWorker';
  throw new EnvironmentError("createWorkerNetwork", "the file of a network's worker", got);
}

function none(): never {
  throw new EnvironmentError("threads", "the build with threads", ONE_THREAD);
}

const ONE_THREAD =
  'layerwise/inline, which holds the one for one thread: import from "layerwise", or give configure threadsWasm ' +
  "and worker";

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (inNode()) {
    const zlib = await nodeModule<typeof import("node:zlib")>("node:zlib");
    return new Uint8Array(zlib.inflateRawSync(bytes));
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
