// Threads change no bit, leak nothing, end by themselves, and a lost one is an error or nothing at all.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import type { WorkerThread } from "../ts/engine/wasm/workers.js";
import { adam, createNetwork, InternalError, Matrix, momentum, type Network } from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { instanceOf } from "./instance.js";
import { made } from "./made.js";

/** The workers that were started, and a switch that makes the next start fail. */
const started = vi.hoisted(() => ({
  workers: [] as { seat: number; memory: WebAssembly.Memory; worker: WorkerThread }[],
  refusal: undefined as string | undefined,
}));

vi.mock("../ts/engine/wasm/workers.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../ts/engine/wasm/workers.js")>();
  const startWorker: typeof original.startWorker = async (start, onExit) => {
    if (started.refusal !== undefined) {
      onExit();
      throw new Error(started.refusal);
    }
    const worker = await original.startWorker(start, onExit);
    started.workers.push({ seat: start.seat, memory: start.memory, worker });
    return worker;
  };
  return { ...original, startWorker };
});

/** Large enough that every product of its first layers is cut into several parts. */
const layerDims = [129, 257, 130, 3];
const m = 133;

async function wide(threads: number | "auto", dtype: "float32" | "float64" = "float32"): Promise<Network> {
  const network = await createNetwork({ layerDims, outputActivation: "softmax", seed: 3, dtype, threads });
  made(network);
  return network;
}

const x = new Matrix(
  Float32Array.from({ length: m * 129 }, (_, i) => ((i * 7919) % 1000) / 500 - 1),
  m,
  129,
);
const y = Array.from({ length: m }, (_, i) => i % 3);

const fit = { batchSize: 67, l2: 0.1, keepProb: 0.8 };

describe("the number of threads changes no bit", () => {
  it.each(["float32", "float64"] as const)("%s, 500 steps with L2 and dropout", async (dtype) => {
    const digests = new Set<string>();
    for (const threads of [1, 2, 3, 4, 8]) {
      const network = await wide(threads, dtype);
      expect(network.runtime.threads).toBe(threads);
      await network.fit(x, y, { ...fit, epochs: 250, optimizer: adam() });
      expect(network.steps).toBe(500);
      digests.add(hashOf(network.parameters()));
    }
    expect(digests.size).toBe(1);
  });

  it("nor that of momentum, predictions and losses", async () => {
    const results = [];
    for (const threads of [1, 2, 5]) {
      const network = await wide(threads);
      await network.fit(x, y, { epochs: 20, batchSize: m, optimizer: momentum({ learningRate: 0.05 }) });
      results.push([network.predict(x).toArray(), network.evaluate(x, y)]);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

describe("runtime", () => {
  it("says that threads were used, and why", async () => {
    expect((await wide(2)).runtime).toMatchObject({ backend: "wasm", threads: 2, simd: true });
    expect((await wide(1)).runtime.reason).toContain("asked");
  });

  it("auto leaves a small network on one thread and says so", async () => {
    const network = await createNetwork({ layerDims: [30, 16, 8, 1] });
    made(network);
    expect(network.runtime).toMatchObject({ threads: 1, reason: expect.stringContaining("1024 weights") });
  });

  it("a worker that can't start means one thread with the reason", async () => {
    started.refusal = "a worker did not start: status 404";
    try {
      const network = await wide(64);
      expect(network.runtime).toMatchObject({ threads: 1, reason: started.refusal });
      expect((await network.fit(x, y, { epochs: 1, batchSize: m })).steps).toBe(1);
    } finally {
      started.refusal = undefined;
    }
  });
});

describe("many networks", () => {
  it("train at the same time, fit and predict interleaved, as each would alone", async () => {
    const alone = await wide(2);
    await alone.fit(x, y, { ...fit, epochs: 60, optimizer: adam() });
    const [first, second] = [await wide(2), await wide(3)];
    const running = [first, second].map((network) =>
      network.fit(x, y, {
        ...fit,
        epochs: 60,
        optimizer: adam(),
        onEpoch: () => alone.predict(x) && undefined,
      }),
    );
    await Promise.all(running);
    expect(hashOf(first.parameters())).toBe(hashOf(alone.parameters()));
    expect(hashOf(second.parameters())).toBe(hashOf(alone.parameters()));
  });

  it("made at the same time, share the workers", async () => {
    const before = started.workers.length;
    const most = Math.max(...started.workers.map(({ seat }) => seat));
    await Promise.all([wide(most + 3), wide(most + 2), wide(most + 3)]);
    const seats = started.workers.slice(before).map(({ seat }) => seat);
    expect(seats.sort()).toEqual([most + 1, most + 2]);
  });

  it("made and disposed of 10,000 times, start no more workers and keep no memory", async () => {
    const once = async () => {
      const network = await createNetwork({ layerDims: [40, 30, 1], threads: 2 });
      const { memoryBytes } = await instanceOf(network);
      network.dispose();
      return memoryBytes;
    };
    const before = await once();
    const workers = started.workers.length;
    for (let i = 0; i < 10_000; i++) await once();
    expect(await once()).toBe(before);
    expect(started.workers).toHaveLength(workers);
  });
});

describe("a worker that is killed", () => {
  let kills = 0;

  /** Kills the worker while training at a moment that `delay` (ms) sets; says how it ended. */
  async function killed(delay: number): Promise<"finished" | "lost"> {
    const [network, other] = [await wide(2), await wide(2)];
    const before = hashOf(other.parameters());
    const { buffer } = (await instanceOf(network)).views.bytes(0, 1);
    const first = started.workers.filter(({ seat, memory }) => seat === 1 && memory.buffer === buffer);
    let gone: unknown;
    const timer = setTimeout(() => {
      gone = first.at(-1)?.worker.terminate();
      kills += 1;
    }, delay);
    try {
      await network.fit(x, y, { ...fit, epochs: 40, optimizer: adam() });
      return "finished";
    } catch (error) {
      expect(error).toBeInstanceOf(InternalError);
      expect(() => network.predict(x)).toThrow(InternalError);
      return "lost";
    } finally {
      clearTimeout(timer);
      await gone;
      // Whatever happened, the other network's parameters are there, and a new network works.
      expect(hashOf(other.parameters())).toBe(before);
      const fresh = await wide(2);
      expect((await fresh.fit(x, y, { epochs: 1, batchSize: m })).steps).toBe(1);
    }
  }

  it("at any moment: training ends right or with InternalError, never in a hang", async () => {
    const reference = await wide(1);
    await reference.fit(x, y, { ...fit, epochs: 40, optimizer: adam() });
    await wide(2);
    const before = started.workers.length;
    const times = Number(process.env.LAYERWISE_KILLS ?? 6);
    for (let i = 0; i < times; i++) await killed(5 + ((i * 37) % 100));
    expect(kills).toBeGreaterThan(0);
    expect(started.workers).toHaveLength(before + kills);
  }, 1_000_000);
});

describe("a process with threads", () => {
  it("ends by itself without dispose, and takes no processor time while it waits", async () => {
    const program = `
      import { createNetwork } from "layerwise";
      const network = await createNetwork({ layerDims: [256, 512, 1], threads: 2 });
      const rows = Array.from({ length: 256 }, () => new Array(256).fill(0.5));
      await network.fit(rows, rows.map((_, i) => i % 2), { epochs: 3, batchSize: rows.length });
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const { user, system } = process.cpuUsage(before);
      console.log(JSON.stringify({ threads: network.runtime.threads, milliseconds: (user + system) / 1000 }));
    `;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], {
      timeout: 30_000,
    });
    const { threads, milliseconds } = JSON.parse(stdout);
    expect(threads).toBe(2);
    // Of a second, two spinning threads would take 1000 or more.
    expect(milliseconds).toBeLessThan(100);
  });
});
