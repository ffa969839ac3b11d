import { expect } from "vitest";
import { SCALING_METHODS } from "../../ts/catalog/layers.js";
import {
  type AnyLayerParameters,
  activation,
  batchNorm,
  dense,
  dropout,
  fitScaling,
  type GradientCheck,
  type Layer,
  type Loss,
  layerNorm,
  Matrix,
  residual,
} from "../../ts/index.js";
import { Random } from "../random-cases.js";

/** What parameters or gradients hold, one after the other. */
export function numbersOf(parameters: readonly AnyLayerParameters[]): number[] {
  return parameters.flatMap((layer) => {
    if ("weights" in layer) return [...layer.weights.data, ...(layer.biases ?? [])];
    const { scale, shift, runningMean = [], runningVariance = [] } = layer;
    return [...scale, ...shift, ...runningMean, ...runningVariance];
  });
}

/** Each block is within 1e-7, or 0 but for rounding: what a batchNorm centres has no slope by its biases. */
export function expectSlopes(check: GradientCheck): void {
  expect(check.ok, check.report()).toBe(true);
  for (const { relativeError, worst } of check.blocks) {
    if (Math.abs(worst?.analytic ?? 0) > 1e-12) expect(relativeError, check.report()).toBeLessThan(1e-7);
  }
}

export interface RandomNetwork {
  readonly inputs: number;
  readonly layers: readonly Layer[];
  readonly loss: Loss;
  readonly x: Matrix;
  readonly targets: number[] | number[][];
}

const ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid", "leakyRelu", "elu", "selu", "silu"] as const;
const WIDTHS = [1, 2, 3, 4, 5, 7];

/** Layers that follow from the seed, of every type, with examples for them. */
export function randomNetwork(seed: number, rows = 8): RandomNetwork {
  const random = new Random(seed);
  const pick = <Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item =>
    items[random.below(items.length)] as Item;
  const some = (width: number, depth: number): readonly [readonly Layer[], number] => {
    const layers: Layer[] = [];
    let now = width;
    for (let count = 1 + random.below(4); count > 0; count--) {
      const kind = random.below(depth < 3 ? 7 : 6);
      if (kind < 2) {
        now = pick(WIDTHS);
        layers.push(dense(now, { activation: pick(ACTIVATIONS) }));
      } else if (kind === 2) layers.push(batchNorm({ epsilon: 0.1 }));
      else if (kind === 3) layers.push(layerNorm({ epsilon: 0.1 }));
      else if (kind === 4) layers.push(activation(pick(ACTIVATIONS)));
      else if (kind === 5) layers.push(dropout({ keepProb: 0.8 }));
      else {
        const [inner, end] = some(now, depth + 1);
        layers.push(residual(end === now ? inner : [...inner, dense(now)]));
      }
    }
    return [layers, now];
  };
  const inputs = pick(WIDTHS);
  const [hidden] = some(inputs, 0);
  const x = Matrix.from(random.rows(rows, inputs));
  const output = pick(["sigmoid", "softmax", "linear"] as const);
  const units = output === "softmax" ? 3 : 2;
  const last = dense(units, { activation: output });
  const loss = (
    { sigmoid: "binaryCrossEntropy", softmax: "categoricalCrossEntropy", linear: "meanSquaredError" } as const
  )[output];
  const targets = {
    sigmoid: () => Array.from({ length: rows }, () => [random.below(2), random.below(2)]),
    softmax: () => Array.from({ length: rows }, () => random.below(3)),
    linear: () => random.rows(rows, 2),
  }[output]();
  const first = random.below(3) > 0 ? [] : [fitScaling(pick(SCALING_METHODS), x, { warnings: false })];
  return { inputs, layers: [...first, ...hidden, last], loss, x, targets };
}
