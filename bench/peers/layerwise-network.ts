// Layerwise as a peer: in a page, beside others there.
import { adam, createNetwork, gradientDescent, Matrix, type Network, type Optimizer } from "layerwise";
import manifest from "../../package.json" with { type: "json" };
import type { Trainer } from "./answering.js";
import { batchesOf, type Examples } from "./batches.js";
import type { Problem } from "./problem.js";

export const VERSION = manifest.version;

export class LayerwiseNetwork implements Trainer {
  readonly #network: Network;
  readonly #optimizer: Optimizer;
  readonly #problem: Problem;
  readonly #inOrder: Generator<Examples, never>;

  static async create(problem: Problem, threads: number): Promise<LayerwiseNetwork> {
    const { layerDims, weights, biases } = problem;
    const network = await createNetwork({ layerDims, threads });
    network.setParameters(
      weights.map((w, i) => ({
        weights: new Matrix(w, layerDims[i + 1] ?? 0, layerDims[i] ?? 0),
        biases: biases[i] ?? new Float32Array(0),
      })),
    );
    return new LayerwiseNetwork(network, problem);
  }

  private constructor(network: Network, problem: Problem) {
    const { optimizer, learningRate, beta1, beta2, epsilon } = problem;
    this.#network = network;
    this.#problem = problem;
    this.#optimizer =
      optimizer === "adam"
        ? adam({ learningRate, beta1, beta2, epsilon })
        : gradientDescent({ learningRate });
    this.#inOrder = batchesOf(problem, problem.batchSize, Float32Array);
  }

  check(steps: number) {
    return { losses: Array.from({ length: steps }, () => this.#step()) };
  }

  /** Whole passes by `fit`, and what is left of one step by step. */
  async train(steps: number): Promise<void> {
    const { x, y, examples, batchSize } = this.#problem;
    const ofAPass = examples / batchSize;
    const epochs = Math.floor(steps / ofAPass);
    const inputs = x.length / examples;
    if (epochs > 0)
      await this.#network.fit(new Matrix(x, examples, inputs), new Matrix(y, examples, 1), {
        epochs,
        batchSize,
        optimizer: this.#optimizer,
      });
    for (let step = epochs * ofAPass; step < steps; step++) this.#step();
  }

  #step(): number {
    const { x, y } = this.#inOrder.next().value;
    const rows = this.#problem.batchSize;
    const optimizer = this.#optimizer;
    return this.#network.trainStep(new Matrix(x, rows, x.length / rows), new Matrix(y, rows, 1), {
      optimizer,
    });
  }
}
