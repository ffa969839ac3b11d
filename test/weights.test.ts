/// <reference types="vite/types/importMeta.d.ts" />
// Weights of examples and of classes: sampleWeight and classWeight.
import { afterEach, describe, expect, it, vi } from "vitest";
import { LOSSES, type Loss, lossRow } from "../ts/catalog/losses.js";
import { toExamples } from "../ts/data/examples.js";
import { splitExamples } from "../ts/data/split.js";
import {
  adam,
  type ClassWeight,
  createNetwork,
  gradientCheck,
  gradientDescent,
  loadNetwork,
  Matrix,
  miniBatches,
  type OutputActivation,
  ResourceError,
  resumeTraining,
} from "../ts/index.js";
import { atOnce } from "../ts/platform/breath.js";
import { hashOf } from "./closeness.js";
import { MemoryStore } from "./files/small-files.js";
import { asInput, difference, type Parameters } from "./golden-parameters.js";
import { instanceOf } from "./instance.js";

/** A training run by PyTorch in float64, and scikit-learn's scores behind it (golden/weights/make.py). */
interface Run {
  readonly loss: Exclude<Loss, string>;
  readonly output: OutputActivation;
  readonly dims: number[];
  readonly l2: number;
  readonly learningRate: number;
  readonly x: number[][];
  readonly targets: number[] | number[][];
  readonly sampleWeight: number[] | null;
  readonly classWeight: ClassWeight | null;
  readonly parameters: Parameters;
  /** Of the first step. */
  readonly gradients: Parameters;
  readonly losses: number[];
  readonly trained: Parameters;
  readonly evaluation: Record<string, number | number[][]>;
}

const [text = "[]"] = Object.values(
  import.meta.glob<string>("./golden/weights/runs.json", { query: "?raw", import: "default", eager: true }),
);
const runs = (JSON.parse(text) as Run[]).map((run, i) => [`${i + 1}: ${run.loss.type}`, run] as const);

function weightsOf({ sampleWeight, classWeight }: Run) {
  return { ...(sampleWeight && { sampleWeight }), ...(classWeight && { classWeight }) };
}

async function make(run: Run, dtype: "float32" | "float64" = "float64") {
  const { dims: layerDims, output: outputActivation, loss } = run;
  const options = { layerDims, hiddenActivation: "tanh", outputActivation, loss, dtype, threads: 1 } as const;
  const network = await createNetwork(options);
  network.setParameters(asInput(run.parameters));
  return network;
}

/** The largest difference of any score. */
function scoresApart(got: object, expected: Run["evaluation"]): number {
  const numbers = (value: unknown): number[] =>
    Array.isArray(value) ? value.flatMap(numbers) : [Number(value)];
  const apart = Object.entries(expected).flatMap(([name, value]) => {
    const found = numbers(Reflect.get(got, name));
    return numbers(value).map((known, i) => Math.abs((found[i] ?? Number.NaN) - known));
  });
  return Math.max(...apart);
}

const BOUNDS = { float64: { gradients: 1e-12, trained: 1e-11 }, float32: { gradients: 2e-6, trained: 2e-5 } };

describe.each(runs)("golden run %s", (_, run) => {
  const weights = weightsOf(run);
  const asked = { metrics: ["logLoss", "confusionMatrix"] } as const;
  const metrics = "logLoss" in run.evaluation ? asked : {};

  it.each(["float64", "float32"] as const)(
    "trains as in PyTorch and scores as in scikit-learn, in %s",
    async (dtype) => {
      const { l2, learningRate, x, targets } = run;
      const bounds = BOUNDS[dtype];
      using network = await make(run, dtype);
      const optimizer = gradientDescent({ learningRate });
      run.losses.forEach((expected, step) => {
        if (step === 0) {
          const { loss, gradients } = network.gradients(x, targets, { l2, ...weights });
          expect(Math.abs(loss - expected)).toBeLessThan(bounds.trained);
          expect(difference(gradients, run.gradients)).toBeLessThan(bounds.gradients);
        }
        const loss = network.trainStep(x, targets, { optimizer, l2, ...weights });
        expect(Math.abs(loss - expected)).toBeLessThan(bounds.trained);
      });
      expect(difference(network.parameters(), run.trained)).toBeLessThan(bounds.trained);
      const found = network.evaluate(x, targets, { ...metrics, ...weights });
      expect(scoresApart(found, run.evaluation)).toBeLessThan(bounds.trained);
    },
  );

  it("fit's full batches are the very steps, and its history their losses", async () => {
    const { l2, learningRate, x, targets } = run;
    using network = await make(run);
    using twin = await make(run);
    const optimizer = gradientDescent({ learningRate });
    const losses = run.losses.map(() => twin.trainStep(x, targets, { optimizer, l2, ...weights }));
    const epochs = run.losses.length;
    const { loss } = await network.fit(x, targets, {
      epochs,
      batchSize: x.length,
      optimizer: gradientDescent({ learningRate }),
      l2,
      ...weights,
    });
    expect(loss).toEqual(losses.map((each) => (each * x.length) / x.length));
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("has gradients that are the slopes of the loss", async () => {
    using network = await make(run);
    const check = gradientCheck(network, run.x, run.targets, { l2: 0.1, ...weights });
    expect(check.ok, check.report()).toBe(true);
    expect(check.relativeError).toBeLessThan(1e-7);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const m = 53;
const x = Array.from({ length: m }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const bitsOf = x.map(([a = 0, b = 0]) => Number(a + b > 0.9));
const classes = x.map(([a = 0, b = 0]) => (a + b > 1.2 ? 2 : Number(b > 0)));
const sampleWeight = x.map((_, i) => (i % 7 === 3 ? 0 : 1 + wave(i, 4)));

const softmax = { layerDims: [3, 8, 3], outputActivation: "softmax", seed: 4, threads: 1 } as const;
const sigmoid = { layerDims: [3, 8, 1], seed: 4, threads: 1 } as const;

describe("weights of examples", () => {
  const ofUnits = LOSSES.filter((name) => lossRow(name).targets !== "classes");

  it.each(ofUnits)("%s: 0 leaves an example out of the sum, not of m", async (loss) => {
    const outputActivation = lossRow(loss).of;
    const dtype = "float64";
    using network = await createNetwork({ layerDims: [3, 4, 2], outputActivation, loss, dtype });
    const y = x.map((_, i) => [i % 2, (i >> 1) % 2]);
    const [kept, left] = [x.slice(0, 20), x.slice(20, 30)];
    const all = network.gradients([...kept, ...left], y.slice(0, 30), {
      sampleWeight: Array.from({ length: 30 }, (_, i) => Number(i < 20)),
    });
    const alone = network.gradients(kept, y.slice(0, 20));
    expect(all.loss).toBeCloseTo((alone.loss * 20) / 30, 14);
    const scaled = alone.gradients.map(
      ({ weights, biases }) =>
        [
          weights.toArray().map((row) => row.map((value) => (value * 20) / 30)),
          Array.from(biases, (value) => (value * 20) / 30),
        ] as const,
    );
    expect(difference(all.gradients, scaled)).toBeLessThan(1e-14);
  });

  it("an example of weight 0 may be so far off that its loss isn't finite", async () => {
    using network = await createNetwork({ layerDims: [2, 1], outputActivation: "linear", dtype: "float64" });
    network.setParameters([{ weights: [[1, 1]], biases: [0] }]);
    const far = [
      [1, 2],
      [1e200, 0],
    ];
    const { loss } = network.gradients(far, [0, 0], { sampleWeight: [1, 0] });
    expect(loss).toBe(9 / 2);
  });

  it("of 1 change no bit of a training", async () => {
    using network = await createNetwork(softmax);
    using twin = await createNetwork(softmax);
    const ones = new Uint8Array(m).fill(1);
    await network.fit(x, classes, { epochs: 3, batchSize: 8, sampleWeight: ones, keepProb: 0.8 });
    await twin.fit(x, classes, { epochs: 3, batchSize: 8, keepProb: 0.8 });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("travel with their examples through shuffled mini-batches", async () => {
    using network = await createNetwork(softmax);
    using twin = await createNetwork(softmax);
    const optimizer = adam();
    const found = await network.fit(x, classes, { epochs: 2, batchSize: 8, sampleWeight, l2: 0.1 });
    const losses: number[] = [];
    for (const epoch of [1, 2]) {
      let sum = 0;
      for (const batch of await miniBatches(x, classes, { batchSize: 8, seed: 4, epoch })) {
        const of = batch.indices.map((i) => sampleWeight[i] ?? 0);
        const step = { optimizer, l2: 0.1, sampleWeight: of };
        sum += twin.trainStep(batch.x, batch.y, step) * batch.x.rows;
      }
      losses.push(sum / m);
    }
    expect(found.loss).toEqual(losses);
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("give the same bits on several threads, and beyond the engine's copy", async () => {
    const width = 301;
    const wide = new Matrix(
      Float32Array.from({ length: 700 * width }, (_, i) => ((i * 7919) % 1000) / 500 - 1),
      700,
      width,
    );
    const y = Array.from({ length: 700 }, (_, i) => i % 3);
    const by = Float64Array.from({ length: 700 }, (_, i) => (i * 31) % 5);
    const trained = async (threads: number, hasRoom = true) => {
      using network = await createNetwork({ ...softmax, layerDims: [width, 24, 3], threads });
      const instance = await instanceOf(network);
      const { allocate } = instance;
      vi.spyOn(instance, "allocate").mockImplementation((bytes, what) => {
        if (!hasRoom && what.startsWith("a data set of"))
          throw new ResourceError(what, `${bytes}`, "no room");
        return allocate.call(instance, bytes, what);
      });
      const { loss } = await network.fit(wide, y, {
        epochs: 2,
        batchSize: 333,
        sampleWeight: by,
        warnings: false,
      });
      vi.restoreAllMocks();
      return [hashOf(network.parameters()), ...loss];
    };
    const one = await trained(1);
    expect(await trained(3)).toEqual(one);
    expect(await trained(1, false)).toEqual(one);
  });

  it("may be any array of numbers, and are copied at the call", async () => {
    using network = await createNetwork(softmax);
    using twin = await createNetwork(softmax);
    const changing = Float32Array.from(sampleWeight);
    const given = changing.slice();
    const fit = network.fit(x, classes, { epochs: 2, batchSize: 8, sampleWeight: changing });
    changing.fill(9);
    await fit;
    await twin.fit(x, classes, { epochs: 2, batchSize: 8, sampleWeight: Array.from(given) });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("follow a weighted call by one without, and the other way round", async () => {
    using network = await createNetwork(softmax);
    const plain = network.gradients(x, classes).loss;
    const weighted = network.gradients(x, classes, { sampleWeight }).loss;
    expect(weighted).not.toBe(plain);
    const [before, by] = [network.evaluate(x, classes), network.evaluate(x, classes, { sampleWeight })];
    expect(network.evaluate(x, classes)).toEqual(before);
    expect(network.evaluate(x, classes, { sampleWeight })).toEqual(by);
    const optimizer = gradientDescent({ learningRate: 1e-300 });
    expect(network.trainStep(x, classes, { optimizer })).toBe(plain);
    expect(network.trainStep(x, classes, { optimizer, sampleWeight })).toBe(weighted);
    expect(network.trainStep(x, classes, { optimizer })).toBe(plain);
  });

  it("reach a metric of one's own, and evaluate's own of numbers", async () => {
    using network = await createNetwork({ layerDims: [3, 2], outputActivation: "linear" });
    const y = x.map(([a = 0, b = 0]) => [a, b]);
    const seen: unknown[] = [];
    const value = (_: unknown, __: unknown, weights: unknown) => seen.push(weights);
    network.evaluate(x, y, { sampleWeight, metrics: [{ name: "seen", value }] });
    expect(seen).toEqual([Float64Array.from(sampleWeight)]);
  });
});

describe("weights of classes", () => {
  it("multiply those of examples, once for the whole training set", async () => {
    using network = await createNetwork(softmax);
    using twin = await createNetwork(softmax);
    const counts = [0, 1, 2].map((k) => classes.filter((c) => c === k).length);
    const both = classes.map((c, i) => (sampleWeight[i] ?? 0) * (m / (3 * (counts[c] ?? 0))));
    const options = { epochs: 2, batchSize: 8 };
    await network.fit(x, classes, { ...options, sampleWeight, classWeight: "balanced" });
    await twin.fit(x, classes, { ...options, sampleWeight: both });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("balanced have the mean 1, over the examples that aren't held back for validation", async () => {
    const options = { epochs: 2, batchSize: 8, validation: { fraction: 0.3, seed: 5 } } as const;
    using network = await createNetwork(sigmoid);
    using twin = await createNetwork(sigmoid);
    const { layers, config } = network.trainee;
    const examples = atOnce(toExamples(x, bitsOf, config, layers.engine));
    const { kept } = splitExamples(layers.engine, examples, { fraction: 0.3, seed: 5, stratify: false });
    const ones = Array.from(kept.labels).filter((label) => label === 1).length;
    const each = [kept.m / (2 * (kept.m - ones)), kept.m / (2 * ones)] as const;
    expect((each[0] * (kept.m - ones) + each[1] * ones) / kept.m).toBeCloseTo(1, 14);
    const balanced = await network.fit(x, bitsOf, { ...options, classWeight: "balanced" });
    const given = await twin.fit(x, bitsOf, { ...options, classWeight: each });
    expect(balanced).toEqual(given);
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("raise the recall of the rare class", async () => {
    const recallOf = async (weights: { classWeight?: ClassWeight }) => {
      using network = await createNetwork({ layerDims: [3, 1], seed: 1 });
      const rare = x.map(([a = 0], i) => Number(a > 0.2 && i % 3 === 0)); // a third of those that look so
      await network.fit(x, rare, { epochs: 60, optimizer: adam({ learningRate: 0.01 }), ...weights });
      return network.evaluate(x, rare, { metrics: ["recall"] }).recall;
    };
    const [plain, balanced] = [await recallOf({}), await recallOf({ classWeight: "balanced" })];
    expect(balanced).toBeGreaterThan(plain + 0.1);
  });

  it("warn once of a class that has no example, and balance the others", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    using network = await createNetwork(softmax);
    using twin = await createNetwork(softmax);
    const two = classes.map((c) => Math.min(c, 1));
    const [zeros, ones] = [0, 1].map((k) => two.filter((c) => c === k).length);
    const each = [m / (2 * (zeros ?? 0)), m / (2 * (ones ?? 0)), 0];
    const given = twin.gradients(x, two, { classWeight: each });
    expect(network.gradients(x, two, { classWeight: "balanced" })).toEqual(given);
    await network.fit(x, two, { epochs: 1, classWeight: "balanced" });
    expect(warn.mock.calls.map(([said]) => said)).toEqual([
      expect.stringMatching(/classWeight "balanced" finds no example of class 2: weight 0/),
    ]);
    using silent = await createNetwork(softmax);
    await silent.fit(x, two, { epochs: 1, classWeight: "balanced", warnings: false });
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe("weights in validation and in checkpoints", () => {
  const held = { x: x.slice(30), y: classes.slice(30), sampleWeight: sampleWeight.slice(30) };
  const [trainX, trainY, by] = [x.slice(0, 30), classes.slice(0, 30), sampleWeight.slice(0, 30)];

  it("validation examples have weights of their own, which classWeight leaves alone", async () => {
    using network = await createNetwork(softmax);
    await network.fit(trainX, trainY, {
      epochs: 2,
      classWeight: [1, 5, 2],
      validation: held,
      onEpoch: ({ validation }) => {
        const { sampleWeight } = held;
        expect(validation).toEqual(network.evaluate(held.x, held.y, { sampleWeight }));
      },
    });
  });

  it("those of a fraction keep the weights that they have", async () => {
    using network = await createNetwork(softmax);
    using twin = await createNetwork(softmax);
    const options = { epochs: 2, batchSize: 8 };
    const validation = { fraction: 0.3, stratify: true } as const;
    const found = await network.fit(x, classes, { ...options, sampleWeight, validation });
    const { layers, config } = twin.trainee;
    const ofAll = atOnce(toExamples(x, classes, config, layers.engine, "borrowed", sampleWeight));
    const { kept, held } = splitExamples(layers.engine, ofAll, { fraction: 0.3, stratify: true, seed: 4 });
    const given = await twin.fit(new Matrix(kept.x, kept.m, 3), kept.labels, {
      ...options,
      sampleWeight: kept.weights ?? [],
      validation: { x: new Matrix(held.x, held.m, 3), y: held.labels, sampleWeight: held.weights ?? [] },
    });
    expect(found).toEqual(given);
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("a fit that is taken up again is the same to the bit, and refuses other weights", async () => {
    const store = new MemoryStore();
    const checkpoint = { path: "run", everySteps: 3, keep: 9, store };
    const options = { epochs: 3, batchSize: 8, validation: held };
    const weights = { sampleWeight: by, classWeight: "balanced" } as const;
    using whole = await createNetwork(softmax);
    const history = await whole.fit(trainX, trainY, { ...options, ...weights });
    using broken = await createNetwork(softmax);
    const stop = new AbortController();
    await broken.fit(trainX, trainY, {
      ...options,
      ...weights,
      checkpoint,
      signal: stop.signal,
      onStep: ({ epoch, step }) => {
        if (epoch === 2 && step === 2) stop.abort();
      },
    });
    const resume = (given: object) =>
      resumeTraining("run", trainX, trainY, { store, validation: held, ...weights, ...given });
    for (const other of [
      { sampleWeight: by.map((weight) => weight + 1) },
      { sampleWeight: undefined },
      { classWeight: undefined },
      { sampleWeight: undefined, classWeight: undefined },
    ]) {
      await expect(resume(other)).rejects.toMatchObject({ name: "StateError", path: "sampleWeight" });
    }
    const { sampleWeight: _, ...unweighted } = held;
    await expect(resume({ validation: unweighted })).rejects.toMatchObject({
      name: "StateError",
      path: "validation.sampleWeight",
    });
    const resumed = await resume({});
    expect(resumed.history).toEqual(history);
    expect(hashOf(resumed.network.parameters())).toBe(hashOf(whole.parameters()));
    resumed.network.dispose();
    const loaded = await loadNetwork("run", { store });
    expect(hashOf(loaded.parameters())).toBe(hashOf(whole.parameters()));
    loaded.dispose();
  });
});
