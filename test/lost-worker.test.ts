// A worker that dies in the middle of a step, for certain: its module has an empty table of functions, so that
// it takes a seat at the first kernel and traps before it has done its work.
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { withoutSections } from "../scripts/glue.mjs";
import { createNetwork, InternalError, Matrix, type Network } from "../ts/index.js";
import { hashOf } from "./closeness.js";

const dying = vi.hoisted(() => ({ asked: false, deaths: 0 }));

vi.mock("../ts/wasm/workers.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../ts/wasm/workers.js")>();
  const startWorker: typeof original.startWorker = async (module, memory, seat, onExit) =>
    dying.asked ? startDyingWorker(memory, seat) : original.startWorker(module, memory, seat, onExit);
  return { ...original, startWorker };
});

const PKG = new URL("../ts/wasm/pkg-threads/", import.meta.url);

const PROGRAM = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.glue).then(({ initSync }) => {
    const wasm = initSync({ ...workerData, thread_stack_size: 1 << 18 });
    parentPort.postMessage("ready");
    wasm.serve(workerData.seat);
  });
`;

async function startDyingWorker(memory: WebAssembly.Memory, seat: number): Promise<Worker> {
  const whole = await readFile(new URL("layerwise_bg.wasm", PKG));
  const module = await WebAssembly.compile(withoutSections(whole, (id) => id === ELEMENT_SECTION));
  const glue = new URL("layerwise.js", PKG).href;
  const worker = new Worker(PROGRAM, { eval: true, workerData: { glue, module, memory, seat } });
  worker.on("error", () => {
    dying.deaths += 1;
  });
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
