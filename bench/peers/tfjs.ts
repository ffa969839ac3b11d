// TensorFlow.js. Arguments: its backend; which of its interfaces: "layers" (a Sequential model's fit, what
// its guides teach) or "core" (ready-made batches, fused products and optimizer.minimize, the least overhead
// that it allows); and how many threads.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Trainer } from "./answering.js";
import type { Problem } from "./problem.js";
import { serve } from "./serve.js";

interface Examples {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

/** The examples of `batches` batches, from the `first` on. */
function examplesOf({ layerDims, x, y, batchSize }: Problem, first: number, batches: number): Examples {
  const inputs = layerDims[0] ?? 0;
  const rows = batches * batchSize;
  const [start, end] = [first * batchSize, first * batchSize + rows];
  return {
    x: tf.tensor2d(x.subarray(start * inputs, end * inputs), [rows, inputs]),
    y: tf.tensor2d(y.subarray(start, end), [rows, 1]),
  };
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

class Layers implements Trainer {
  readonly #problem: Problem;
  readonly #stepsPerPass: number;
  readonly #data: Examples;
  readonly #optimizer: tf.Optimizer;
  readonly #model = tf.sequential();

  constructor(problem: Problem) {
    const { layerDims, examples, batchSize } = problem;
    this.#problem = problem;
    this.#stepsPerPass = examples / batchSize;
    this.#data = examplesOf(problem, 0, this.#stepsPerPass);
    this.#optimizer = optimizerOf(problem);
    layerDims.slice(1).forEach((units, i) => {
      const activation = i === layerDims.length - 2 ? "sigmoid" : "relu";
      const inputShape = i === 0 ? { inputShape: [layerDims[0] ?? 0] } : {};
      this.#model.add(tf.layers.dense({ units, activation, ...inputShape }));
    });
    this.#model.compile({ optimizer: this.#optimizer, loss: "binaryCrossentropy" });
    parametersOf(problem).forEach((parameters, i) => {
      this.#model.layers[i]?.setWeights(parameters);
      tf.dispose(parameters);
    });
  }

  /** By trainOnBatch, since fit shuffles from the first pass on. */
  async check(steps: number) {
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) {
      const batch = examplesOf(this.#problem, i % this.#stepsPerPass, 1);
      losses.push(Number(await this.#model.trainOnBatch(batch.x, batch.y)));
      tf.dispose(batch);
    }
    return { losses };
  }

  /** Steps that are no whole pass are a pass over as many of the first batches. */
  async train(steps: number): Promise<void> {
    const passes = Math.floor(steps / this.#stepsPerPass);
    const rest = steps % this.#stepsPerPass;
    if (passes > 0) await this.#fit(this.#data, passes);
    if (rest > 0) {
      const part = examplesOf(this.#problem, 0, rest);
      await this.#fit(part, 1);
      tf.dispose(part);
    }
  }

  async #fit({ x, y }: Examples, epochs: number): Promise<void> {
    const { batchSize } = this.#problem;
    await this.#model.fit(x, y, { batchSize, epochs, shuffle: this.#stepsPerPass > 1, verbose: 0 });
  }
}

class Core implements Trainer {
  readonly #batches: readonly Examples[];
  readonly #optimizer: tf.Optimizer;
  readonly #variables: readonly [kernel: tf.Variable, bias: tf.Variable][];
  #steps = 0;

  constructor(problem: Problem) {
    const { examples, batchSize } = problem;
    this.#batches = Array.from({ length: examples / batchSize }, (_, i) => examplesOf(problem, i, 1));
    this.#optimizer = optimizerOf(problem);
    this.#variables = parametersOf(problem).map((parameters) => {
      const [kernel, bias] = parameters;
      const variables: [tf.Variable, tf.Variable] = [tf.variable(kernel), tf.variable(bias)];
      tf.dispose(parameters);
      return variables;
    });
  }

  check(steps: number) {
    return { losses: Array.from({ length: steps }, () => this.#step(true)) };
  }

  train(steps: number): void {
    for (let i = 0; i < steps; i++) this.#step(false);
  }

  /** One update; the loss before it if it is wanted. */
  #step(wantsLoss: boolean): number {
    const batch = this.#batches[this.#steps++ % this.#batches.length];
    if (batch === undefined) throw new Error("no batch");
    const loss = this.#optimizer.minimize(
      () => {
        let a = batch.x;
        this.#variables.forEach(([b, bias], i) => {
          const activation = i === this.#variables.length - 1 ? "linear" : "relu";
          a = tf.fused.matMul({ a, b, bias, activation });
        });
        return tf.losses.sigmoidCrossEntropy(batch.y, a);
      },
      wantsLoss,
      this.#variables.flat(),
    );
    const value = loss?.dataSync()[0] ?? Number.NaN;
    loss?.dispose();
    return value;
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
    ...(core && { note: "core API on ready-made batches: fused products, optimizer.minimize" }),
  },
  (problem) => (core ? new Core(problem) : new Layers(problem)),
);
