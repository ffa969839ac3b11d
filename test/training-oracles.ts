import { expect } from "vitest";
import {
  adam,
  createNetwork,
  type Dtype,
  gradientDescent,
  type LayerwiseError,
  Matrix,
  miniBatches,
  type Network,
  NumericError,
  type Optimizer,
} from "../ts/index.js";
import { entryError, hashOf, largestError } from "./closeness.js";
import { Random, randomMasks } from "./random-cases.js";

/** What must hold of training as a whole, whatever its numbers are. Each fails by an assertion. */

/**
 * fit visits every example once an epoch, beside its own label, and divides by the examples in the very
 * batch. Seen by a network that starts at 0 with example j the only one to move weight j: by
 * α/m_b · (y_j − 1/2), as long as the bias has hardly moved.
 */
export async function visitsEachExampleOnce(m: number, batchSize: number): Promise<void> {
  const learningRate = 1e-6;
  const y = randomMasks(m, [1, 1, 1], m, 0.5).flat(2);
  const x = y.map((_, i) => y.map((__, j) => (i === j ? 1 : 0)));
  using network = await createNetwork({ layerDims: [m, 1], dtype: "float64" });
  network.setParameters([{ weights: [y.map(() => 0)], biases: [0] }]);
  await network.fit(x, y, { epochs: 1, batchSize, optimizer: gradientDescent({ learningRate }) });
  const [layer] = network.parameters();
  const moves = Array.from(layer?.weights.data ?? []);
  expect(moves.map((move) => (move > 0 ? 1 : 0))).toEqual(y);
  const sizes = moves.map((move) => learningRate / 2 / Math.abs(move)).sort((a, b) => b - a);
  const whole = Math.floor(m / batchSize) * batchSize;
  const expected = y.map((_, i) => (i < whole ? batchSize : m % batchSize));
  expect(largestError(sizes, expected)).toBeLessThan(1e-4);
}

/** Which of 64 hidden units each step of a fit keeps: those whose weight to the output has moved. */
export async function keptUnits(seed: number, keepProb: number): Promise<string[]> {
  using network = await createNetwork({ layerDims: [1, 64, 1], seed, dtype: "float64" });
  const ones = Array.from({ length: 64 }, () => 1);
  network.setParameters([
    { weights: ones.map(() => [0]), biases: ones },
    { weights: [ones.map(() => 0)], biases: [0] },
  ]);
  const weights = () => Array.from(network.parameters()[1]?.weights.data ?? []);
  const kept: string[] = [];
  let before = weights();
  await network.fit(new Matrix([1, 2, 3, 4, 5, 6], 6, 1), [0, 0, 1, 0, 1, 1], {
    epochs: 2,
    batchSize: 1,
    keepProb,
    optimizer: gradientDescent({ learningRate: 1e-4 }),
    onStep: () => {
      const after = weights();
      kept.push(after.map((w, i) => (w === before[i] ? "." : "x")).join(""));
      before = after;
    },
  });
  return kept;
}

/** Every step of every epoch has masks of its own, which keep units with probability keepProb. */
export async function masksDifferEachStep(): Promise<void> {
  const keepProb = 0.7;
  const kept = await keptUnits(3, keepProb);
  expect(new Set(kept).size).toBe(12);
  const share = kept.join("").replaceAll(".", "").length / (12 * 64);
  // Four standard deviations of 768 draws: 4·√(0.7·0.3/768).
  expect(Math.abs(share - keepProb)).toBeLessThan(0.066);
}

export interface Replay {
  readonly m: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly dtype: Dtype;
}

/**
 * fit takes, to the bit, the steps that trainStep takes over miniBatches of the same seed and epoch, and
 * its history has their mean losses, weighted by the batches' examples.
 */
export async function fitFollowsMiniBatches({ m, batchSize, epochs, dtype }: Replay): Promise<void> {
  const seed = 21;
  const random = new Random(m);
  const x = Matrix.from(random.rows(m, 4));
  const y = Array.from({ length: m }, () => random.below(2));
  const create = () => createNetwork({ layerDims: [4, 5, 1], seed, dtype });
  using fitted = await create();
  using stepped = await create();
  const losses: number[] = [];
  const history = await fitted.fit(x, y, {
    epochs,
    batchSize,
    l2: 0.3,
    optimizer: adam(),
    onStep: ({ loss, examples, step }) => losses.push(loss, examples, step),
  });
  const replayed: number[] = [];
  const means: number[] = [];
  const optimizer = adam();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const batches = await miniBatches(x, y, { batchSize, seed, epoch });
    let weighted = 0;
    for (const [i, batch] of batches.entries()) {
      const loss = stepped.trainStep(batch.x, batch.y, { l2: 0.3, optimizer });
      replayed.push(loss, batch.x.rows, i + 1);
      weighted += (loss * batch.x.rows) / m;
    }
    means.push(weighted);
  }
  expect(losses).toEqual(replayed);
  expect(history.steps).toBe(replayed.length / 3);
  expect(history.loss).toHaveLength(epochs);
  expect(entryError(history.loss, means)).toBeLessThan(1e-14);
  expect(hashOf(fitted.parameters())).toBe(hashOf(stepped.parameters()));
}

/** miniBatches, and with it fit, shuffles anew each epoch. */
export async function ordersDifferEachEpoch(): Promise<void> {
  const orders = new Set<string>();
  const y = Array.from({ length: 40 }, (_, i) => i);
  for (let epoch = 1; epoch <= 5; epoch++) {
    const epochs = await miniBatches(new Matrix(y, 40, 1), y, { batchSize: 8, epoch });
    orders.add(epochs.flatMap(({ indices }) => indices).join());
  }
  expect(orders.size).toBe(5);
}

/** A step that must raise NumericError, between valid ones. */
export interface BadStep {
  readonly layerDims: readonly number[];
  readonly dtype: Dtype;
  readonly optimizer: () => Optimizer;
  /** Makes the failing step fail: its examples, and optionally the parameters before it. */
  readonly x: number;
  readonly weight?: number;
  /** The layer that the error names. */
  readonly layer: number;
}

/**
 * A step that isn't finite raises NumericError naming its layer and number, and leaves no trace: the
 * parameters, the optimizer and the random streams go on as if it had not been tried.
 */
export async function stepIsWhole(bad: BadStep): Promise<void> {
  const train = async (tryBadStep: boolean) => {
    using network = await createNetwork({ layerDims: bad.layerDims, seed: 8, dtype: bad.dtype });
    if (bad.weight !== undefined) fillWeights(network, bad.weight);
    const optimizer = bad.optimizer();
    const good = Matrix.from(new Random(5).rows(6, bad.layerDims[0] ?? 1));
    const options = { optimizer, keepProb: 0.75, l2: 0.01 };
    const y = [0, 1, 1, 0, 1, 0];
    const small = new Matrix(
      Float64Array.from(good.data, (value) => value * 1e-3),
      good.rows,
      good.cols,
    );
    network.trainStep(small, y, options);
    if (tryBadStep) {
      const before = [hashOf(network.parameters()), network.steps, optimizer.steps];
      const x = new Matrix(
        Float64Array.from(good.data, (value) => Math.sign(value) * bad.x),
        good.rows,
        good.cols,
      );
      for (const keepProb of [1, 0.75]) {
        const error = errorOf(() => network.trainStep(x, y, { ...options, keepProb }));
        expect(error).toBeInstanceOf(NumericError);
        expect(error).toMatchObject({ layer: bad.layer, step: 2 });
        expect(error?.message).toContain(`layer ${bad.layer}`);
        expect(error?.message).toContain("step 2");
      }
      await expect(network.fit(x, y, { ...options, epochs: 1, batchSize: 6 })).rejects.toBeInstanceOf(
        NumericError,
      );
      expect([hashOf(network.parameters()), network.steps, optimizer.steps]).toEqual(before);
    }
    return [
      network.trainStep(small, y, options),
      network.trainStep(small, y, options),
      hashOf(network.parameters()),
    ];
  };
  expect(await train(true)).toEqual(await train(false));
}

function fillWeights(network: Network, weight: number): void {
  const filled = network.parameters().map(({ weights, biases }) => ({
    weights: new Matrix(weights.data.fill(weight), weights.rows, weights.cols),
    biases,
  }));
  network.setParameters(filled);
}

function errorOf(call: () => unknown): LayerwiseError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return error as LayerwiseError;
  }
}
