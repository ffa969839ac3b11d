// A worker that dies in the middle of a step, for certain: its module has an empty table of functions, so that
// it takes a seat at the first kernel and traps before it has done its work.
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { withoutSections } from "../scripts/glue.mjs";
import type { WorkerStart } from "../ts/engine/wasm/workers.js";
import { createNetwork, InternalError, Matrix, type Network } from "../ts/index.js";
import { hashOf } from "./closeness.js";

const dying = vi.hoisted(() => ({ asked: false, deaths: 0 }));

vi.mock("../ts/engine/wasm/workers.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../ts/engine/wasm/workers.js")>();
  const startWorker: typeof original.startWorker = async (start, onExit) =>
    dying.asked ? startDyingWorker(start) : original.startWorker(start, onExit);
  return { ...original, startWorker };
});

const WASM = new URL("../ts/engine/wasm/pkg-threads/layerwise_bg.wasm", import.meta.url);
const WORKER = new URL("../ts/engine/wasm/worker.js", import.meta.url);

async function startDyingWorker(start: WorkerStart): Promise<Worker> {
  const bytes = withoutSections(await readFile(WASM), (id) => id === ELEMENT_SECTION);
  const worker = new Worker(WORKER);
  worker.on("error", () => {
    dying.deaths += 1;
  });
  worker.postMessage({ ...start, module: await WebAssembly.compile(bytes) });
  await new Promise((resolve) => worker.once("message", resolve));
  return worker;
}

/** The section that fills a module's table of functions. */
const ELEMENT_SECTION = 9;

const config = { layerDims: [129, 257, 130, 1], threads: 2, seed: 3 };
const x = new Matrix(
  Float32Array.from({ length: 133 * 129 }, (_, i) => ((i * 7919) % 1000) / 500 - 1),
  133,
  129,
);
const y = Array.from({ length: 133 }, (_, i) => i % 2);

let network: Network;
let other: Network;

beforeAll(async () => {
  dying.asked = true;
  network = await createNetwork(config);
  other = await createNetwork(config);
  dying.asked = false;
});

afterAll(() => {
  network.dispose();
  other.dispose();
});

it("a worker lost in the middle of a step: InternalError, others keep their parameters, a new network works", async () => {
  expect(network.runtime.threads).toBe(2);
  const before = hashOf(other.parameters());
  const failure = await network.fit(x, y, { epochs: 1000, batchSize: 133 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InternalError);
  expect(String(failure)).toContain("killed in the middle of a step");
  await vi.waitFor(() => expect(dying.deaths).toBe(1), { timeout: 30_000 });

  // Its step may be half done.
  expect(() => network.parameters()).toThrow(InternalError);
  expect(() => network.predict(x)).toThrow(InternalError);
  expect(() => other.predict(x)).toThrow(InternalError);
  expect(hashOf(other.parameters())).toBe(before);

  const fresh = await createNetwork(config);
  expect(fresh.runtime.threads).toBe(2);
  await fresh.fit(x, y, { epochs: 3, batchSize: 133 });
  const alone = await createNetwork({ ...config, threads: 1 });
  await alone.fit(x, y, { epochs: 3, batchSize: 133 });
  expect(hashOf(fresh.parameters())).toBe(hashOf(alone.parameters()));
  fresh.dispose();
  alone.dispose();
});
