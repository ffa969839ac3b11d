// n batches an update are one batch of n times the size.
import { describe, expect, it, vi } from "vitest";
import {
  type AnyLayerParametersInput,
  adam,
  ConfigError,
  createNetwork,
  dense,
  type FitOptions,
  gradientDescent,
  type Layer,
  momentum,
  NumericError,
  ResourceError,
  resumeTraining,
  StateError,
  sgd,
  step,
} from "../ts/index.js";
import { entryError, hashOf, layersError } from "./closeness.js";
import { MemoryStore, rejection, storeOf } from "./files/small-files.js";
import golden from "./golden/updates/runs.json" with { type: "json" };
import { made } from "./made.js";

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const m = 23;
const x = Array.from({ length: m }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const y = x.map(([a = 0, b = 0], i) => Number(a + b + 0.6 * wave(i, 5) > 0));

const plainLayers: Layer[] = [
  dense(9, { activation: "tanh" }),
  { type: "dropout", keepProb: 0.7 },
  dense(8, { activation: "gelu" }),
  dense(1, { activation: "sigmoid" }),
];
const withNorm: Layer[] = [
  dense(8),
  { type: "batchNorm", decay: 0.8, epsilon: 1e-5 },
  { type: "activation", activation: "relu" },
  { type: "dropout", keepProb: 0.7 },
  dense(1, { activation: "sigmoid" }),
];

async function network(layers = plainLayers, more: object = {}) {
  return made(await createNetwork({ inputs: 3, layers, seed: 3, threads: 1, dtype: "float64", ...more }));
}

const base = { epochs: 4, l2: 0.2, warnings: false } as const;

describe("trains as PyTorch does, step for step (golden/updates/make.py):", () => {
  it.each(golden.accumulated)("$options", async ({ options, parameters, losses, trained }) => {
    const one = made(
      await createNetwork({
        inputs: 3,
        layers: [
          dense(5),
          { type: "batchNorm" },
          { type: "activation", activation: "tanh" },
          dense(3, { activation: "softmax" }),
        ],
        dtype: "float64",
      }),
    );
    one.setParameters(parameters as AnyLayerParametersInput[]);
    const { clip, ...given } = options as { clip?: number; batchSize: number; accumulate: number };
    const history = await one.fit(golden.x, golden.labels, {
      ...given,
      ...(clip !== undefined && { clip: { norm: clip } }),
      epochs: golden.epochs,
      l2: golden.l2,
      optimizer: sgd({ learningRate: golden.learningRate, momentum: 0.9 }),
      warnings: false,
    });
    expect(entryError(history.loss, losses)).toBeLessThan(1e-9);
    expect(layersError(one.parameters(), trained)).toBeLessThan(1e-9);
    expect(history.steps).toBe(golden.epochs);
  });
});

describe("is one batch of n times the size", () => {
  it.each([
    [4, 2],
    [3, 3],
    [1, 8],
    [5, 2],
    [6, 4],
    [11, 3],
    [22, 2],
  ])("with dropout, L2 and clipping: %i examples, %i times", async (batchSize, accumulate) => {
    for (const optimizer of [() => adam({ learningRate: 0.01 }), () => momentum({ learningRate: 0.1 })]) {
      const [one, other] = [await network(), await network()];
      const fit = { ...base, clip: { norm: 0.3, value: 0.2 } };
      const whole = await one.fit(x, y, {
        ...fit,
        batchSize: batchSize * accumulate,
        optimizer: optimizer(),
      });
      const parts = await other.fit(x, y, { ...fit, batchSize, accumulate, optimizer: optimizer() });
      expect(parts.steps).toBe(whole.steps);
      expect(entryError(parts.loss, whole.loss)).toBeLessThan(1e-12);
      expect(layersError(other.parameters(), one.parameters())).toBeLessThan(1e-11);
    }
  });

  it("with weights of examples and classes", async () => {
    const sampleWeight = x.map((_, i) => (i * 7) % 5);
    const [one, other] = [await network(), await network()];
    const fit = { ...base, sampleWeight, classWeight: "balanced" } as const;
    const whole = await one.fit(x, y, { ...fit, batchSize: 9 });
    const parts = await other.fit(x, y, { ...fit, batchSize: 3, accumulate: 3 });
    expect(entryError(parts.loss, whole.loss)).toBeLessThan(1e-12);
    expect(layersError(other.parameters(), one.parameters())).toBeLessThan(1e-11);
  });

  it("with penalties, norms and factors of single layers, and some that aren't trained", async () => {
    const layers: Layer[] = [
      dense(9, { activation: "tanh", trainable: false }),
      dense(8, { activation: "tanh", l1: 0.01, l2: 0.3, maxNorm: 1.5, learningRateFactor: 2 }),
      dense(1, { activation: "sigmoid", bias: false }),
    ];
    const [one, other] = [await network(layers), await network(layers)];
    const fit = { ...base, l1: 0.02 };
    const whole = await one.fit(x, y, { ...fit, batchSize: 9 });
    const parts = await other.fit(x, y, { ...fit, batchSize: 3, accumulate: 3 });
    expect(entryError(parts.loss, whole.loss)).toBeLessThan(1e-12);
    expect(layersError(other.parameters(), one.parameters())).toBeLessThan(1e-11);
  });

  it("of bytes as of numbers", async () => {
    const bytes = Uint8Array.from({ length: 3 * m }, (_, i) => (i * 37) % 256);
    const numbers = Array.from({ length: m }, (_, i) => [...bytes.subarray(3 * i, 3 * i + 3)]);
    const hashes = new Set<string>();
    for (const data of [{ data: bytes, rows: m, cols: 3 }, numbers]) {
      const one = await network();
      await one.fit(data as number[][], y, { ...base, batchSize: 3, accumulate: 3 });
      hashes.add(hashOf(one.parameters()));
    }
    expect(hashes.size).toBe(1);
  });

  it("to the bit where all sums are exact: small integers, and 8 examples", async () => {
    const layers: Layer[] = [dense(4), { type: "dropout", keepProb: 0.5 }, dense(2)];
    const integers = (i: number, k: number) => ((i * 7 + k * 5) % 9) - 4;
    const inputs = Array.from({ length: 8 }, (_, i) => [integers(i, 1), integers(i, 2), integers(i, 3)]);
    const targets = inputs.map((_, i) => [integers(i, 4), integers(i, 5)]);
    for (const dtype of ["float32", "float64"] as const) {
      const hashes = new Set<string>();
      for (const [batchSize, accumulate] of [
        [8, 1],
        [4, 2],
        [2, 4],
        [1, 8],
        [3, 3],
        [5, 2],
      ] as const) {
        const one = await network(layers, { dtype });
        const rows = (r: number, c: number, k: number) =>
          Array.from({ length: r }, (_, i) => Array.from({ length: c }, (_, j) => integers(i, j + k)));
        one.setParameters([
          { weights: rows(4, 3, 0), biases: [1, -2, 3, 0] },
          { weights: rows(2, 4, 1), biases: [2, -1] },
        ]);
        const optimizer = gradientDescent({ learningRate: 0.25 });
        await one.fit(inputs, targets, { epochs: 1, batchSize, accumulate, optimizer, warnings: false });
        hashes.add(hashOf(one.parameters()));
      }
      expect(hashes.size).toBe(1);
    }
  });

  it("else each gradient is within 2·γ of it, γ = m·u/(1 − m·u) times the sum of its terms' magnitudes", async () => {
    const layers = plainLayers.filter(({ type }) => type === "dense");
    for (const dtype of ["float32", "float64"] as const) {
      const gradientsOf = async (given: object) => {
        const one = await network(layers, { dtype });
        await one.fit(x, y, { epochs: 1, optimizer: gradientDescent(), warnings: false, ...given });
        return one.trainee.layers.readByRows(one.trainee.layers.gradients);
      };
      const exact = await network(layers, { dtype });
      const terms = x.map((row, i) => {
        exact.gradients([row], [y[i] ?? 0]);
        return exact.trainee.layers.readByRows(exact.trainee.layers.gradients);
      });
      const whole = await gradientsOf({ batchSize: m });
      const u = dtype === "float32" ? 2 ** -24 : 2 ** -53;
      // One rounding more of each term, which is divided by m or by 1 before its product is rounded.
      const gamma = ((m + 2) * u) / (1 - (m + 2) * u);
      for (const batchSize of [1, 2, 3, 5, 8, 12, 22]) {
        const parts = await gradientsOf({ batchSize, accumulate: m });
        parts.forEach((value, i) => {
          const magnitude = terms.reduce((sum, term) => sum + Math.abs(term[i] ?? 0), 0) / m;
          expect(Math.abs(value - (whole[i] ?? 0))).toBeLessThanOrEqual(2 * gamma * magnitude);
        });
      }
    }
  });

  it("where a step is long, and taken in portions", async () => {
    const wide: Layer[] = [
      dense(1200, { activation: "relu" }),
      dense(1200),
      dense(1, { activation: "sigmoid" }),
    ];
    const rows = Array.from({ length: 140 }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
    const labels = rows.map(([a = 0]) => Number(a > 0));
    const trained = async (given: object) => {
      const one = await network(wide, { threads: 2 });
      const { loss } = await one.fit(rows, labels, {
        epochs: 1,
        optimizer: gradientDescent(),
        warnings: false,
        ...given,
      });
      return { loss, parameters: one.parameters() };
    };
    const whole = await trained({ batchSize: 140 });
    const parts = await trained({ batchSize: 70, accumulate: 2 });
    expect(entryError(parts.loss, whole.loss)).toBeLessThan(1e-12);
    expect(layersError(parts.parameters, whole.parameters)).toBeLessThan(1e-12);
  });

  it("where the data stay in JavaScript's memory", async () => {
    const [one, other] = [await network(withNorm), await network(withNorm)];
    const fit = { ...base, batchSize: 3, accumulate: 2, warnings: false };
    const history = await one.fit(x, y, fit);
    const { engine } = other.trainee.layers;
    const room = engine.room.bind(engine);
    const spy = vi.spyOn(engine, "room").mockImplementation((what, spans) => {
      if (what.startsWith("a data set")) throw new ResourceError("memory", "less", "more");
      return room(what, spans);
    });
    try {
      expect(await other.fit(x, y, fit)).toEqual(history);
    } finally {
      spy.mockRestore();
    }
    expect(hashOf(other.parameters())).toBe(hashOf(one.parameters()));
  });
});

it("gives the same bits on any number of threads, and with accumulate: 1 those without it", async () => {
  for (const [given, threads] of [
    [{ accumulate: 3 }, [1, 2, 3]],
    [{ accumulate: 1 }, [1, 2]],
  ] as const) {
    const hashes = new Set<string>();
    for (const count of threads) {
      const one = await network(withNorm, { threads: count, dtype: "float32" });
      await one.fit(x, y, { ...base, batchSize: 4, ...given });
      hashes.add(hashOf(one.parameters()));
    }
    if (given.accumulate === 1) {
      const one = await network(withNorm, { dtype: "float32" });
      await one.fit(x, y, { ...base, batchSize: 4 });
      hashes.add(hashOf(one.parameters()));
    }
    expect(hashes.size).toBe(1);
  }
});

describe("a step is an update", () => {
  it("in history, reports, the optimizer and schedules; a shorter last group updates too", async () => {
    const one = await network();
    const optimizer = gradientDescent({ learningRate: step({ from: 0.1, factor: 0.5, steps: 3 }) });
    const seen: unknown[] = [];
    const history = await one.fit(x, y, {
      epochs: 2,
      batchSize: 4,
      accumulate: 2,
      optimizer,
      onStep: ({ step, stepsPerEpoch, examples }) => void seen.push([step, stepsPerEpoch, examples]),
    });
    const epoch = [
      [1, 3, 8],
      [2, 3, 8],
      [3, 3, 7],
    ];
    expect(seen).toEqual([...epoch, ...epoch]);
    expect([history.steps, one.steps, optimizer.steps]).toEqual([6, 6, 6]);
    expect(history.learningRate).toEqual([0.1, 0.05]);
  });

  it("which the signal ends a fit behind, whole, even if it aborts between two batches", async () => {
    const one = await network(withNorm);
    const twin = await network(withNorm);
    const fit = { epochs: 100_000, batchSize: 3, accumulate: 3, warnings: false };
    const stop = new AbortController();
    const onStep = () => void setTimeout(() => stop.abort());
    const { steps, stoppedBy } = await one.fit(x, y, { ...fit, signal: stop.signal, onStep });
    expect(stoppedBy).toBe("signal");
    const end = new AbortController();
    let taken = 0;
    await twin.fit(x, y, {
      ...fit,
      signal: end.signal,
      onStep: () => void (++taken === steps && end.abort()),
    });
    expect(hashOf(twin.parameters())).toBe(hashOf(one.parameters()));
  });

  it.each([0, 1, 2])("and nothing of one is applied where batch %i isn't finite", async (bad) => {
    const [one, twin] = [
      await network(withNorm, { dtype: "float32" }),
      await network(withNorm, { dtype: "float32" }),
    ];
    const [optimizer, other] = [adam(), adam()];
    const fit = { epochs: 2, batchSize: 8, accumulate: 3, warnings: false };
    await one.fit(x, y, { ...fit, optimizer });
    await twin.fit(x, y, { ...fit, optimizer: other });
    const wrong = x.map((row, i) => (Math.floor(i / 8) === bad ? row.map((v) => v * 3e38) : row));
    const error = await rejection(one.fit(wrong, y, { ...fit, optimizer }));
    expect(error).toBeInstanceOf(NumericError);
    expect([one.steps, optimizer.steps]).toEqual([2, 2]);
    expect(hashOf(one.parameters())).toBe(hashOf(twin.parameters()));
    one.trainStep(x, y, { optimizer });
    twin.trainStep(x, y, { optimizer: other });
    expect(hashOf(one.parameters())).toBe(hashOf(twin.parameters()));
  });
});

it("gradients that are too large are found wherever in the step they come from", async () => {
  const one = await network([dense(64)], { inputs: 64, dtype: "float32" });
  const before = hashOf(one.parameters());
  const row = (value: number) => new Array<number>(64).fill(value);
  const optimizer = gradientDescent({ learningRate: 1 });
  const fit = { epochs: 1, batchSize: 1, accumulate: 3, optimizer, warnings: false };
  const targets = [0, 2 ** 60, 0].map(row);
  const error = await rejection(one.fit([1e-3, 2 ** 52, 1e-3].map(row), targets, fit));
  expect(error).toBeInstanceOf(NumericError);
  expect([one.steps, hashOf(one.parameters())]).toEqual([0, before]);
});

describe("a fit that is resumed", () => {
  it.each([
    { batchSize: 4, accumulate: 2 },
    { batchSize: 3, accumulate: 5 },
    { batchSize: 6, accumulate: 9 },
  ])("at any step comes to the same end, to the bit: %j", async (given) => {
    const one = await network(withNorm);
    const store = new MemoryStore();
    const files: Uint8Array[] = [];
    const history = await one.fit(x, y, {
      ...base,
      ...given,
      checkpoint: { path: "c", store, everySteps: 1 },
      onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
    });
    expect(files).toHaveLength(history.steps);
    for (const file of files) {
      const resumed = await resumeTraining("c", x, y, { store: storeOf(file) });
      expect(resumed.history).toEqual(history);
      expect(hashOf(resumed.network.parameters())).toBe(hashOf(one.parameters()));
      resumed.network.dispose();
    }
    const other = await rejection(resumeTraining("c", x, y, { store: storeOf(files[0]), accumulate: 4 }));
    expect(other).toBeInstanceOf(StateError);
    expect(other).toMatchObject({ path: "accumulate" });
  });
});

it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2", null, true])(
  "accumulate %s is refused, and nothing has changed",
  async (accumulate) => {
    const one = await network();
    const before = hashOf(one.parameters());
    const error = await rejection(one.fit(x, y, { epochs: 1, accumulate } as FitOptions));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path: "accumulate" });
    expect([one.steps, hashOf(one.parameters())]).toEqual([0, before]);
    const words = await rejection(one.fit(x, y, { epochs: 1, gradientAccumulationSteps: 2 } as never));
    expect(String(words)).toContain("did you mean accumulate?");
  },
);

it("a batch of one example with batchNorm is one, however many go to an update", async () => {
  const one = await network(withNorm);
  const error = await rejection(one.fit(x, y, { epochs: 1, batchSize: 11, accumulate: 3 }));
  expect(error).toMatchObject({ path: "batchSize" });
});
