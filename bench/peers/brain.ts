// brain.js. It has an update rule and a loss of its own, so that its row compares the time for as many
// examples, and not the same training: stochastic gradient descent with momentum, an update for each
// example, squared error, and relu at the output too. What can be the same is checked: the outputs that the
// same weights give.
import { createRequire } from "node:module";
import brain, { type NeuralNetwork } from "brain.js";
import type { Trainer } from "./answering.js";
import type { Problem } from "./problem.js";
import { serve } from "./serve.js";

/** Small enough for its updates to stay finite on standard normal features, however many there are. */
const LEARNING_RATE_TIMES_INPUTS = 0.1;

/** It stops at this error and must be above 0. */
const NEVER_REACHED = 1e-30;

class Brain implements Trainer {
  readonly #network: NeuralNetwork;
  readonly #batchSize: number;
  readonly #learningRate: number;
  readonly #patterns: readonly { input: number[]; output: number[] }[];

  constructor({ layerDims, weights, biases, x, y, examples, batchSize }: Problem) {
    const inputs = layerDims[0] ?? 0;
    const network = new brain.NeuralNetwork({ hiddenLayers: layerDims.slice(1, -1), activation: "relu" });
    network.sizes = [...layerDims];
    network.initialize();
    weights.forEach((w, i) => {
      const width = layerDims[i] ?? 0;
      network.weights[i + 1]?.forEach((row, j) => {
        row.set(w.subarray(j * width, (j + 1) * width));
      });
      network.biases[i + 1]?.set(biases[i] ?? []);
    });
    this.#network = network;
    this.#batchSize = batchSize;
    this.#learningRate = LEARNING_RATE_TIMES_INPUTS / inputs;
    this.#patterns = Array.from({ length: examples }, (_, i) => ({
      input: Array.from(x.subarray(i * inputs, (i + 1) * inputs)),
      output: [y[i] ?? 0],
    }));
  }

  check() {
    const first = this.#patterns.slice(0, this.#batchSize);
    return { outputs: first.map(({ input }) => this.#network.run(input)[0] ?? Number.NaN) };
  }

  train(steps: number): void {
    const examples = steps * this.#batchSize;
    const all = this.#patterns.length;
    this.#pass(this.#patterns, Math.floor(examples / all));
    this.#pass(this.#patterns.slice(0, examples % all), 1);
    if (!Number.isFinite(this.#network.run(this.#patterns[0]?.input ?? [])[0])) {
      throw new Error("its outputs are no longer finite");
    }
  }

  #pass(patterns: readonly { input: number[]; output: number[] }[], iterations: number): void {
    if (iterations === 0 || patterns.length === 0) return;
    const options = { iterations, learningRate: this.#learningRate, errorThresh: NEVER_REACHED };
    const done = this.#network.train(patterns, options);
    if (done.iterations !== iterations) throw new Error(`it stopped after ${done.iterations} passes`);
  }
}

const manifest: { version: string } = createRequire(import.meta.url)("brain.js/package.json");
const note = "its own rule: an update an example, unshuffled, momentum, squared error; same outputs checked";
await serve(
  { version: manifest.version, dtype: "float32", threads: 1, note },
  (problem) => new Brain(problem),
);
