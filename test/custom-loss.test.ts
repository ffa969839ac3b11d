/// <reference types="vite/types/importMeta.d.ts" />
// loss: custom({ valueAndGradient }): a loss that is a function of the network's outputs.
import { describe, expect, it } from "vitest";
import {
  type AnyLayerParameters,
  activation,
  adam,
  type CustomLoss,
  createNetwork,
  custom,
  dense,
  gradientCheck,
  gradientDescent,
  type LossFunction,
  loadNetwork,
  Matrix,
  type Network,
  type NumberScores,
  resumeTraining,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore } from "./files/small-files.js";
import { difference, type Parameters } from "./golden-parameters.js";

/** The mean of squared errors over examples and units, as `meanSquaredError` has it; by weights where there are any. */
const squares: LossFunction = (outputs, targets, weights) => {
  const count = outputs.data.length;
  let value = 0;
  const gradient = outputs.data.map((a, i) => {
    const weight = weights?.[Math.floor(i / outputs.cols)] ?? 1;
    const error = a - (targets.data[i] ?? 0);
    value += (weight * error * error) / count;
    return (2 * weight * error) / count;
  });
  return { value, gradient: new Matrix(gradient, outputs.rows, outputs.cols) };
};

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const m = 41;
const x = Array.from({ length: m }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const y = x.map(([a = 0, b = 0, c = 0]) => [a * b, a - c]);
const sampleWeight = x.map((_, i) => (i % 5 === 2 ? 0 : 1 + wave(i, 4)));

const make = (loss: CustomLoss | "meanSquaredError", more: object = {}) =>
  createNetwork({
    layerDims: [3, 6, 2],
    outputActivation: "linear",
    dtype: "float64",
    seed: 3,
    ...options(loss, more),
  });

function options(loss: CustomLoss | "meanSquaredError", more: object) {
  return { loss, threads: 1, ...more } as const;
}

/** Of all parameters, the largest difference. */
function apart(one: readonly AnyLayerParameters[], other: readonly AnyLayerParameters[]): number {
  const numbers = (all: readonly AnyLayerParameters[]) =>
    all.flatMap((layer) => ("weights" in layer ? [...layer.weights.data, ...(layer.biases ?? [])] : []));
  const others = numbers(other);
  return Math.max(...numbers(one).map((value, i) => Math.abs(value - (others[i] ?? Number.NaN))));
}

describe("meanSquaredError, written by hand, is the built-in one", () => {
  it("in updates of several batches", async () => {
    using own = await make(custom({ valueAndGradient: squares }));
    using built = await make("meanSquaredError");
    const training = { epochs: 3, batchSize: 2, accumulate: 3, l2: 0.1 };
    const [a, b] = [await own.fit(x, y, training), await built.fit(x, y, training)];
    a.loss.forEach((loss, i) => {
      expect(loss).toBeCloseTo(b.loss[i] ?? Number.NaN, 12);
    });
    expect(apart(own.parameters(), built.parameters())).toBeLessThan(1e-12);
  });

  it("in steps, gradients and evaluation, with dropout, L2 and weights", async () => {
    using own = await make(custom({ valueAndGradient: squares }));
    using built = await make("meanSquaredError");
    for (const weights of [{}, { sampleWeight }]) {
      const [a, b] = [own, built].map((network) => network.gradients(x, y, { l2: 0.2, ...weights }));
      expect(Math.abs((a?.loss ?? 0) - (b?.loss ?? 1))).toBeLessThan(1e-12);
      expect(apart(a?.gradients ?? [], b?.gradients ?? [])).toBeLessThan(1e-12);
      const scores = [own, built].map((network) =>
        network.evaluate(x, y, { metrics: ["pinball"], ...weights }),
      );
      for (const [name, score] of Object.entries(scores[0] ?? {})) {
        expect(score, name).toBeCloseTo(Reflect.get(scores[1] ?? {}, name), 12);
      }
      const [one, other] = [adam(), adam()];
      for (let i = 0; i < 5; i++) {
        const loss = own.trainStep(x, y, { optimizer: one, l2: 0.2, keepProb: 0.7, ...weights });
        const step = { optimizer: other, l2: 0.2, keepProb: 0.7, ...weights };
        expect(Math.abs(loss - built.trainStep(x, y, step))).toBeLessThan(1e-12);
      }
      expect(apart(own.parameters(), built.parameters())).toBeLessThan(1e-12);
    }
  });

  it("in fit: mini-batches, validation, early stopping, clipping", async () => {
    using own = await make(custom({ valueAndGradient: squares }));
    using built = await make("meanSquaredError");
    const fit = {
      epochs: 6,
      batchSize: 8,
      sampleWeight,
      clip: { norm: 1 },
      keepProb: 0.8,
      validation: { fraction: 0.25 },
      earlyStopping: { patience: 3 },
    };
    const [one, other] = [await own.fit(x, y, fit), await built.fit(x, y, fit)];
    expect(one.loss).toHaveLength(other.loss.length);
    one.loss.forEach((loss, i) => void expect(loss).toBeCloseTo(other.loss[i] ?? 0, 12));
    one.validation?.loss.forEach(
      (loss, i) => void expect(loss).toBeCloseTo(other.validation?.loss[i] ?? 0, 12),
    );
    expect(one.best?.epoch).toBe(other.best?.epoch);
    expect(apart(own.parameters(), built.parameters())).toBeLessThan(1e-12);
  });

  it("in float32, and with any last activation but softmax", async () => {
    for (const outputActivation of ["linear", "sigmoid"] as const) {
      const more = { outputActivation, dtype: "float32" };
      using own = await make(custom({ valueAndGradient: squares }), more);
      using built = await make("meanSquaredError", more);
      await own.fit(x, y, { epochs: 3, batchSize: 8 });
      await built.fit(x, y, { epochs: 3, batchSize: 8 });
      expect(apart(own.parameters(), built.parameters())).toBeLessThan(1e-5);
      expect(own.predict(x).rows).toBe(m);
    }
    await expect(
      make(custom({ valueAndGradient: squares }), { outputActivation: "softmax" }),
    ).rejects.toMatchObject({
      name: "ConfigError",
      path: "loss",
    });
  });
});

/** A training run by PyTorch in float64 (golden/custom/make.py). */
interface Run {
  readonly last: "linear" | "sigmoid" | "tanh";
  readonly l2: number;
  readonly learningRate: number;
  readonly x: number[][];
  readonly targets: number[][];
  readonly parameters: Parameters;
  readonly gradients: Parameters;
  readonly losses: number[];
  readonly trained: Parameters;
}

const [text = "[]"] = Object.values(
  import.meta.glob<string>("./golden/custom/runs.json", { query: "?raw", import: "default", eager: true }),
);

/** The mean of cosh(a − y), and how far the batch's means are apart: no mean over examples. */
const coupled: LossFunction = ({ data, rows, cols }, targets) => {
  const errors = Array.from(data, (a, i) => a - (targets.data[i] ?? 0));
  const means = Array.from({ length: cols }, (_, j) =>
    errors.reduce((sum, error, i) => (i % cols === j ? sum + error / rows : sum), 0),
  );
  const value =
    errors.reduce((sum, error) => sum + Math.cosh(error), 0) / errors.length +
    0.7 * means.reduce((sum, mean) => sum + mean * mean, 0);
  const gradient = errors.map(
    (error, i) => Math.sinh(error) / errors.length + (1.4 * (means[i % cols] ?? 0)) / rows,
  );
  return { value, gradient };
};

describe.each((JSON.parse(text) as Run[]).map((run) => [run.last, run] as const))(
  "behind %s",
  (last, run) => {
    const network = async () => {
      const made: Network<NumberScores, never> = (await createNetwork({
        inputs: 3,
        layers: [dense(5, { activation: "tanh" }), dense(2), activation(last)],
        loss: custom({ valueAndGradient: coupled, name: "coupled" }),
        dtype: "float64",
        threads: 1,
      })) as never;
      made.setParameters(run.parameters.map(([weights, biases]) => ({ weights, biases })) as never);
      return made;
    };

    it("a loss that is no mean over examples trains as in PyTorch", async () => {
      using own = await network();
      const { l2, targets, learningRate } = run;
      const optimizer = gradientDescent({ learningRate });
      expect(difference(own.gradients(run.x, targets, { l2 }).gradients, run.gradients)).toBeLessThan(1e-12);
      for (const expected of run.losses) {
        expect(Math.abs(own.trainStep(run.x, targets, { optimizer, l2 }) - expected)).toBeLessThan(1e-9);
      }
      expect(difference(own.parameters(), run.trained)).toBeLessThan(1e-9);
    });

    it("a gradient check finds the right gradient right and a wrong one wrong", async () => {
      using own = await network();
      const check = gradientCheck(own as never, run.x, run.targets, { l2: 0.1 });
      expect(check.ok, check.report()).toBe(true);
      expect(check.relativeError).toBeLessThan(1e-7);
      using wrong = await createNetwork({
        layerDims: [3, 2],
        outputActivation: "linear",
        loss: custom({
          valueAndGradient: (outputs, targets) => {
            const { value, gradient } = coupled(outputs, targets, undefined);
            return {
              value,
              gradient: (gradient as number[]).map((slope, i) => (i === 3 ? 1.001 * slope : slope)),
            };
          },
        }),
      });
      expect(gradientCheck(wrong, run.x, run.targets).ok).toBe(false);
    });
  },
);

it("it is called with copies once a step, and once an evaluation with all examples", async () => {
  const seen: [rows: number, cols: number, targets: number, weights: number | undefined][] = [];
  const spy: LossFunction = (outputs, targets, weights) => {
    const given = squares(outputs, targets, weights);
    seen.push([outputs.rows, outputs.cols, targets.rows, weights?.length]);
    outputs.data.fill(Number.NaN);
    targets.data.fill(Number.NaN);
    weights?.fill(Number.NaN);
    return given;
  };
  using network = await make(custom({ valueAndGradient: spy }));
  using twin = await make("meanSquaredError");
  await network.fit(x, y, { epochs: 2, batchSize: 16, sampleWeight });
  await twin.fit(x, y, { epochs: 2, batchSize: 16, sampleWeight });
  expect(apart(network.parameters(), twin.parameters())).toBeLessThan(1e-12);
  const epoch = [16, 16, 9].map((rows) => [rows, 2, rows, rows]);
  expect(seen.splice(0)).toEqual([...epoch, ...epoch]);
  const many = Array.from({ length: 50 }, () => x).flat();
  network.evaluate(many, Array.from({ length: 50 }, () => y).flat());
  expect(seen.splice(0)).toEqual([[50 * m, 2, 50 * m, undefined]]);
});

it("gives the same bits on several threads, and step by step", async () => {
  const trained = async (threads: number, onStep?: () => void) => {
    using network = await make(custom({ valueAndGradient: squares }), { threads, layerDims: [3, 64, 2] });
    await network.fit(x, y, { epochs: 3, batchSize: 8, ...(onStep && { onStep }) });
    return hashOf(network.parameters());
  };
  const one = await trained(1);
  expect(await trained(3)).toBe(one);
  expect(await trained(1, () => undefined)).toBe(one);
});

describe("a step is whole or not at all", () => {
  const broken: [name: string, given: () => unknown, error: object][] = [
    [
      "throws",
      () => {
        throw new RangeError("mine");
      },
      { name: "RangeError", message: "mine" },
    ],
    [
      "gives NaN",
      () => ({ value: Number.NaN, gradient: zeros() }),
      { name: "NumericError", got: expect.stringContaining("NaN"), step: 2 },
    ],
    ["gives ∞", () => ({ value: Number.POSITIVE_INFINITY, gradient: zeros() }), { name: "NumericError" }],
    [
      "has a gradient with NaN",
      () => ({ value: 1, gradient: zeros().map((_, i) => (i === 3 ? Number.NaN : 0)) }),
      {
        name: "NumericError",
        got: "NaN at [1][1] (1 such in all)",
        layer: 2,
        step: 2,
        message: expect.stringContaining("layer 2, step 2: expected a finite gradient"),
      },
    ],
    [
      "has a gradient of another length",
      () => ({ value: 1, gradient: [1] }),
      { name: "ShapeError", got: "1 numbers", path: "loss.valueAndGradient().gradient" },
    ],
    [
      "has a gradient of another shape",
      () => ({ value: 1, gradient: new Matrix(zeros(), 2, m) }),
      { name: "ShapeError", expected: expect.stringContaining("41×2") },
    ],
    ["has no gradient", () => ({ value: 1 }), { name: "ShapeError", got: "undefined" }],
    ["has texts for a gradient", () => ({ value: 1, gradient: zeros().map(String) }), { name: "DataError" }],
    [
      "has no value",
      () => ({ gradient: zeros() }),
      { name: "DataError", path: "loss.valueAndGradient().value" },
    ],
    ["gives a number alone", () => 1, { name: "DataError", got: "1" }],
    ["gives nothing", () => undefined, { name: "DataError", got: "undefined" }],
    ["is async", async () => ({ value: 1, gradient: zeros() }), { name: "DataError", got: "a promise" }],
  ];
  const zeros = () => Array.from({ length: 2 * m }, () => 0);

  it.each(broken)("where the function %s", async (_, given, error) => {
    let isBroken = false;
    const valueAndGradient: LossFunction = (...all) => (isBroken ? (given() as never) : squares(...all));
    using network = await make(custom({ valueAndGradient }));
    using twin = await make(custom({ valueAndGradient: squares }));
    const [optimizer, twinOptimizer] = [adam(), adam()];
    const all = { keepProb: 0.7, optimizer };
    network.trainStep(x, y, all);
    isBroken = true;
    expect(() => network.trainStep(x, y, all)).toThrow(expect.objectContaining(error));
    expect(() => network.gradients(x, y)).toThrow(expect.objectContaining(error));
    await expect(network.fit(x, y, { epochs: 1, batchSize: m })).rejects.toMatchObject(error);
    expect(network.steps).toBe(1);
    isBroken = false;
    network.trainStep(x, y, all);
    for (let i = 0; i < 2; i++) twin.trainStep(x, y, { keepProb: 0.7, optimizer: twinOptimizer });
    expect(optimizer.steps).toBe(2);
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("where it calls the very network, whose memory is in use; another one may answer", async () => {
    using teacher = await make("meanSquaredError");
    const calls: ((network: Network<NumberScores>) => unknown)[] = [
      (network) => network.predict(x),
      (network) => network.trainStep(x, y, { optimizer: adam() }),
      (network) => network.evaluate(x, y),
      (network) => network.setParameters(network.parameters()),
      (network) => network.dispose(),
    ];
    for (const call of calls) {
      const found: unknown[] = [];
      const valueAndGradient: LossFunction = (...all) => {
        expect(teacher.predict(x).rows).toBe(m);
        try {
          call(network);
        } catch (error) {
          found.push(error);
        }
        return squares(...all);
      };
      const network: Network<NumberScores> = await make(custom({ valueAndGradient }));
      network.trainStep(x, y, { optimizer: adam() });
      network.evaluate(x, y);
      expect(found).toHaveLength(2);
      expect(found[0]).toMatchObject({ name: "StateError", got: "one" });
      network.dispose();
    }
  });

  it("where an output isn't finite it isn't even asked, and the layer is named", async () => {
    let calls = 0;
    const valueAndGradient: LossFunction = (...all) => {
      calls++;
      return squares(...all);
    };
    using network = await make(custom({ valueAndGradient }), { layerDims: [1, 1, 2] });
    network.setParameters([
      { weights: [[1e200]], biases: [0] },
      { weights: [[1e200], [1]], biases: [0, 0] },
    ]);
    expect(() => network.trainStep([[1]], [[0, 0]], { optimizer: adam() })).toThrow(
      expect.objectContaining({ name: "NumericError", layer: 2, step: 1 }),
    );
    expect(calls).toBe(0);
  });
});

describe("its data are plain, and its function is given again", () => {
  const loss = custom({ valueAndGradient: squares, name: "squares" });

  it("custom() and network.config say its name", async () => {
    expect(loss).toEqual({ type: "custom", name: "squares" });
    expect(Object.isFrozen(loss)).toBe(true);
    expect(custom({ valueAndGradient: squares }).name).toBe("custom");
    using network = await make(loss);
    expect(JSON.parse(JSON.stringify(network.config)).loss).toEqual({ type: "custom", name: "squares" });
    using again = await createNetwork({ ...network.config, threads: 1 } as never);
    expect(again.evaluate(x, y).loss).toBeGreaterThan(0);
  });

  it("without it there is no network: of JSON, of a file, of a copy", async () => {
    using network = await make(loss);
    const error = { name: "ConfigError", path: "loss", expected: expect.stringContaining('name: "squares"') };
    for (const data of [JSON.parse(JSON.stringify(loss)), { ...loss }, Object.freeze({ ...loss })]) {
      await expect(make(data)).rejects.toMatchObject(error);
    }
    await expect(loadNetwork(network.toBytes())).rejects.toMatchObject(error);
    const other = custom({ valueAndGradient: squares, name: "other" });
    await expect(loadNetwork(network.toBytes(), { loss: other })).rejects.toMatchObject({
      name: "ConfigError",
      path: "loss",
    });
    using loaded = await loadNetwork<NumberScores>(network.toBytes(), { loss });
    expect(loaded.evaluate(x, y)).toEqual(network.evaluate(x, y));
    expect(loaded.toBytes()).toEqual(network.toBytes());
  });

  it("a fit is taken up again with it, to the bit", async () => {
    const store = new MemoryStore();
    const fit = { epochs: 4, batchSize: 8, sampleWeight };
    using whole = await make(loss);
    const history = await whole.fit(x, y, fit);
    using first = await make(loss);
    const stop = new AbortController();
    await first.fit(x, y, {
      ...fit,
      checkpoint: { path: "c", store, everySteps: 1000 },
      signal: stop.signal,
      onStep: ({ epoch, step }) => void (epoch === 2 && step === 3 && stop.abort()),
    });
    const error = { name: "ConfigError", path: "loss" };
    await expect(resumeTraining("c", x, y, { store, sampleWeight })).rejects.toMatchObject(error);
    const { network, history: found } = await resumeTraining("c", x, y, { store, sampleWeight, loss });
    expect(found).toEqual(history);
    expect(hashOf(network.parameters())).toBe(hashOf(whole.parameters()));
    network.dispose();
  });

  it.each<[unknown, string]>([
    [{}, "valueAndGradient"],
    [{ valueAndGradient: 1 }, "valueAndGradient"],
    [{ valueAndGradient: squares, name: "" }, "name"],
    [{ valueAndGradient: squares, name: 3 }, "name"],
    [{ valueAndGradient: squares, name: "x".repeat(65) }, "name"],
    [{ valueAndgradient: squares }, "options.valueAndgradient"],
    [squares, "options"],
  ])("custom(%o) is refused", (given, path) => {
    expect(() => custom(given as never)).toThrow(expect.objectContaining({ name: "ConfigError", path }));
  });

  it.each<[unknown, string]>([
    [{ type: "custom" }, "loss.name"],
    [{ type: "custom", name: "own", valueAndGradient: squares }, "loss.valueAndGradient"],
    ["custom", "loss"],
    [squares, "loss"],
  ])("loss: %o is refused", async (given, path) => {
    await expect(make(given as never)).rejects.toMatchObject({ name: "ConfigError", path });
  });
});
