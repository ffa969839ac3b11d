import { describe, expect, it, test } from "vitest";
import {
  adam,
  ConfigError,
  createNetwork,
  gradientDescent,
  Matrix,
  momentum,
  NumericError,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { type BadStep, stepIsWhole } from "./training-oracles.js";

const optimizers = [
  { name: "gradient descent", optimizer: () => gradientDescent({ learningRate: 0.01 }) },
  { name: "momentum", optimizer: () => momentum({ learningRate: 0.01 }) },
  { name: "Adam", optimizer: () => adam() },
];

type Case = Omit<BadStep, "optimizer"> & { readonly what: string };

const forAll: readonly Case[] = [
  {
    what: "an activation that overflows in layer 1",
    layerDims: [3, 4, 4, 1],
    dtype: "float32",
    x: 1e38,
    weight: 30,
    layer: 1,
  },
  {
    what: "a gradient that would overflow W",
    layerDims: [3, 1],
    dtype: "float32",
    x: 1e38,
    weight: 1e-3,
    layer: 1,
  },
];

/** The step before has moved W_1 and W_2 to about 1e75 by gradient descent, and hardly by Adam. */
const deep = { layerDims: [3, 4, 4, 1], dtype: "float64", x: 1e200, weight: 1e40 } as const;
const forLargeSteps: readonly Case[] = [{ what: "activations that overflow in layer 2", ...deep, layer: 2 }];

/** Adam squares gradients, so it takes none above √(largest float). Those of layer 2 are found first. */
const forAdam: readonly Case[] = [
  { what: "logits that overflow", ...deep, layer: 3 },
  {
    what: "x = 1e30: gradients whose squares overflow",
    layerDims: [3, 4, 1],
    dtype: "float32",
    x: 1e30,
    layer: 2,
  },
  { what: "x = 1e200 in float64", layerDims: [3, 4, 1], dtype: "float64", x: 1e200, layer: 2 },
];

for (const { name, optimizer } of optimizers) {
  describe(`with ${name} a step is whole or not at all:`, () => {
    for (const { what, ...bad } of [...forAll, ...(name === "Adam" ? forAdam : forLargeSteps)]) {
      it(what, () => stepIsWhole({ ...bad, optimizer }));
    }
  });
}

test("x = 1e30 trains by gradient descent as long as every number stays finite", async () => {
  using network = await createNetwork({ layerDims: [2, 1] });
  const x = new Matrix([1e30, 0, 0, 1e30], 2, 2);
  network.trainStep(x, [0, 1], { optimizer: gradientDescent({ learningRate: 1e-30 }) });
  const all = network.parameters().flatMap(({ weights, biases }) => [...weights.data, ...biases]);
  expect(all.every(Number.isFinite)).toBe(true);
});

test("Adam takes the largest gradients whose squares are finite, and moves by α", async () => {
  using network = await createNetwork({ layerDims: [1, 1] });
  network.setParameters([{ weights: [[0]], biases: [0] }]);
  network.trainStep([[3e19]], [1], { optimizer: adam({ learningRate: 0.5 }) });
  expect(network.parameters()[0]?.weights.data[0]).toBeCloseTo(0.5, 6);
});

describe("hyperparameters that float32 can't hold raise ConfigError before the step:", () => {
  for (const [what, optimizer] of [
    ["gradient descent with α = 1e39", gradientDescent({ learningRate: 1e39 })],
    ["momentum with α = 1e200", momentum({ learningRate: 1e200 })],
    ["Adam with α = 1e38", adam({ learningRate: 1e38 })],
    ["Adam with ε = 1e-50", adam({ epsilon: 1e-50 })],
    ["Adam with ε = 3e-37, which is subnormal times √(1 − β₂)", adam({ epsilon: 3e-37 })],
  ] as const) {
    it(what, async () => {
      using network = await createNetwork({ layerDims: [2, 3, 1] });
      const before = hashOf(network.parameters());
      // A closed network has gradients of 0, which are fine; 0 · ∞ and 0 / 0 are not.
      expect(() => network.trainStep([[0, 0]], [0], { optimizer })).toThrow(ConfigError);
      await expect(network.fit([[0, 0]], [0], { epochs: 1, optimizer })).rejects.toThrow("in float32");
      expect([hashOf(network.parameters()), network.steps, optimizer.steps]).toEqual([before, 0, 0]);
      using wide = await createNetwork({ layerDims: [2, 3, 1], dtype: "float64" });
      wide.trainStep([[0, 0]], [0], { optimizer });
      expect(wide.steps).toBe(1);
    });
  }
});

test("Adam's smallest ε leaves a closed network as it is", async () => {
  using network = await createNetwork({ layerDims: [2, 3, 1] });
  const before = hashOf(network.parameters().slice(0, 1));
  network.trainStep([[0, 0]], [0], { optimizer: adam({ epsilon: 4e-37 }) });
  expect(hashOf(network.parameters().slice(0, 1))).toBe(before);
});

describe("an L2 term that overflows", () => {
  it("is a loss that isn't finite", async () => {
    using network = await createNetwork({ layerDims: [1, 1], dtype: "float64" });
    network.setParameters([{ weights: [[1e200]], biases: [0] }]);
    const before = hashOf(network.parameters());
    const step = () => network.trainStep([[0]], [1], { optimizer: gradientDescent(), l2: 1 });
    expect(step).toThrow(NumericError);
    expect(step).toThrow("a finite loss, got Infinity");
    expect(hashOf(network.parameters())).toBe(before);
    expect(network.steps).toBe(0);
  });
});

describe("a fit that fails", () => {
  const x = Matrix.from([[1], [2], [3], [3e38], [4], [5]]);
  const y = [0, 1, 0, 1, 0, 1];

  it("keeps the steps before the failing one, and says which it was", async () => {
    using network = await createNetwork({ layerDims: [1, 3, 1], seed: 5 });
    fillOnes(network);
    let steps = 0;
    const optimizer = adam();
    const fit = network.fit(x, y, { epochs: 1, batchSize: 1, optimizer, onStep: () => steps++ });
    await expect(fit).rejects.toMatchObject({ code: "ERR_NUMERIC", layer: expect.any(Number) });
    await expect(fit).rejects.toMatchObject({ step: steps + 1 });
    expect(network.steps).toBe(steps);
    expect(optimizer.steps).toBe(steps);
    expect(steps).toBeGreaterThan(0);
  });

  it("at an epoch's first step has not begun that epoch: the next fit is as if it had not been tried", async () => {
    const run = async (tryBad: boolean) => {
      using network = await createNetwork({ layerDims: [1, 3, 1], seed: 1 });
      fillOnes(network);
      const options = { epochs: 1, batchSize: 2, keepProb: 0.5, optimizer: adam() };
      const good = x.toArray().slice(0, 3);
      await network.fit(good, y.slice(0, 3), options);
      if (tryBad) {
        const bad = network.fit([[3e38]], [0], { epochs: 1, optimizer: options.optimizer });
        await expect(bad).rejects.toBeInstanceOf(NumericError);
      }
      const history = await network.fit(good, y.slice(0, 3), options);
      return [...history.loss, hashOf(network.parameters())];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it("leaves no lock behind", async () => {
    using network = await createNetwork({ layerDims: [1, 3, 1], seed: 1 });
    fillOnes(network);
    await expect(network.fit([[3e38]], [1], { epochs: 1 })).rejects.toBeInstanceOf(NumericError);
    await network.fit([[1]], [1], { epochs: 1 });
    expect(network.steps).toBe(1);
  });
});

function fillOnes(network: Awaited<ReturnType<typeof createNetwork>>): void {
  network.setParameters(
    network.parameters().map(({ weights, biases }) => ({
      weights: new Matrix(weights.data.fill(1), weights.rows, weights.cols),
      biases: biases.fill(0),
    })),
  );
}
