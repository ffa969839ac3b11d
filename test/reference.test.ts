import { describe, expect, it, test } from "vitest";
import { HIDDEN_ACTIVATIONS } from "../ts/catalog/activations.js";
import { createNetwork } from "../ts/index.js";
import { largestError } from "./closeness.js";
import { followsReference, reluPassesNothingAtZero } from "./oracles.js";
import { predict, type ReferenceNetwork } from "./reference.js";
import { VARIANTS, variantOf } from "./update-rules.js";

const regularizations = [
  { with: "neither L2 nor dropout", l2: 0, keepProb: 1 },
  { with: "L2", l2: 0.7, keepProb: 1 },
  { with: "dropout", l2: 0, keepProb: 0.6 },
  { with: "L2 and dropout", l2: 3, keepProb: 0.8 },
];

describe.each(HIDDEN_ACTIVATIONS)("%s layers", (hiddenActivation) => {
  describe.each(["sigmoid", "softmax", "linear"] as const)("under %s outputs", (outputActivation) => {
    describe.each(["gradientDescent", "momentum", "adam"] as const)("by %s", (name) => {
      const rule = variantOf(name);
      it.each(regularizations)("train as plain loops do, with $with", async ({ l2, keepProb }) => {
        for (let seed = 1; seed <= 6; seed++) {
          const [depth, batch] = [1 + (seed % 5), [1, 5, 16][seed % 3] ?? 1];
          await followsReference({
            seed,
            depth,
            batch,
            hiddenActivation,
            outputActivation,
            l2,
            keepProb,
            rule,
          });
        }
      });
    });
  });
});

it.each(VARIANTS)("$name trains as plain loops do", async (rule) => {
  const shape = { depth: 3, batch: 7, hiddenActivation: "tanh", outputActivation: "softmax" } as const;
  for (let seed = 1; seed <= 6; seed++) {
    await followsReference({ seed, ...shape, l2: 0.7, keepProb: 0.8, rule });
  }
});

test("relu'(0) is 0: a unit whose input is exactly 0 passes no gradient back", reluPassesNothingAtZero);

test("class indices and one-hot rows are the same labels", async () => {
  using network = await createNetwork({ layerDims: [2, 3], outputActivation: "softmax", dtype: "float64" });
  const x = [
    [1, 2],
    [-1, 0],
  ];
  const byIndex = network.gradients(x, [2, 0]);
  const byRow = network.gradients(x, [
    [0, 0, 1],
    [1, 0, 0],
  ]);
  expect(byIndex).toEqual(byRow);
});

test("softmax survives logits of ±1000 and predicts rows that sum to 1", async () => {
  const known: ReferenceNetwork = {
    hidden: "relu",
    output: "softmax",
    layers: [{ weights: [[1000], [-1000], [999]], biases: [0, 0, 0] }],
  };
  using network = await createNetwork({ layerDims: [1, 3], outputActivation: "softmax", dtype: "float64" });
  network.setParameters(known.layers);
  const x = [[1], [-1], [0]];
  const predicted = network.predict(x);
  expect(largestError(predicted.data, predict(known, x).flat())).toBeLessThan(1e-15);
  for (const row of predicted.toArray()) expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
  expect(network.evaluate(x, [0, 1, 2]).loss).toBeCloseTo(Math.log1p(Math.exp(-1)) / 3 + Math.log(3) / 3, 14);
});
