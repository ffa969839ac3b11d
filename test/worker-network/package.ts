// The built package: a worker of it is a file, and the sources have none that Node runs.
import { afterEach } from "vitest";
import type { WorkerNetwork } from "../../ts/index.js";

type Layerwise = typeof import("../../ts/index.js");

const INDEX = new URL("../../dist/index.js", import.meta.url).href;

export const layerwise: Layerwise = await import(/* @vite-ignore */ INDEX);

const networks: WorkerNetwork[] = [];

afterEach(async () => {
  for (const network of networks.splice(0)) await network.dispose();
});

/** A network in a worker, which is disposed of after the test. */
export async function inWorker(options: object = {}): Promise<WorkerNetwork> {
  const network = await layerwise.createWorkerNetwork({ ...SMALL, ...options });
  networks.push(network);
  return network;
}

/** Layers and a batch that are large enough for two threads to take part in every product. */
export const SMALL = {
  layerDims: [65, 257, 130, 3],
  outputActivation: "softmax",
  seed: 6,
  threads: 1,
} as const;

/** m examples for it: inputs, and classes. */
export function examples(m = 67) {
  const data = Float32Array.from({ length: m * 65 }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
  return { x: new layerwise.Matrix(data, m, 65), y: Array.from({ length: m }, (_, i) => i % 3) };
}

/** A promise's error. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected an error, got none");
}
