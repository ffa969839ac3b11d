import {
  adam,
  createNetwork,
  type Dtype,
  type EngineName,
  gradientDescent,
  type MathName,
  type Network,
  type Optimizer,
} from "layerwise";
import { batchesOf, type Examples } from "./examples.js";
import { ADAM, stepsPerPass, type Work } from "./works.js";

/** Layerwise at work, through its public API alone. */
export class Contestant {
  readonly #network: Network;
  readonly #optimizer: Optimizer;
  readonly #work: Work;
  readonly #data: Examples;
  readonly #batches: readonly Examples[];
  #nextBatch = 0;

  static async create(
    work: Work,
    data: Examples,
    dtype: Dtype,
    threads = 1,
    engine: EngineName = "wasm",
    math: MathName = "exact",
  ): Promise<Contestant> {
    const { layerDims, optimizer, learningRate } = work;
    const network = await createNetwork({ layerDims, dtype, seed: 1, threads, engine, math });
    const rule = optimizer === "adam" ? adam({ learningRate, ...ADAM }) : gradientDescent({ learningRate });
    return new Contestant(network, rule, work, data);
  }

  private constructor(network: Network, optimizer: Optimizer, work: Work, data: Examples) {
    this.#network = network;
    this.#optimizer = optimizer;
    this.#work = work;
    this.#data = data;
    this.#batches = batchesOf(data, work.batchSize);
  }

  get network(): Network {
    return this.#network;
  }

  /** The headline: fit over the resident data set, with its shuffling, gathering and checks of the data. */
  async fit(passes: number): Promise<void> {
    const { x, y } = this.#data;
    await this.#network.fit(x, y, {
      epochs: passes,
      batchSize: this.#work.batchSize,
      optimizer: this.#optimizer,
    });
  }

  /** The same number of updates, one trainStep each: no shuffling, but every batch is checked and copied. */
  trainSteps(passes: number): void {
    for (let step = 0; step < passes * stepsPerPass(this.#work); step++) this.step();
  }

  /** One update on the next batch in the data's order; returns the loss before it. */
  step(): number {
    const batch = this.#batches[this.#nextBatch % this.#batches.length];
    this.#nextBatch += 1;
    if (batch === undefined) throw new Error(`${this.#work.name}: no batch`);
    return this.#network.trainStep(batch.x, batch.y, { optimizer: this.#optimizer });
  }

  dispose(): void {
    this.#network.dispose();
  }
}
