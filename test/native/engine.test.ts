// The native engine beside WebAssembly: which one is taken and why, and that a fit begun on one goes on with the other.
import { afterEach, describe, expect, it, vi } from "vitest";
import { nativeEngine } from "../../ts/engine/native/native-engine.js";
import { BUILD } from "../../ts/engine/wasm/instance.js";
import {
  adam,
  createNetwork,
  type Dtype,
  type EngineName,
  InternalError,
  loadNetwork,
  Matrix,
  resumeTraining,
} from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { MemoryStore, storeOf } from "../files/small-files.js";
import { Random } from "../random-cases.js";
import { IS_BUILT } from "./is-built.js";

const random = new Random(12);
const x = Matrix.from(random.rows(70, 40));
const y = Array.from({ length: 70 }, () => random.below(3));
const layers = { layerDims: [40, 64, 17, 3], outputActivation: "softmax", seed: 5 } as const;

afterEach(() => vi.unstubAllEnvs());

describe("the option engine", () => {
  it("is one of three words", async () => {
    await expect(createNetwork({ ...layers, engine: "gpu" as EngineName })).rejects.toThrow(
      'engine: expected one of "auto", "wasm", "native", got "gpu"',
    );
    vi.stubEnv("LAYERWISE_ENGINE", "fast");
    await expect(createNetwork(layers)).rejects.toThrow(/^LAYERWISE_ENGINE: expected one of .*, got "fast"/);
  });

  it('"wasm" is WebAssembly, and says so', async () => {
    using network = await createNetwork({ ...layers, engine: "wasm" });
    expect(network.runtime).toMatchObject({
      backend: "wasm",
      instructionSet: "simd128",
      backendReason: 'engine is "wasm"',
    });
  });

  it.runIf(IS_BUILT)("taken from the variable where it isn't given, and before it where it is", async () => {
    vi.stubEnv("LAYERWISE_ENGINE", "native");
    using native = await createNetwork(layers);
    expect(native.runtime).toMatchObject({
      backend: "native",
      backendReason: 'LAYERWISE_ENGINE is "native"',
    });
    using wasm = await createNetwork({ ...layers, engine: "wasm" });
    expect(wasm.runtime.backend).toBe("wasm");
  });
});

describe.runIf(IS_BUILT)("the native engine", () => {
  it('is what "auto" takes where it is there', async () => {
    vi.stubEnv("LAYERWISE_ENGINE", "");
    using network = await createNetwork({ ...layers, threads: 2 });
    expect(network.runtime).toMatchObject({
      backend: "native",
      threads: 2,
      simd: true,
      backendReason: "@layerwise/native is installed",
      reason: "2 threads were asked for",
    });
    expect(network.runtime.instructionSet).toMatch(/^x64-v[34]$/);
  });

  it.each<[Dtype, EngineName, EngineName]>([
    ["float32", "wasm", "native"],
    ["float32", "native", "wasm"],
    ["float64", "wasm", "native"],
    ["float64", "native", "wasm"],
  ])(
    "in %s: a fit begun on %s and resumed on %s has the bits of a whole one",
    async (dtype, first, second) => {
      const fit = { epochs: 4, batchSize: 16, keepProb: 0.8, l2: 0.1 };
      using whole = await createNetwork({ ...layers, dtype, engine: first });
      await whole.fit(x, y, { ...fit, optimizer: adam() });
      using begun = await createNetwork({ ...layers, dtype, engine: first });
      const [stop, store] = [new AbortController(), new MemoryStore()];
      const onStep = ({ step }: { step: number }) => step === 2 && stop.abort();
      const checkpoint = { path: "-", store, everySteps: 1 };
      await begun.fit(x, y, { ...fit, optimizer: adam(), checkpoint, signal: stop.signal, onStep });
      const saved = store.generations[0] ?? new Uint8Array();
      const resumed = await resumeTraining("-", x, y, { store: storeOf(saved), engine: second });
      expect(resumed.network.runtime.backend).toBe(second);
      expect(hashOf(resumed.network.parameters())).toBe(hashOf(whole.parameters()));
      resumed.network.dispose();
    },
  );

  it("reads what the other engine wrote, and answers the same", async () => {
    using wasm = await createNetwork({ ...layers, engine: "wasm" });
    await wasm.fit(x, y, { epochs: 2 });
    using native = await loadNetwork(wasm.toBytes(), { engine: "native" });
    expect(native.predict(x)).toEqual(wasm.predict(x));
    expect(native.toBytes()).toEqual(wasm.toBytes());
  });

  it.each([1, 2, 3, 8])("has the bits of WebAssembly on %i threads", async (threads) => {
    const wide = { layerDims: [300, 256, 1], seed: 3, threads };
    const inputs = new Matrix(
      Float32Array.from({ length: 300 * 600 }, () => random.signed()),
      600,
      300,
    );
    const labels = Array.from({ length: 600 }, () => random.below(2));
    const hashes = [];
    for (const engine of ["wasm", "native"] as const) {
      using network = await createNetwork({ ...wide, engine, threads: engine === "wasm" ? 1 : threads });
      await network.fit(inputs, labels, { epochs: 2, batchSize: 300, optimizer: adam() });
      hashes.push(hashOf(network.parameters()));
    }
    expect(hashes[1]).toBe(hashes[0]);
  });

  it.each([3, 4, 8, 12, 16, 24, 32, 40, 48])(
    "has the loss of WebAssembly with the terms of L1 and L2, whose order W's panels don't change: %i units",
    async (units) => {
      for (const dtype of ["float32", "float64"] as const) {
        for (let seed = 0; seed < 12; seed++) {
          const losses: number[] = [];
          for (const engine of ["wasm", "native"] as const) {
            using network = await createNetwork({ layerDims: [37, units, 1], dtype, seed, engine });
            losses.push(network.gradients([x.data.subarray(0, 37)], [1], { l1: 0.3, l2: 0.7 }).loss);
          }
          expect(losses[1]).toBe(losses[0]);
        }
      }
    },
  );

  it("is none of other kernels than the script's, and both numbers are named", async () => {
    vi.resetModules();
    const { loadAddon } = await import("../../ts/engine/native/load.js");
    const other = `@layerwise/native is of other kernels (${BUILD}, not ${BUILD + 1})`;
    await expect(loadAddon(BUILD + 1)).rejects.toThrow(other);
  });

  it("a panic is an InternalError that ends what shares the engine, and the next network works", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const engine = await nativeEngine(BUILD, { threads: 2, reason: "a test" }, "a test");
    using other = await createNetwork({ ...layers, engine: "native" });
    const { w } = engine.room("a test", { w: { type: "float32", length: 4 } }).spans;
    const misaligned = w.part(1, 1); // for a float64
    const sum = { op: "sum", y: misaligned, x: misaligned, other: misaligned, width: 1 } as const;
    const program = engine.program("float64", [sum]);
    let fault: unknown;
    try {
      program.run(1, 0, 0);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(InternalError);
    expect(engine.isFault(fault)).toBe(true);
    expect(() => other.trainStep(x, y, { optimizer: adam() })).toThrow(InternalError);
    expect(other.parameters()).toHaveLength(3);
    using next = await createNetwork({ ...layers, engine: "native" });
    expect((await next.fit(x, y, { epochs: 1 })).loss).toHaveLength(1);
  });
});
