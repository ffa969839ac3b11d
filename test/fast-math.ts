// What math "fast" is on every engine that has it: sums in the same order, each product rounded together with its sum.
import { expect, it } from "vitest";
import {
  adam,
  ConfigError,
  createNetwork,
  type Dtype,
  loadNetwork,
  type MathName,
  Matrix,
  type ResumeOptions,
  resumeTraining,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore, storeOf } from "./files/small-files.js";
import { Random } from "./random-cases.js";

const random = new Random(31);
const x = Matrix.from(random.rows(70, 40));
const y = Array.from({ length: 70 }, () => random.below(3));
const layers = { layerDims: [40, 70, 17, 3], outputActivation: "softmax", seed: 5 } as const;
const fit = { epochs: 4, batchSize: 33, keepProb: 0.8, l2: 0.1 };

/** Of the parameters after a fit, on every engine whose products are fused. */
const HASHES: Readonly<Record<Dtype, string>> = {
  float32: "bb84181a2be6330be4e16f17a262911fe34a4bf5ffc205b491c78151fb34d6c5",
  float64: "a9f1eee3af0fbbd83f626a7fc3b74d23d859f313cb912cf5fa973ecd044de578",
};

/** The rounding of one operation. */
const UNITS: Readonly<Record<Dtype, number>> = { float32: 2 ** -24, float64: 2 ** -53 };

function at({ data, cols }: Matrix, i: number, j: number): number {
  return data[i * cols + j] ?? Number.NaN;
}

type EngineName = "wasm" | "native";

/** On an engine, with the number types that it has; `onwards`: on which engines a fit that was begun there goes on. */
export function checkFastMath(
  engine: EngineName,
  dtypes: readonly Dtype[],
  onwards: readonly EngineName[],
): void {
  const here = { ...layers, engine } as const;

  /** The parameters after a fit that is aborted behind step `last` of its first epoch, if any, and its last checkpoint. */
  async function begun(math: MathName, last?: number): Promise<{ hash: string; saved: Uint8Array }> {
    using network = await createNetwork({ ...here, math });
    const [stop, store] = [new AbortController(), new MemoryStore()];
    const onStep = ({ step }: { step: number }) => step === last && stop.abort();
    const checkpoint = { path: "-", store, everySteps: 1 };
    await network.fit(x, y, { ...fit, optimizer: adam(), checkpoint, signal: stop.signal, onStep });
    return { hash: hashOf(network.parameters()), saved: store.generations[0] ?? new Uint8Array() };
  }

  it.each(dtypes)(
    "in %s has bits of its own, the same on every engine and with any number of threads",
    async (dtype) => {
      const hashOfFit = async (math: MathName, threads: number) => {
        const wide = { layerDims: [150, 130, 1], seed: 3, threads, dtype, engine, math } as const;
        using network = await createNetwork(wide);
        expect(network.runtime).toMatchObject({ threads, math, mathReason: `math is "${math}"` });
        const inputs = Matrix.from(new Random(4).rows(301, 150));
        const labels = Array.from({ length: 301 }, (_, i) => i % 2);
        await network.fit(inputs, labels, { epochs: 2, batchSize: 150, optimizer: adam() });
        return hashOf(network.parameters());
      };
      for (const threads of [1, 2, 3]) expect(await hashOfFit("fast", threads)).toBe(HASHES[dtype]);
      expect(await hashOfFit("exact", 1)).not.toBe(HASHES[dtype]);
    },
  );

  it.each(dtypes)("in %s differs by less than both roundings may", async (dtype) => {
    const [m, k] = [37, 300];
    const one = { layerDims: [k, 21], outputActivation: "linear", dtype, engine } as const;
    const inputs = Matrix.from(random.rows(m, k), dtype);
    using exact = await createNetwork(one);
    using fast = await createNetwork({ ...one, math: "fast" });
    const [first, second] = [exact.predict(inputs), fast.predict(inputs)];
    const weights = exact.parameters()[0]?.weights ?? new Matrix(new Float32Array(0), 0, k);
    let differences = 0;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < 21; j++) {
        const terms = Array.from({ length: k }, (_, p) => Math.abs(at(inputs, i, p) * at(weights, j, p)));
        const difference = Math.abs(at(second, i, j) - at(first, i, j));
        expect(difference).toBeLessThan(2 * k * UNITS[dtype] * terms.reduce((sum, term) => sum + term, 0));
        differences += difference > 0 ? 1 : 0;
      }
    expect(differences).toBeGreaterThan(100);
  });

  it("is its clone's, and no model file's", async () => {
    using network = await createNetwork({ ...here, math: "fast" });
    using copy = network.clone();
    expect(copy.runtime.math).toBe("fast");
    const bytes = network.toBytes();
    using exact = await createNetwork(here);
    expect(bytes).toEqual(exact.toBytes());
    using loaded = await loadNetwork(bytes, { engine });
    expect(loaded.runtime.math).toBe("exact");
    using again = await loadNetwork(bytes, { engine, math: "fast" });
    expect(again.predict(x)).toEqual(network.predict(x));
  });

  it.each(onwards)("goes on where a fit is resumed, on the engine %s, and to the same bits", async (next) => {
    const whole = await begun("fast");
    const { saved } = await begun("fast", 2);
    const resumed = await resumeTraining("-", x, y, { store: storeOf(saved), engine: next });
    expect(resumed.network.runtime).toMatchObject({ backend: next, math: "fast" });
    expect(hashOf(resumed.network.parameters())).toBe(whole.hash);
    resumed.network.dispose();
  });

  it.each<[MathName, ResumeOptions, string]>([
    [
      "exact",
      { math: "fast" },
      'math: expected "exact", as in the checkpoint, or changeMath: true, got "fast"',
    ],
    [
      "fast",
      { math: "exact" },
      'math: expected "fast", as in the checkpoint, or changeMath: true, got "exact"',
    ],
  ])("a fit that was %s isn't resumed with %o unless it is asked for", async (before, given, message) => {
    const [whole, { saved }] = [await begun(before), await begun(before, 2)];
    const options = { engine, ...given } as const;
    const refused = resumeTraining("-", x, y, { store: storeOf(saved), ...options });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(message);
    const resumed = await resumeTraining("-", x, y, { store: storeOf(saved), ...options, changeMath: true });
    expect(resumed.network.runtime.math).not.toBe(before);
    expect(hashOf(resumed.network.parameters())).not.toBe(whole.hash);
    resumed.network.dispose();
  });
}
