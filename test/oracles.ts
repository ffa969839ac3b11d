import { expect } from "vitest";
import { createNetwork, gradientCheck, Matrix, type Network } from "../ts/index.js";
import { blocksError, entryError, expectWithin, largestError } from "./closeness.js";
import { type RandomCase, type RandomCaseShape, randomCase, randomMasks } from "./random-cases.js";
import { lossAndGradients, NO_REGULARIZATION, predict, type ReferenceNetwork } from "./reference.js";
import { ReferenceOptimizer } from "./reference-rules.js";
import type { Variant } from "./update-rules.js";

/** A random network and examples, in float64, with its regularization. */
export interface Trial extends RandomCaseShape {
  readonly seed: number;
  readonly l2: number;
  readonly keepProb: number;
}

async function networkOf(random: RandomCase, seed: number): Promise<Network> {
  const { layerDims, hiddenActivation, outputActivation } = random;
  const network = await createNetwork({
    layerDims,
    hiddenActivation,
    outputActivation,
    seed,
    dtype: "float64",
  });
  network.setParameters(random.parameters);
  return network;
}

/** Every derivative of backward propagation agrees with its central difference. */
export async function passesGradientCheck(trial: Trial): Promise<void> {
  const random = randomCase(trial.seed, trial);
  using network = await networkOf(random, trial.seed);
  const { l2, keepProb } = trial;
  const check = gradientCheck(network, random.x, random.y, { l2, keepProb });
  expect(check.ok, check.report()).toBe(true);
}

/** The last batch of an epoch is smaller. */
const BATCHES = [1, 1, 1, 0.4];

/**
 * Losses, gradients, updates and predictions are those of the plain loops in reference.ts, over four
 * steps whose masks are given and the last of which has fewer examples.
 */
export async function followsReference(trial: Trial & { readonly rule: Variant }): Promise<void> {
  const random = randomCase(trial.seed, trial);
  const { l2, keepProb } = trial;
  using network = await networkOf(random, trial.seed);
  const optimizer = trial.rule.make();
  const reference = new ReferenceOptimizer(trial.rule);
  let known: ReferenceNetwork = {
    hidden: random.hiddenActivation,
    output: random.outputActivation,
    layers: random.parameters,
  };
  for (const [step, share] of BATCHES.entries()) {
    const rows = Math.max(1, Math.floor(share * trial.batch));
    const [x, y] = [random.x.slice(0, rows), random.y.slice(0, rows)];
    const masks = randomMasks(trial.seed + step, random.layerDims, rows, keepProb);
    const options = { l2, keepProb, dropoutMasks: masks.map((mask) => Matrix.from(mask)) };
    const regularization = { l2, keepProb, masks: keepProb < 1 ? masks : undefined };
    const expected = lossAndGradients(known, x, y, regularization);
    const { gradients, loss } = network.gradients(x, y, options);
    const stepLoss = network.trainStep(x, y, { ...options, optimizer });
    known = { ...known, layers: reference.update(known.layers, expected.gradients) };
    const errors = {
      gradients: blocksError(gradients, expected.gradients),
      losses: entryError([loss, stepLoss], [expected.loss, expected.loss]),
      parameters: blocksError(network.parameters(), known.layers),
    };
    // After the first step the gradients are those of a trajectory.
    const bounds = { gradients: step === 0 ? 1e-12 : 1e-9, losses: 1e-9, parameters: 1e-9 };
    expectWithin(errors, bounds, `[${random.layerDims}], step ${step + 1}`);
  }
  const predictions = network.predict(random.x).data;
  expect(largestError(predictions, predict(known, random.x).flat())).toBeLessThanOrEqual(1e-9);
}

/** Weights start with the method's standard deviation and biases at 0. */
export async function startsWithDeviation(
  initialization: "he" | "xavier" | "randomNormal",
  expected: (inputs: number) => number,
): Promise<void> {
  const inputs = 50;
  using network = await createNetwork({
    layerDims: [inputs, 200],
    initialization,
    seed: 5,
    dtype: "float64",
    threads: 1,
  });
  const [layer] = network.parameters();
  const weights = Array.from(layer?.weights.data ?? []);
  const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length;
  const deviation = Math.hypot(...weights.map((w) => w - mean)) / Math.sqrt(weights.length);
  // Four standard errors of 10,000 draws: 4/√10⁴ for the mean, 4/√(2·10⁴) for the deviation.
  expect(Math.abs(mean) / expected(inputs)).toBeLessThan(0.04);
  expect(Math.abs(deviation / expected(inputs) - 1)).toBeLessThan(0.0283);
  expect(Array.from(layer?.biases ?? [])).toEqual(Array.from({ length: 200 }, () => 0));
}

/** The loss of a logit is exact where a probability is 1 in float64, and loss and gradient agree there. */
export async function lossHoldsAtLargeLogits(): Promise<void> {
  for (const [z, y, loss] of [
    [50, 0, 50],
    [-50, 1, 50],
    [800, 0, 800],
    [800, 1, 0],
    [40, 1, Math.exp(-40)],
  ] as const) {
    using network = await createNetwork({ layerDims: [1, 1], dtype: "float64" });
    network.setParameters([{ weights: [[z]], biases: [0] }]);
    const got = network.gradients([[1]], [y]);
    expect(entryError([got.loss], [loss]), `the loss of z = ${z}, y = ${y}`).toBeLessThan(1e-15);
    expect(got.gradients[0]?.biases[0]).toBeCloseTo(z > 0 ? 1 - y : -y, 12);
  }
}

/** relu'(0) = 0: a unit whose input is exactly 0 passes no gradient back. */
export async function reluPassesNothingAtZero(): Promise<void> {
  const layers = [
    {
      weights: [
        [1, -1],
        [0, 0],
      ],
      biases: [0, 0],
    },
    { weights: [[3, 5]], biases: [0.5] },
  ];
  using network = await createNetwork({ layerDims: [2, 2, 1], dtype: "float64" });
  network.setParameters(layers);
  const { gradients } = network.gradients([[2, 2]], [0]);
  const known = { hidden: "relu", output: "sigmoid", layers } as const;
  const expected = lossAndGradients(known, [[2, 2]], [[0]], NO_REGULARIZATION).gradients;
  expect(blocksError(gradients, expected)).toBeLessThan(1e-15);
  expect(Array.from(gradients[0]?.biases ?? [])).toEqual([0, 0]);
}
