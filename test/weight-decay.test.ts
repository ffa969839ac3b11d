// Decoupled weight decay: w ← w − α·λ·w before the rule's own update, of weights and of nothing else.
import { describe, expect, it } from "vitest";
import { UPDATE_RULES } from "../ts/catalog/optimizers.js";
import {
  activation,
  adam,
  adamW,
  batchNorm,
  ConfigError,
  createNetwork,
  type Dtype,
  dense,
  gradientDescent,
  layerNorm,
  Matrix,
  type Optimizer,
  resumeTraining,
} from "../ts/index.js";
import { makeOptimizer } from "../ts/training/make-optimizer.js";
import { hashOf } from "./closeness.js";
import { checkpointsOf, fitOptions, y as labels, options, x as rows, storeOf } from "./files/small-files.js";
import { made } from "./made.js";
import { Random } from "./random-cases.js";

const random = new Random(11);
const x = Matrix.from(random.rows(40, 16));
const y = Array.from({ length: 40 }, () => random.below(2));

/** 8 units, so that W_1 lies in panels. */
const create = (dtype: Dtype = "float64") =>
  createNetwork({ layerDims: [16, 8, 3, 1], dtype, seed: 4, threads: 1 });

describe.each(UPDATE_RULES)("%s", (rule) => {
  it.each(["float32", "float64"] as const)(
    "decays weights before its update, and no bias, in %s",
    async (dtype) => {
      const [network, twin] = [made(await create(dtype)), made(await create(dtype))];
      // Biases that a decay would show in.
      const start = network
        .parameters()
        .map(({ weights, biases }) => ({ weights, biases: biases.map((_, i) => i - 2.5) }));
      const [learningRate, weightDecay] = [0.25, 0.5];
      network.setParameters(start);
      // Gradients are of the weights before the decay: the twin takes them from there.
      network.trainStep(x, y, { optimizer: makeOptimizer(rule, { learningRate, weightDecay }) });
      twin.setParameters(start);
      twin.trainStep(x, y, { optimizer: makeOptimizer(rule, { learningRate, weightDecay: 0 }) });
      network.parameters().forEach(({ weights, biases }, l) => {
        const plain = twin.parameters()[l];
        expect(biases).toEqual(plain?.biases);
        const epsilon = dtype === "float32" ? 2 ** -22 : 2 ** -51;
        weights.data.forEach((w, i) => {
          const decay = learningRate * weightDecay * (start[l]?.weights.data[i] ?? Number.NaN);
          expect(Math.abs((plain?.weights.data[i] ?? Number.NaN) - decay - w)).toBeLessThanOrEqual(epsilon);
        });
      });
    },
  );

  it("with weightDecay 0 has no more to do", async () => {
    const network = made(await create());
    const optimizer = makeOptimizer(rule, { weightDecay: 0 });
    optimizer.attach(network.trainee.layers);
    expect(optimizer.operations(network.trainee.layers, undefined)).toMatchObject([{ decay: 0, rest: [] }]);
  });
});

it("acts on no scale or shift of a norm", async () => {
  const layers = [dense(6), batchNorm(), activation("relu"), dense(5), layerNorm(), dense(1)];
  const [decayed, plain] = [0.5, 0].map(async (weightDecay) => {
    using network = await createNetwork({ inputs: 16, layers, seed: 2, dtype: "float64" });
    network.trainStep(x, y, { optimizer: adam({ weightDecay }) });
    return network.parameters();
  });
  const others = await plain;
  const kinds = (await decayed)?.map((layer, l) => {
    const other = others?.[l];
    if ("scale" in layer) expect(layer).toEqual(other);
    else expect(layer).not.toEqual(other);
    return "scale" in layer ? "norm" : "dense";
  });
  expect(kinds).toEqual(["dense", "norm", "dense", "norm", "dense"]);
});

it("is no L2: of a weight without gradient it takes the same part under every rule", async () => {
  for (const rule of UPDATE_RULES) {
    const network = made(await createNetwork({ layerDims: [2, 1], dtype: "float64" }));
    network.setParameters([{ weights: [[1, 8]], biases: [0] }]);
    const optimizer = makeOptimizer(rule, { learningRate: 0.5, weightDecay: 0.25 });
    for (let i = 0; i < 3; i++) network.trainStep([[1, 0]], [1], { optimizer });
    expect(network.parameters()[0]?.weights.data[1], rule).toBe(8 * (1 - 0.125) ** 3);
  }
});

it("a weight that decays for long becomes 0, not subnormal", async () => {
  const network = made(await createNetwork({ layerDims: [1, 1] }));
  network.setParameters([{ weights: [[1e-30]], biases: [0] }]);
  const optimizer = gradientDescent({ learningRate: 1, weightDecay: 0.5 });
  for (let i = 0; i < 40; i++) network.trainStep([[0]], [1], { optimizer });
  expect(network.parameters()[0]?.weights.data).toEqual(Float32Array.of(0));
});

it("adamW is adam with weightDecay 0.01", async () => {
  const [network, twin] = [made(await create()), made(await create())];
  await network.fit(x, y, { epochs: 2, batchSize: 8, optimizer: adamW() });
  await twin.fit(x, y, { epochs: 2, batchSize: 8, optimizer: adam({ weightDecay: 0.01 }) });
  expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
});

it("has the same bits with threads", async () => {
  const hashes = [1, 2].map(async (threads) => {
    const wide = made(await createNetwork({ layerDims: [300, 400, 1], seed: 1, threads }));
    const many = Matrix.from(new Random(1).rows(64, 300));
    const answers = Array.from({ length: 64 }, (_, i) => i % 2);
    await wide.fit(many, answers, { epochs: 2, batchSize: 32, optimizer: adamW({ weightDecay: 0.7 }) });
    return hashOf(wide.parameters());
  });
  expect((await Promise.all(hashes))[0]).toBe(await hashes[1]);
});

describe("weightDecay", () => {
  it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY, "0.1", null, true])("%s is refused", (weightDecay) => {
    for (const rule of UPDATE_RULES) expect(() => makeOptimizer(rule, { weightDecay })).toThrow(ConfigError);
  });

  it("that would take more than a weight is refused at the first step", async () => {
    const network = made(await create());
    const step = (optimizer: Optimizer) => network.trainStep(x, y, { optimizer });
    expect(() => step(adamW({ learningRate: 0.5, weightDecay: 2.1 }))).toThrow(
      "weightDecay: expected at most 1/learningRate, here 2.00, got 2.1",
    );
    step(gradientDescent({ learningRate: 0.5, weightDecay: 2 }));
  });
});

describe("a checkpoint", () => {
  const texts = async (optimizer: Optimizer) => {
    using network = await createNetwork(options);
    const [last] = await checkpointsOf(network, { ...fitOptions, optimizer });
    return { last, text: new TextDecoder("latin1").decode(last) };
  };

  it("names λ, and is as it was where there is none", async () => {
    expect((await texts(adamW({ weightDecay: 0.125 }))).text).toContain('"optimizer.weightDecay":"0.125"');
    expect((await texts(adam({ weightDecay: 1e-3 }))).text).toContain('"optimizer.weightDecay":"0.001"');
    for (const none of [adam(), adamW({ weightDecay: 0 })])
      expect((await texts(none)).text).not.toContain("weightDecay");
  });

  it("isn't resumed with another λ", async () => {
    const { last } = await texts(adamW({ weightDecay: 0.125 }));
    const resumed = (optimizer: Optimizer) =>
      resumeTraining("-", rows, labels, { store: storeOf(last), optimizer });
    await expect(resumed(adamW({ weightDecay: 0 }))).rejects.toMatchObject({ path: "optimizer.weightDecay" });
    await expect(resumed(adam({ weightDecay: 0.125 }))).rejects.toMatchObject({ path: "optimizer" });
    made((await resumed(adamW({ weightDecay: 0.125 }))).network);
  });
});
