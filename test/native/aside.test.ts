// fit beside JavaScript: the event loop turns while steps run, and who asks in the middle sees whole steps.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import type { Cells, Span } from "../../ts/engine/memory.js";
import { nativeEngine } from "../../ts/engine/native/native-engine.js";
import { BUILD } from "../../ts/engine/wasm/instance.js";
import {
  adam,
  createNetwork,
  type EngineName,
  InternalError,
  loadNetwork,
  Matrix,
  NumericError,
  StateError,
} from "../../ts/index.js";
import { Breath, breathing } from "../../ts/platform/breath.js";
import { hashOf } from "../closeness.js";
import { Random } from "../random-cases.js";
import { IS_BUILT } from "./is-built.js";

const random = new Random(4);
const m = 600;
const x = new Matrix(
  Float32Array.from({ length: m * 300 }, () => random.signed()),
  m,
  300,
);
const y = Array.from({ length: m }, () => random.below(2));
/** Large enough that each step is taken beside JavaScript. */
const large = { layerDims: [300, 256, 128, 1], seed: 3 };
const fit = { batchSize: 200, keepProb: 0.8, l2: 0.1, validation: { x, y } } as const;

/** Turns of the event loop in which `look` is called, until `training` ends. */
async function turnsUntil(training: Promise<unknown>, look: () => void): Promise<number> {
  let turns = 0;
  let isOver = false;
  const ended = training.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver) break;
    look();
    turns++;
  }
  await ended;
  return turns;
}

describe.runIf(IS_BUILT)("fit on the native engine", () => {
  it("a step after another has its own number, on a thread that has just begun", async () => {
    const engine = await nativeEngine(BUILD, { threads: 2, reason: "a test" }, "a test");
    const [rows, size, width] = [30, 10, 40];
    const spans = engine.room("a test", {
      from: { type: "float32", length: rows * width },
      to: { type: "float32", length: size * width },
      order: { type: "uint32", length: rows },
    }).spans;
    spans.from.write(Float32Array.from({ length: rows * width }, (_, i) => Math.floor(i / width)));
    spans.order.write(Uint32Array.from({ length: rows }, (_, i) => i));
    const order = spans.order as Span<Cells> as Span<Uint32Array>;
    const gather = { op: "gather", to: spans.to, from: spans.from, m: rows, width, order } as const;
    const program = engine.program("float32", [gather], { size, m: rows });
    const breath = new Breath();
    const firsts: number[] = [];
    await breathing(program.aside(size, 1, 0), breath);
    firsts.push(spans.to.get(0));
    for (const step of [1, 2, 0]) {
      await breathing(
        program.stepsAside(1, 1, step, () => {}),
        breath,
      );
      firsts.push(spans.to.get(0));
    }
    expect(firsts).toEqual([0, 10, 20, 0]);
    program.release();
  });

  it.each([1, 2])("lets other work run while steps do, to the same bits, on %i threads", async (threads) => {
    const parameters: string[] = [];
    const histories: unknown[] = [];
    let most = 0;
    for (const engine of ["wasm", "native"] as const satisfies EngineName[]) {
      using network = await createNetwork({ ...large, threads: engine === "wasm" ? 1 : threads, engine });
      const training = network.fit(x, y, { ...fit, epochs: 6, optimizer: adam() });
      most = await turnsUntil(training, () => {});
      parameters.push(hashOf(network.parameters()));
      histories.push(await training);
    }
    expect(parameters[1]).toBe(parameters[0]);
    expect(histories[1]).toEqual(histories[0]);
    expect(most).toBeGreaterThan(6);
  });

  it("shows whole steps to who asks meanwhile, in every call", async () => {
    const steps = 18;
    // What the network is after each step.
    const hashes: string[] = [];
    using slow = await createNetwork({ ...large, engine: "native", threads: 2 });
    hashes.push(hashOf(slow.parameters()));
    const told = { onStep: () => void hashes.push(hashOf(slow.parameters())) };
    await slow.fit(x, y, { ...fit, ...told, epochs: steps / 3, optimizer: adam() });

    using network = await createNetwork({ ...large, engine: "native", threads: 2 });
    const optimizer = adam();
    const few = new Matrix(x.data.subarray(0, 900), 3, 300);
    let looks = 0;
    const calls = [
      () => hashOf(network.parameters()),
      () => hashOf(network.clone().parameters()),
      () => [network.predict(few)].map(() => hashOf(network.parameters()))[0],
      () => [network.evaluate(x, y)].map(() => hashOf(network.parameters()))[0],
    ];
    const files: { readonly bytes: Uint8Array; readonly steps: number }[] = [];
    const training = network.fit(x, y, { ...fit, epochs: steps / 3, optimizer });
    await turnsUntil(training, () => {
      const call = calls[looks++ % calls.length];
      expect(hashes.indexOf(call?.() ?? "")).toBe(network.steps);
      expect(optimizer.steps).toBe(network.steps);
      files.push({ bytes: network.toBytes(), steps: network.steps });
      expect(() => network.trainStep(x, y, { optimizer })).toThrow(StateError);
      expect(() => network.dispose()).toThrow(StateError);
    });
    expect(looks).toBeGreaterThan(4);
    for (const { bytes, steps } of files) {
      using loaded = await loadNetwork(bytes, { engine: "native" });
      expect([loaded.steps, hashOf(loaded.parameters())]).toEqual([steps, hashes[steps]]);
    }
  });

  it("side by side, networks have the bits that each has alone", async () => {
    const trained = async (seed: number) => {
      using network = await createNetwork({ ...large, seed, engine: "native", threads: 2 });
      await network.fit(x, y, { ...fit, epochs: 2, optimizer: adam() });
      return hashOf(network.parameters());
    };
    const alone = [await trained(1), await trained(2), await trained(3)];
    expect(await Promise.all([1, 2, 3].map(trained))).toEqual(alone);
  });

  it("a step that isn't finite raises NumericError, and the step before stands", async () => {
    using network = await createNetwork({ ...large, engine: "native", threads: 1 });
    await network.fit(x, y, { epochs: 1, batchSize: 200, optimizer: adam() });
    const before = network.parameters();
    const huge = before.map(({ weights, biases }) => ({
      weights: new Matrix(
        weights.data.map((w) => w * 1e30),
        weights.rows,
        weights.cols,
      ),
      biases,
    }));
    network.setParameters(huge);
    const hash = hashOf(network.parameters());
    await expect(network.fit(x, y, { epochs: 1, batchSize: 200, optimizer: adam() })).rejects.toThrow(
      NumericError,
    );
    expect(hashOf(network.parameters())).toBe(hash);
  });

  it("a panic beside JavaScript comes out of fit, and the next network works", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    using network = await createNetwork({ ...large, engine: "native", threads: 2 });
    const { layers } = network.trainee;
    const bind = layers.bind.bind(layers);
    layers.bind = (operations, batches) => {
      const { w } = layers.engine.room("a test", { w: { type: "float32", length: 4 } }).spans;
      const span = w.part(1, 1);
      const misaligned = { op: "gatherBytes", to: span, from: span, width: 1e9, scale: 1, m: 1, order: span };
      return bind([...operations, misaligned as never], batches);
    };
    const training = network.fit(x, y, { epochs: 2, batchSize: 200, optimizer: adam() });
    await expect(training).rejects.toThrow(InternalError);
    expect(() => network.predict(x)).toThrow(InternalError);
    using next = await createNetwork({ ...large, engine: "native" });
    expect((await next.fit(x, y, { epochs: 1, batchSize: 200 })).loss).toHaveLength(1);
  });

  it.each(["process.exit", "the end of its worker", "an uncaught error"])(
    "%s in the middle of a step is no crash",
    async (end) => {
      const run = promisify(execFile)(process.execPath, ["test/native/ended-amid-steps.mjs", end]);
      const { stdout } = await run.catch((error) => error);
      expect(stdout.trim()).toBe("training");
      const code = await run.then(
        () => 0,
        (error) => error.signal ?? error.code,
      );
      expect(code).toBe(end === "an uncaught error" ? 1 : 0);
    },
  );
});
