/// <reference types="vite/types/importMeta.d.ts" />
import {
  adam,
  createNetwork,
  type Dtype,
  gradientDescent,
  Matrix,
  momentum,
  type Network,
  type Optimizer,
} from "../ts/index.js";
import { logits, outputPass } from "../ts/model/passes.js";
import { blocksError, entryError, expectWithin, largestError } from "./closeness.js";

interface GoldenLayer {
  readonly weights: number[][];
  readonly biases: number[];
}

/** A training run by NumPy in float64, cross-checked against PyTorch; ReLU hidden layers, one sigmoid output. */
export interface GoldenCase {
  readonly name: string;
  readonly layer_dims: number[];
  readonly optimizer: "gd" | "momentum" | "adam";
  readonly learning_rate: number;
  readonly beta: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly lambda: number;
  readonly keep_prob: number;
  /** One example per row. */
  readonly X: number[][];
  readonly Y: number[];
  readonly initial_parameters: GoldenLayer[];
  /** The rows of each step, in their order. */
  readonly batches: number[][];
  /** A mask (examples × units) for each hidden layer of each step. */
  readonly dropout_masks: number[][][][] | null;
  /** What the first step computes before its update, with its masks. */
  readonly first_step: {
    readonly output: number[];
    readonly cost: number;
    readonly gradients: GoldenLayer[];
  };
  /** One per step, before its update, L2 term included. */
  readonly costs: number[];
  readonly final_parameters: GoldenLayer[];
  /** On all of X, without dropout. */
  readonly prediction: number[];
}

/** Their text, by vite: there in Node and in a page alike. */
const texts = import.meta.glob<string>("./golden/*.json", { query: "?raw", import: "default", eager: true });

export const goldenCases: readonly GoldenCase[] = Object.entries(texts)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([path, text]) => ({
    ...(JSON.parse(text) as GoldenCase),
    name: path.replace("./golden/", ""),
  }));

/** How far a run may be, or was, from its golden case. All are relative. */
export interface GoldenErrors {
  readonly output: number;
  readonly gradients: number;
  readonly losses: number;
  readonly parameters: number;
  readonly predictions: number;
}

/** Gradients within 1e-12, trajectories within 1e-9. The first step's output has no trajectory behind it. */
export const FLOAT64_REACH: GoldenErrors = {
  output: 1e-12,
  gradients: 1e-12,
  losses: 1e-9,
  parameters: 1e-9,
  predictions: 1e-9,
};

/** Runs a golden case's steps and fails where the run strays from it. */
export async function checkGolden(golden: GoldenCase, dtype: Dtype, bounds: GoldenErrors): Promise<void> {
  expectWithin({ ...(await goldenErrors(golden, dtype)) }, { ...bounds }, `${golden.name} in ${dtype}`);
}

/** Runs a golden case's steps; returns how far they stray from it. */
export async function goldenErrors(golden: GoldenCase, dtype: Dtype): Promise<GoldenErrors> {
  using network = await createNetwork({ layerDims: golden.layer_dims, dtype });
  network.setParameters(golden.initial_parameters);
  const steps = golden.batches.map((rows, step) => batchOf(golden, rows, step));
  const [first] = steps;
  if (first === undefined) throw new Error(`${golden.name} has no step`);
  const { gradients } = network.gradients(first.x, first.y, first.options);
  const output = lastOutput(network, first.x.length);
  const optimizer = optimizerOf(golden);
  const losses = steps.map(({ x, y, options }) => network.trainStep(x, y, { ...options, optimizer }));
  return {
    output: entryError(output, golden.first_step.output),
    gradients: blocksError(gradients, golden.first_step.gradients),
    losses: Math.max(
      entryError(losses.slice(0, 1), [golden.first_step.cost]),
      entryError(losses, golden.costs),
    ),
    parameters: blocksError(network.parameters(), golden.final_parameters),
    predictions: largestError(network.predict(golden.X).data, golden.prediction),
  };
}

function batchOf(golden: GoldenCase, rows: readonly number[], step: number) {
  const masks = golden.dropout_masks?.[step]?.map((mask) => Matrix.from(mask));
  return {
    x: rows.map((row) => golden.X[row] ?? []),
    y: rows.map((row) => golden.Y[row] ?? Number.NaN),
    options: {
      l2: golden.lambda,
      keepProb: golden.keep_prob,
      ...(masks === undefined ? {} : { dropoutMasks: masks }),
    },
  };
}

function optimizerOf(golden: GoldenCase): Optimizer {
  const { learning_rate: learningRate, beta, beta1, beta2, epsilon } = golden;
  if (golden.optimizer === "gd") return gradientDescent({ learningRate });
  if (golden.optimizer === "momentum") return momentum({ learningRate, beta });
  return adam({ learningRate, beta1, beta2, epsilon });
}

/** A_L of the step that was computed last, with its masks: `predict` would drop none. */
function lastOutput(network: Network, rows: number): Float32Array | Float64Array {
  const { layers } = network.trainee;
  const batch = layers.trainingMemory(rows);
  const program = layers.engine.program(layers.dtype, outputPass(layers, batch));
  program.run(rows, 0, 0);
  program.release();
  return logits(batch)
    .part(0, rows * layers.outputs)
    .read();
}
