import { type LossName, lossName, lossOf, lossParameters, type TableLoss } from "../ts/catalog/losses.js";
import type { HiddenActivation, OutputActivation } from "../ts/index.js";

/**
 * The network once more, in float64 and plain loops, from the notebook's equations: an oracle that shares
 * no code with what it judges. One example per row. Masks and labels are given, so nothing is random here.
 */
export interface ReferenceLayer {
  readonly weights: number[][];
  readonly biases: number[];
}

export interface ReferenceNetwork {
  readonly hidden: HiddenActivation;
  readonly output: OutputActivation;
  /** Default: the output activation's own. */
  readonly loss?: TableLoss;
  readonly layers: readonly ReferenceLayer[];
}

/** What a step regularizes with. Without masks there is no dropout. */
export interface Regularization {
  readonly l2: number;
  readonly keepProb: number;
  /** One per hidden layer, examples × units of 0 and 1. */
  readonly masks: readonly (readonly number[][])[] | undefined;
}

export const NO_REGULARIZATION: Regularization = { l2: 0, keepProb: 1, masks: undefined };

/** An element that is there. */
export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no element ${index} of ${items.length}`);
  return item;
}

/** σ(z) without overflow. */
export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** relu6(z + 3)/6. */
function hardSigmoid(z: number): number {
  return Math.min(Math.max(z + 3, 0), 6) / 6;
}

/** log(1 + e^z) without overflow. */
function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** φ(z), the normal density. */
function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** Φ(z), its integral: by its power series, or Laplace's continued fraction. Right to some 1e-15 of itself. */
function normalIntegral(z: number): number {
  if (z > 0) return 1 - normalIntegral(-z);
  if (z < -3) {
    let fraction = -z;
    for (let k = 60; k > 0; k--) fraction = k / fraction - z;
    return normalDensity(z) / fraction;
  }
  let [term, sum] = [z, 0];
  for (let k = 3; sum + term !== sum; k += 2) [term, sum] = [(term * z * z) / k, sum + term];
  return 0.5 + normalDensity(z) * sum;
}

/** g and g′ of a layer's activation. */
interface ReferenceActivation {
  readonly g: (z: number) => number;
  readonly slope: (z: number) => number;
  /** s of g(z) = z·s, where the backward pass sees it. */
  readonly gate?: (z: number) => number;
}

const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/** Of every activation of a hidden layer by its name, and of the output layer, whose loss works on logits. */
export const REFERENCE_ACTIVATIONS: Readonly<Record<HiddenActivation | "linear", ReferenceActivation>> = {
  linear: { g: (z) => z, slope: () => 1 },
  relu: { g: (z) => Math.max(0, z), slope: (z) => (z > 0 ? 1 : 0) },
  leakyRelu: { g: (z) => (z > 0 ? z : 0.01 * z), slope: (z) => (z > 0 ? 1 : 0.01) },
  elu: { g: (z) => (z > 0 ? z : Math.expm1(z)), slope: (z) => (z > 0 ? 1 : Math.exp(z)) },
  selu: {
    g: (z) => SELU.scale * (z > 0 ? z : SELU.alpha * Math.expm1(z)),
    slope: (z) => SELU.scale * (z > 0 ? 1 : SELU.alpha * Math.exp(z)),
  },
  silu: {
    g: (z) => z * sigmoid(z),
    slope: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
  },
  gelu: {
    g: (z) => z * normalIntegral(z),
    slope: (z) => normalIntegral(z) + z * normalDensity(z),
  },
  geluTanh: {
    g: (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))),
    slope: (z) => {
      const t = Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3));
      return 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 0.134145 * z * z);
    },
  },
  softplus: { g: softplus, slope: sigmoid },
  mish: {
    g: (z) => z * Math.tanh(softplus(z)),
    slope: (z) => Math.tanh(softplus(z)) + z * sigmoid(z) * (1 - Math.tanh(softplus(z)) ** 2),
  },
  hardSwish: {
    g: (z) => z * hardSigmoid(z),
    slope: (z) => (z > -3 ? (z < 3 ? z / 3 + 0.5 : 1) : 0),
    gate: hardSigmoid,
  },
  hardSigmoid: { g: hardSigmoid, slope: (z) => (Math.abs(z) < 3 ? 1 / 6 : 0) },
  tanh: { g: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
  sigmoid: { g: sigmoid, slope: (z) => sigmoid(z) * (1 - sigmoid(z)) },
};

/** What the backward pass of an activation sees that doesn't see g(z). */
export function referenceKept({ slope, gate }: ReferenceActivation): (z: number) => number {
  return gate ?? slope;
}

function softmax(z: readonly number[]): number[] {
  const highest = Math.max(...z);
  const sum = z.reduce((total, zj) => total + Math.exp(zj - highest), 0);
  return z.map((zj) => Math.exp(zj - highest) / sum);
}

function answer(activation: OutputActivation, z: readonly number[]): number[] {
  if (activation === "softmax") return softmax(z);
  return activation === "sigmoid" ? z.map(sigmoid) : [...z];
}

interface Forward {
  /** A_0 = X, A_1 … A_{L−1} as the next layer sees them: masked and divided by keepProb. */
  readonly inputs: number[][][];
  /** Z_1 … Z_L. */
  readonly z: number[][][];
  readonly outputs: number[][];
}

function forward(network: ReferenceNetwork, x: readonly number[][], regularization: Regularization): Forward {
  const inputs: number[][][] = [];
  const z: number[][][] = [];
  let a = x.map((row) => [...row]);
  network.layers.forEach(({ weights, biases }, l) => {
    inputs.push(a);
    const zl = a.map((row) =>
      weights.map((w, j) => w.reduce((sum, wk, k) => sum + wk * at(row, k), at(biases, j))),
    );
    z.push(zl);
    const mask = regularization.masks?.[l];
    const { g } = REFERENCE_ACTIVATIONS[network.hidden];
    a = zl.map((row, i) =>
      row.map((zij, j) =>
        mask === undefined ? g(zij) : (g(zij) * at(at(mask, i), j)) / regularization.keepProb,
      ),
    );
  });
  const logits = at(z, z.length - 1);
  return { inputs, z, outputs: logits.map((row) => answer(network.output, row)) };
}

/** A_L: probabilities, examples × units. */
export function predict(network: ReferenceNetwork, x: readonly number[][]): number[][] {
  return forward(network, x, NO_REGULARIZATION).outputs;
}

/** ℓ of one example's outputs z, and its slope by each. y: a number for each output, of a class its one-hot row. */
interface ReferenceLoss {
  readonly value: (z: readonly number[], y: readonly number[], parameters: LossParameters) => number;
  readonly slope: (z: readonly number[], y: readonly number[], parameters: LossParameters) => number[];
}

/** All of a loss's parameters, by their names. */
type LossParameters = Readonly<Record<string, number>>;

/** Of one unit. */
type UnitLoss = (z: number, y: number, parameters: LossParameters) => number;

/** A loss that is the mean over units of ℓ(z, y). */
function meanOverUnits(value: UnitLoss, slope: UnitLoss): ReferenceLoss {
  return {
    value: (z, y, parameters) =>
      z.reduce((sum, zj, j) => sum + value(zj, at(y, j), parameters), 0) / z.length,
    slope: (z, y, parameters) => z.map((zj, j) => slope(zj, at(y, j), parameters) / z.length),
  };
}

/** A loss that is the sum over units of ℓ(z, y). */
function sumOverUnits(value: UnitLoss, slope: UnitLoss): ReferenceLoss {
  return {
    value: (z, y, parameters) => z.reduce((sum, zj, j) => sum + value(zj, at(y, j), parameters), 0),
    slope: (z, y, parameters) => z.map((zj, j) => slope(zj, at(y, j), parameters)),
  };
}

export const REFERENCE_LOSSES: Readonly<Record<LossName, ReferenceLoss>> = {
  meanSquaredError: meanOverUnits(
    (z, y) => (z - y) ** 2,
    (z, y) => 2 * (z - y),
  ),
  meanAbsoluteError: meanOverUnits(
    (z, y) => Math.abs(z - y),
    (z, y) => Math.sign(z - y),
  ),
  huber: meanOverUnits(
    (z, y, { delta = Number.NaN }) =>
      Math.abs(z - y) <= delta ? (z - y) ** 2 / 2 : delta * (Math.abs(z - y) - delta / 2),
    (z, y, { delta = Number.NaN }) => Math.min(delta, Math.max(-delta, z - y)),
  ),
  logCosh: meanOverUnits(
    (z, y) => Math.abs(z - y) + Math.log1p(Math.exp(-2 * Math.abs(z - y))) - Math.LN2,
    (z, y) => Math.tanh(z - y),
  ),
  quantile: meanOverUnits(
    (z, y, { quantile = Number.NaN }) => Math.max(quantile * (y - z), (1 - quantile) * (z - y)),
    (z, y, { quantile = Number.NaN }) => (z > y ? 1 - quantile : z < y ? -quantile : 0),
  ),
  poisson: meanOverUnits(
    (z, y) => Math.exp(z) - y * z,
    (z, y) => Math.exp(z) - y,
  ),
  hinge: meanOverUnits(
    (z, y) => Math.max(0, 1 - (2 * y - 1) * z),
    (z, y) => ((2 * y - 1) * z < 1 ? 1 - 2 * y : 0),
  ),
  binaryCrossEntropy: sumOverUnits(
    (z, label, { labelSmoothing = 0, positiveWeight = 1 }) => {
      const y = label * (1 - labelSmoothing) + labelSmoothing / 2;
      const log = Math.log1p(Math.exp(-Math.abs(z)));
      return positiveWeight * y * (Math.max(-z, 0) + log) + (1 - y) * (Math.max(z, 0) + log);
    },
    (z, label, { labelSmoothing = 0, positiveWeight = 1 }) => {
      const y = label * (1 - labelSmoothing) + labelSmoothing / 2;
      return (1 - y) * sigmoid(z) - positiveWeight * y * (1 - sigmoid(z));
    },
  ),
  focal: sumOverUnits(
    (z, y, { gamma = 2 }) => sigmoid(y === 1 ? -z : z) ** gamma * -logSigmoid(y === 1 ? z : -z),
    (z, y, { gamma = 2 }) => {
      const t = y === 1 ? z : -z;
      const slope = -(sigmoid(-t) ** gamma) * (sigmoid(-t) - gamma * sigmoid(t) * logSigmoid(t));
      return y === 1 ? slope : -slope;
    },
  ),
  categoricalCrossEntropy: {
    value: (z, label, { labelSmoothing = 0 }) => {
      const highest = Math.max(...z);
      const logSum = highest + Math.log(z.reduce((sum, zj) => sum + Math.exp(zj - highest), 0));
      const share = labelSmoothing / z.length;
      return z.reduce((sum, zj, j) => sum + (at(label, j) * (1 - labelSmoothing) + share) * (logSum - zj), 0);
    },
    slope: (z, label, { labelSmoothing = 0 }) =>
      softmax(z).map((a, j) => a - at(label, j) * (1 - labelSmoothing) - labelSmoothing / z.length),
  },
};

/** log σ(t). */
function logSigmoid(t: number): number {
  return Math.min(t, 0) - Math.log1p(Math.exp(-Math.abs(t)));
}

/** J = 1/m Σ losses + λ/(2m) Σ W², and its derivatives by every W_l and b_l. */
export function lossAndGradients(
  network: ReferenceNetwork,
  x: readonly number[][],
  y: readonly number[][],
  regularization: Regularization,
): { loss: number; gradients: ReferenceLayer[] } {
  const m = x.length;
  const { l2, keepProb, masks } = regularization;
  const { inputs, z } = forward(network, x, regularization);
  const chosen = network.loss ?? lossOf(network.output);
  const of = REFERENCE_LOSSES[lossName(chosen)];
  const parameters = lossParameters(chosen);
  const { slope } = REFERENCE_ACTIVATIONS[network.hidden];
  const logits = at(z, z.length - 1);
  const losses = logits.map((row, i) => of.value(row, at(y, i), parameters));
  const squares = network.layers.flatMap(({ weights }) => weights.flat()).map((w) => w * w);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const loss = sum(losses) / m + (l2 / (2 * m)) * sum(squares);

  const gradients: ReferenceLayer[] = [];
  let dz = logits.map((row, i) => of.slope(row, at(y, i), parameters));
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const { weights } = at(network.layers, l);
    const a = at(inputs, l);
    gradients.unshift({
      weights: weights.map((w, j) =>
        w.map((wjk, k) => sum(a.map((row, i) => at(at(dz, i), j) * at(row, k))) / m + (l2 / m) * wjk),
      ),
      biases: weights.map((_, j) => sum(dz.map((row) => at(row, j))) / m),
    });
    if (l === 0) break;
    const before = at(z, l - 1);
    const mask = masks?.[l - 1];
    dz = dz.map((row, i) =>
      at(before, i).map((zik, k) => {
        const da = sum(weights.map((w, j) => at(w, k) * at(row, j)));
        const kept = mask === undefined ? da : (da * at(at(mask, i), k)) / keepProb;
        return kept * slope(zik);
      }),
    );
  }
  return { loss, gradients };
}
