// TensorFlow.js. Arguments: its backend; which of its interfaces: "layers" (a Sequential model's trainOnBatch,
// what its guides teach) or "core" (fused products and optimizer.minimize, the least overhead that it allows);
// and how many threads.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Problem } from "./problem.js";
import { serve, type Trainer } from "./serve.js";

interface Batch {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

function batchesOf({ layerDims, x, y, examples, batchSize }: Problem): Batch[] {
  const inputs = layerDims[0] ?? 0;
  return Array.from({ length: examples / batchSize }, (_, i) => {
    const [start, end] = [i * batchSize, (i + 1) * batchSize];
    return {
      x: tf.tensor2d(x.slice(start * inputs, end * inputs), [batchSize, inputs]),
      y: tf.tensor2d(y.slice(start, end), [batchSize, 1]),
    };
  });
}

/** W_lᵀ (n_{l−1} × n_l), the way TensorFlow keeps weights, and b_l. */
function parametersOf({ layerDims, weights, biases }: Problem): [kernel: tf.Tensor, bias: tf.Tensor][] {
  return weights.map((w, i) => {
    const stored = tf.tensor2d(w, [layerDims[i + 1] ?? 0, layerDims[i] ?? 0]);
    const kernel = tf.transpose(stored);
    stored.dispose();
    return [kernel, tf.tensor1d(biases[i] ?? new Float32Array(0))];
  });
}

function optimizerOf({ optimizer, learningRate, beta1, beta2, epsilon }: Problem): tf.Optimizer {
  if (optimizer === "adam") return tf.train.adam(learningRate, beta1, beta2, epsilon);
  return tf.train.sgd(learningRate);
}

abstract class TensorFlow implements Trainer {
  protected readonly optimizer: tf.Optimizer;
  readonly #batches: readonly Batch[];
  #steps = 0;

  constructor(problem: Problem) {
    this.optimizer = optimizerOf(problem);
    this.#batches = batchesOf(problem);
  }

  /** One update; the loss before it, where the interface gives it anyway or `wantsLoss`. */
  protected abstract update(batch: Batch, wantsLoss: boolean): Promise<number> | number;

  async check(steps: number) {
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push(await this.update(this.#next(), true));
    return { losses };
  }

  async train(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) await this.update(this.#next(), false);
  }

  dispose(): void {
    this.optimizer.dispose();
    for (const { x, y } of this.#batches) {
      x.dispose();
      y.dispose();
    }
  }

  #next(): Batch {
    const batch = this.#batches[this.#steps++ % this.#batches.length];
    if (batch === undefined) throw new Error("no batch");
    return batch;
  }
}

class Layers extends TensorFlow {
  readonly #model = tf.sequential();

  constructor(problem: Problem) {
    super(problem);
    const { layerDims } = problem;
    layerDims.slice(1).forEach((units, i) => {
      const activation = i === layerDims.length - 2 ? "sigmoid" : "relu";
      const inputShape = i === 0 ? { inputShape: [layerDims[0] ?? 0] } : {};
      this.#model.add(tf.layers.dense({ units, activation, ...inputShape }));
    });
    this.#model.compile({ optimizer: this.optimizer, loss: "binaryCrossentropy" });
    parametersOf(problem).forEach((parameters, i) => {
      this.#model.layers[i]?.setWeights(parameters);
    });
  }

  protected async update({ x, y }: Batch): Promise<number> {
    return Number(await this.#model.trainOnBatch(x, y));
  }

  override dispose(): void {
    super.dispose();
    this.#model.dispose();
  }
}

class Core extends TensorFlow {
  readonly #variables: readonly [kernel: tf.Variable, bias: tf.Variable][];

  constructor(problem: Problem) {
    super(problem);
    this.#variables = parametersOf(problem).map(([kernel, bias]) => [tf.variable(kernel), tf.variable(bias)]);
  }

  protected update({ x, y }: Batch, wantsLoss: boolean): number {
    const loss = this.optimizer.minimize(() => {
      let a = x;
      this.#variables.forEach(([b, bias], i) => {
        const activation = i === this.#variables.length - 1 ? "linear" : "relu";
        a = tf.fused.matMul({ a, b, bias, activation });
      });
      return tf.losses.sigmoidCrossEntropy(y, a);
    }, wantsLoss);
    const value = loss?.dataSync()[0] ?? Number.NaN;
    loss?.dispose();
    return value;
  }

  override dispose(): void {
    super.dispose();
    for (const variable of this.#variables.flat()) variable.dispose();
  }
}

const backend = process.argv[2] === "cpu" ? "cpu" : "wasm";
const core = process.argv[3] === "core";
const threads = Number(process.argv[4]);
if (backend === "wasm") {
  setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm")))}/`);
  setThreadsCount(threads);
}
if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
await serve(
  {
    version: tf.version.tfjs,
    dtype: "float32",
    threads: backend === "wasm" ? getThreadsCount() : 1,
    ...(core && { note: "core API: fused products, optimizer.minimize" }),
  },
  (problem) => (core ? new Core(problem) : new Layers(problem)),
);
