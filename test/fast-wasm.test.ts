// Math "fast" in WebAssembly: which file computes it, and what is said where it can't be had.
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildsRead, buildFile as file } from "./builds-read.js";
import { checkFastMath } from "./fast-math.js";
import { MemoryStore, storeOf } from "./files/small-files.js";
import { allowRelaxedSimd, withoutRelaxedSimd } from "./relaxed-simd.js";

await allowRelaxedSimd();

const [x, y] = [
  [
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  [1, 1, 0],
];

/** A fresh package, which has loaded nothing and warned of nothing. */
let layerwise: typeof import("../ts/index.js");

beforeEach(async () => {
  vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  vi.resetModules();
  layerwise = await import("../ts/index.js");
});

afterEach(() => {
  vi.restoreAllMocks();
});

const create = (math: "exact" | "fast", dtype: "float32" | "float64" = "float32", threads = 1) =>
  layerwise.createNetwork({ layerDims: [2, 3, 1], engine: "wasm", seed: 3, math, dtype, threads });

/** It computes what exact math does, and a warning says why. */
async function expectExact(reason: string, dtype: "float32" | "float64" = "float32", threads = 1) {
  const network = await create("fast", dtype, threads);
  const { runtime } = network;
  expect(runtime).toMatchObject({ math: "exact", mathReason: expect.stringContaining(reason), threads });
  const warning = `math is "exact" in place of "fast": ${runtime.mathReason}`;
  expect(process.emitWarning).toHaveBeenCalledWith(expect.stringContaining(warning), expect.anything());
  expect(network.predict(x)).toEqual((await create("exact", dtype)).predict(x));
}

describe("fast math in WebAssembly", () => {
  checkFastMath("wasm", ["float32"], ["wasm"]);

  it("has of the relaxed instructions only those that give one result", () => {
    // Multiply-add, of which the build tells how it rounds, and the choice by a mask of whole lanes.
    const [madd, choice] = [0x105, 0x10b];
    for (const build of ["pkg-fast", "pkg-fast-threads"]) {
      const bytes = fs.readFileSync(file(build));
      const relaxed = Array.from({ length: 0x14 }, (_, i) => 0x100 + i);
      const found = relaxed.filter((code) => bytes.includes(Buffer.of(0xfd, (code & 127) | 128, code >> 7)));
      expect(found.filter((code) => code !== choice + 1)).toEqual([madd, choice]);
    }
  });

  it.each(["relu", "silu", "tanh", "gelu", "hardSwish", "softplus"] as const)(
    "%s of numbers that no sum rounds is exact",
    async (activation) => {
      const sizes = [0, 1, 1e-40, 1e-3, 0.3, 2, 5, 30, 89, 1e4, 1e30];
      const row = [...sizes, ...sizes.map((size) => -size)];
      const weights = row.map((_, i) => row.map((_, j) => Number(i === j)));
      const answer = async (math: "exact" | "fast") => {
        const network = await layerwise.createNetwork({
          inputs: row.length,
          layers: [layerwise.dense(row.length, { activation }), layerwise.dense(row.length)],
          engine: "wasm",
          math,
        });
        network.setParameters([
          { weights, biases: row.map(() => 0) },
          { weights, biases: row.map(() => 0) },
        ]);
        return new Uint32Array(network.predict([row, row]).data.buffer);
      };
      expect(await answer("fast")).toEqual(await answer("exact"));
    },
  );

  it("finds what isn't finite as exact math does, and leaves the step undone", async () => {
    const network = await create("fast");
    const before = network.toBytes();
    const big = x.map((row) => row.map((number) => number * 3e38));
    const failure = async (of: typeof network) => {
      try {
        return of.trainStep(big, y, { optimizer: layerwise.gradientDescent({ learningRate: 0.1 }) });
      } catch (error) {
        return String(error);
      }
    };
    const said = await failure(network);
    expect(said).toContain("NumericError");
    expect(said).toBe(await failure(await create("exact")));
    expect(network.toBytes()).toEqual(before);
  });
});

describe("of the files are loaded", () => {
  it.each([
    [1, "pkg-fast"],
    [2, "pkg-fast-threads"],
  ])("by a network of fast math on %i thread(s) its own", async (threads, build) => {
    const read = buildsRead();
    const network = await create("fast", "float32", threads);
    expect(network.runtime).toMatchObject({ math: "fast", threads });
    await network.fit(x, y, { epochs: 2, batchSize: 2, validation: { fraction: 0.4 } });
    expect(read).toEqual([build]);
    expect(process.emitWarning).not.toHaveBeenCalled();
  });

  it("by a saved network that is loaded for fast math, and by a fit that goes on with it", async () => {
    const store = new MemoryStore();
    const network = await create("fast");
    await network.fit(x, y, { epochs: 1, checkpoint: { path: "-", store } });
    const bytes = network.toBytes();
    vi.resetModules();
    layerwise = await import("../ts/index.js");
    const read = buildsRead();
    const here = { engine: "wasm", threads: 1 } as const;
    await layerwise.loadNetwork(bytes, { ...here, math: "fast" });
    await layerwise.resumeTraining("-", x, y, { ...here, store: storeOf(store.generations[0]) });
    expect(read).toEqual(["pkg-fast"]);
  });

  it("by what belongs to no network those of fast math, if they are there", async () => {
    const read = buildsRead();
    await create("fast");
    await layerwise.miniBatches(x, y, { batchSize: 1 });
    expect(read).toEqual(["pkg-fast"]);
  });

  it("by a gradient check float64's, which is exact", async () => {
    const network = await create("fast");
    const read = buildsRead();
    expect(layerwise.gradientCheck(network, x, y).ok).toBe(true);
    expect(read).toEqual(["pkg-float64"]);
    expect(process.emitWarning).not.toHaveBeenCalled();
  });
});

describe("exact math takes its place, with a reason and a warning,", () => {
  it("where WebAssembly has no relaxed SIMD", async () => {
    withoutRelaxedSimd();
    await expectExact("this WebAssembly has no relaxed SIMD: fast math needs Node 21");
  });

  it("with float64", async () => {
    await expectExact("in WebAssembly fast math is for float32 alone, not float64", "float64");
  });

  it("where the processor rounds a relaxed multiply-add twice", async () => {
    const { Instance } = WebAssembly;
    vi.spyOn(WebAssembly, "Instance").mockImplementation(function made(module, imports) {
      const { exports } = new Instance(module, imports);
      return { exports: "rounds_once" in exports ? { ...exports, rounds_once: () => 0 } : exports };
    });
    await expectExact("expected WebAssembly that multiplies and adds in one rounding, got one without");
  });

  it.each([1, 2])("where its files aren't there: %i thread(s)", async (threads) => {
    const none = new URL("none.wasm", import.meta.url);
    layerwise.configure({ fastWasm: none, fastThreadsWasm: none });
    await expectExact("configure({ fastWasm, fastThreadsWasm, worker })", "float32", threads);
  });

  it("but where its files aren't there either, the error is of fast math's", async () => {
    const none = new URL("none.wasm", import.meta.url);
    layerwise.configure({ fastWasm: none, wasm: none });
    const failure = create("fast");
    await expect(failure).rejects.toBeInstanceOf(layerwise.EnvironmentError);
    await expect(failure).rejects.toThrow("configure({ fastWasm, fastThreadsWasm, worker })");
  });

  it("where they are those of exact math", async () => {
    layerwise.configure({ fastWasm: file("pkg") });
    await expectExact("expected kernels of fast math (wasm/layerwise-fast.wasm), got those of exact math");
  });
});

it("threads that can't be had leave fast math on one", async () => {
  layerwise.configure({ fastThreadsWasm: file("pkg-threads") });
  const { runtime } = await create("fast", "float32", 2);
  expect(runtime).toMatchObject({ math: "fast", threads: 1 });
  expect(runtime.reason).toContain("kernels of fast math (wasm/layerwise-fast-threads.wasm)");
});

it("the file of fast math is refused for exact math", async () => {
  layerwise.configure({ wasm: fs.readFileSync(file("pkg-fast")) });
  const expected = "kernels of exact math (wasm/layerwise.wasm), got those of fast math";
  await expect(create("exact")).rejects.toThrow(`configure.wasm: expected ${expected}`);
});

it("a fit of fast math isn't resumed where there is none", async () => {
  const store = new MemoryStore();
  const network = await create("fast");
  await network.fit(x, y, { epochs: 1, checkpoint: { path: "-", store } });
  withoutRelaxedSimd();
  const resumed = layerwise.resumeTraining("-", x, y, {
    store: storeOf(store.generations[0]),
    engine: "wasm",
  });
  await expect(resumed).rejects.toThrow('got "exact": this WebAssembly has no relaxed SIMD');
});
