import { describe, expect, it } from "vitest";
import {
  adam,
  createNetwork,
  gradientCheck,
  gradientDescent,
  type LayerParameters,
  trainMlp,
} from "../ts/index.js";
import { lossHoldsAtLargeLogits, startsWithDeviation } from "./oracles.js";
import { Random } from "./random-cases.js";
import { keptUnits, masksDifferEachStep, visitsEachExampleOnce } from "./training-oracles.js";

/** Where the notebook slips, and what we do instead: one group for each slip that DESIGN.md lists. */

describe("mini-batches (the notebook loses the last example of every full batch)", () => {
  it("use every example once an epoch", async () => {
    await visitsEachExampleOnce(12, 4);
    await visitsEachExampleOnce(13, 4);
  });
});

describe("randomNormal (the notebook multiplies by 10)", () => {
  it("has standard deviation 1, he √(2/n) and xavier √(1/n)", async () => {
    await startsWithDeviation("randomNormal", () => 1);
    await startsWithDeviation("he", (inputs) => Math.sqrt(2 / inputs));
    await startsWithDeviation("xavier", (inputs) => Math.sqrt(1 / inputs));
  });
});

describe("Adam's ε (inside the root in formula 25, outside in the code)", () => {
  it("stands outside the root, after bias correction", async () => {
    using network = await createNetwork({ layerDims: [1, 1], dtype: "float64" });
    network.setParameters([{ weights: [[0]], biases: [0] }]);
    // g = (σ(0) − 1)·1 = −1/2, and at t = 1 the corrected moments are g and g²:
    // outside the root the step is α·0.5/(0.5 + ε), inside it would be α·0.5/√(0.25 + ε).
    network.trainStep([[1]], [1], { optimizer: adam({ learningRate: 1, epsilon: 0.5 }) });
    expect(network.parameters()[0]?.weights.data[0]).toBeCloseTo(0.5, 14);
  });
});

describe("dropout masks (the notebook seeds each step alike)", () => {
  it("differ from step to step and keep units with probability keepProb", masksDifferEachStep);

  it("are the same for the same seed and others for another", async () => {
    expect(await keptUnits(3, 0.5)).toEqual(await keptUnits(3, 0.5));
    expect(await keptUnits(3, 0.5)).not.toEqual(await keptUnits(4, 0.5));
  });

  it("differ from layer to layer", async () => {
    const width = 32;
    const ones = Array.from({ length: width }, () => 1);
    const identity = ones.map((_, i) => ones.map((__, j) => (i === j ? 1 : 0)));
    using network = await createNetwork({ layerDims: [1, width, width, 1], dtype: "float64" });
    network.setParameters([
      { weights: ones.map(() => [0]), biases: ones },
      { weights: identity, biases: ones },
      { weights: [ones.map(() => 1e-3)], biases: [0] },
    ]);
    const before = network.parameters();
    network.trainStep([[1]], [1], { optimizer: gradientDescent(), keepProb: 0.5 });
    const after = network.parameters();
    const moved = (read: (layers: LayerParameters[]) => ArrayLike<number> | undefined) =>
      Array.from(read(after) ?? [], (value, i) => value !== read(before)?.[i]);
    // b_2 moves where layer 2 keeps its unit, and a row of W_2 that does where layer 1 keeps its.
    const second = moved((layers) => layers[1]?.biases);
    const row = second.indexOf(true) * width;
    const first = moved((layers) => layers[1]?.weights.data.subarray(row, row + width));
    expect(first).not.toEqual(second);
    for (const kept of [first, second]) expect(new Set(kept).size).toBe(2);
  });

  it("are not used in predictions", async () => {
    using network = await createNetwork({ layerDims: [3, 8, 1], seed: 2 });
    const x = new Random(1).rows(4, 3);
    network.trainStep(x, [0, 1, 1, 0], { optimizer: gradientDescent(), keepProb: 0.5 });
    using copy = await createNetwork({ layerDims: [3, 8, 1], seed: 3 });
    copy.setParameters(network.parameters());
    expect(network.predict(x)).toEqual(copy.predict(x));
    expect(network.evaluate(x, [0, 1, 1, 0])).toEqual(copy.evaluate(x, [0, 1, 1, 0]));
  });
});

describe("0 · log 0 (which the notebook's nansum counts as 0)", () => {
  it("does not arise: the loss of a sure and wrong answer is its logit", lossHoldsAtLargeLogits);

  it("is counted by evaluate in full, and in float32 too", async () => {
    using network = await createNetwork({ layerDims: [1, 1] });
    network.setParameters([{ weights: [[200]], biases: [0] }]);
    expect(network.evaluate([[1], [1]], [0, 1])).toEqual({ loss: 100, accuracy: 0.5 });
  });
});

describe("the learning curve (saved every save_cost_freq, drawn over print_cost_freq)", () => {
  it("has the costs that were saved, whatever is printed", async () => {
    const x = [[0], [1]];
    const options = { iterations: 20, saveCostFreq: 5 };
    const { network, costs } = await trainMlp(x, [0, 1], [1, 1], options);
    network.dispose();
    expect(costs).toHaveLength(5); // at 1, 5, 10, 15, 20
    for (let i = 1; i < costs.length; i++) expect(costs[i]).toBeLessThan(costs[i - 1] ?? 0);
  });
});

describe("gradient checking (promised, but not there)", () => {
  it("is public, covers every parameter, and works in float64 on a float32 network", async () => {
    using network = await createNetwork({ layerDims: [3, 4, 2, 1], dtype: "float32", seed: 6 });
    const check = gradientCheck(network, new Random(2).rows(5, 3), [0, 1, 1, 0, 1]);
    const parameters = network.parameters().map(({ weights, biases }) => weights.data.length + biases.length);
    const seen = check.blocks.map(({ compared, rejected }) => compared + rejected);
    expect(seen.reduce((sum, n) => sum + n, 0)).toBe(parameters.reduce((sum, n) => sum + n, 0));
    // Out of reach of float32, whose loss is known to 1e-7 and its quotient to 1e-2.
    expect(check.ok && check.relativeError < 1e-7, check.report()).toBe(true);
  });
});

describe("dropout and L2 (never together in the notebook)", () => {
  it("may be used together; golden.test.ts compares the numbers", async () => {
    const options = { iterations: 3, keepProb: 0.5, regularization: "L2", lambd: 0.7 } as const;
    const { network, costs } = await trainMlp([[1], [2]], [0, 1], [1, 4, 1], options);
    network.dispose();
    expect(costs).toHaveLength(1);
  });
});
