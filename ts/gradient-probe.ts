import type { BatchMemory } from "./batch-memory.js";
import { load } from "./batch-source.js";
import { atOnce } from "./breath.js";
import { type Inputs, type Labels, toExamples } from "./data.js";
import type { DenseLayer } from "./dense.js";
import { type Dropout, randomMasks } from "./dropout.js";
import { Layers } from "./layers.js";
import { NO_METADATA } from "./metadata.js";
import type { Network } from "./network.js";
import { positionOf } from "./panels.js";
import { lossBefore, penalizedLoss, type Trainee } from "./training.js";

/** A W_l or b_l in the flat block. */
export interface BlockPlace {
  readonly name: string;
  readonly length: number;
  /** Where the entry stands in the flat block. */
  at(entry: number): number;
  /** The entry's indices, such as `[3][0]`. */
  indices(entry: number): string;
  /** The largest magnitude of what it is multiplied with; 1 for a bias. */
  input(entry: number): number;
}

/** A float64 copy of a network whose parameters can be moved one at a time. */
export class GradientProbe {
  readonly layers: Layers;
  /** The loss with all parameters in their place, and its gradient by backward propagation. */
  readonly loss: number;
  readonly analytic: Float32Array | Float64Array;
  readonly blocks: readonly BlockPlace[];

  readonly #batch: BatchMemory;
  readonly #rows: number;
  readonly #l2: number;
  readonly #dropout: Dropout | undefined;
  /** Which relus let their input through, with all parameters in their place; by layer index − 1. */
  readonly #open: readonly (readonly boolean[])[];

  constructor(network: Network, x: Inputs, y: Labels, l2: number, keepProb: number) {
    const parameters = network.parameters();
    const config = { ...network.config, dtype: "float64" as const };
    const { seeds, layers: checked } = network.trainee;
    const examples = atOnce(toExamples(x, y, config, checked.instance));
    const layers = new Layers(checked.instance, config);
    this.layers = layers;
    try {
      layers.dense.forEach((layer, i) => {
        const copied = parameters[i];
        if (copied === undefined) return;
        layers.write(layer.weights, copied.weights.data);
        layers.write(layer.biases, copied.biases);
      });
      layers.intoPanels(layers.parameters);
      const batch = layers.trainingMemory(examples.m, keepProb < 1);
      load(layers, batch, examples);
      const masks = randomMasks(layers.kernels, keepProb, seeds.dropout, { epoch: 0, step: 0 });
      const dropout = keepProb < 1 ? { keepProb, masks } : undefined;
      const progress = { epoch: 0, step: 0, steps: 0 };
      const trainee: Trainee = { config, seeds, layers, progress, metadata: NO_METADATA };
      this.#batch = batch;
      this.#rows = examples.m;
      this.#l2 = l2;
      this.loss = lossBefore(trainee, batch, examples.m, l2, dropout);
      // Backward propagation writes over no activation.
      layers.backward(batch, examples.m, keepProb, l2 / examples.m);
      this.analytic = layers.read(layers.gradients, layers.parameterCount);
      // The masks are in place now, and stay as they are.
      this.#dropout = dropout && { keepProb, masks: { fill: () => undefined } };
      this.#open = layers.dense.map((layer, i) => this.#openRelus(layer, i));
      this.blocks = layers.dense.flatMap((layer, i) => [
        weightBlock(layer, this.#largestInputs(layer, i)),
        biasBlock(layer),
      ]);
    } catch (error) {
      layers.blocks.releaseAll();
      throw layers.instance.explain(error);
    }
  }

  /** The parameter at a place in the flat block. */
  value(parameter: number): number {
    return this.layers.numbers()[this.#indexOf(parameter)] ?? 0;
  }

  /** J with one parameter moved to `value`, or undefined where a relu opens or closes on the way. */
  lossAt(parameter: number, value: number): number | undefined {
    const { layers } = this;
    const at = this.#indexOf(parameter);
    const before = layers.numbers()[at] ?? 0;
    layers.numbers()[at] = value;
    try {
      layers.forward(this.#batch, this.#rows, this.#dropout);
      if (this.#hasFlipped()) return undefined;
      return penalizedLoss(layers, layers.lossSum(this.#batch, this.#rows, false), this.#rows, this.#l2);
    } finally {
      layers.numbers()[at] = before;
    }
  }

  #indexOf(parameter: number): number {
    return this.layers.indexOf(this.layers.parameters) + parameter;
  }

  #hasFlipped(): boolean {
    const numbers = this.layers.numbers();
    return this.#open.some((open, layer) => {
      const at = this.layers.indexOf(this.#batch.activations[layer] ?? 0);
      return open.some((isOpen, i) => (numbers[at + i] ?? 0) > 0 !== isOpen);
    });
  }

  #openRelus(layer: DenseLayer, i: number): boolean[] {
    if (layer.activation !== "relu") return [];
    const activations = this.layers.read(this.#batch.activations[i] ?? 0, this.#rows * layer.outputs);
    return Array.from(activations, (a) => a > 0);
  }

  /** Of each of a layer's inputs, the largest magnitude over the examples. */
  #largestInputs({ inputs }: DenseLayer, i: number): readonly number[] {
    const x = i === 0 ? this.#batch.x : (this.#batch.activations[i - 1] ?? 0);
    const numbers = this.layers.read(x, this.#rows * inputs);
    const largest = Array.from({ length: inputs }, () => 0);
    numbers.forEach((value, at) => {
      largest[at % inputs] = Math.max(largest[at % inputs] ?? 0, Math.abs(value));
    });
    return largest;
  }
}

function weightBlock(layer: DenseLayer, largestInputs: readonly number[]): BlockPlace {
  const { index, inputs, outputs, weightsAt } = layer;
  const unit = (entry: number) => Math.floor(entry / inputs);
  return {
    name: `W${index}`,
    length: inputs * outputs,
    at: (entry) => weightsAt + positionOf(layer, unit(entry), entry % inputs),
    indices: (entry) => `[${unit(entry)}][${entry % inputs}]`,
    input: (entry) => largestInputs[entry % inputs] ?? 0,
  };
}

function biasBlock({ index, outputs, biasesAt }: DenseLayer): BlockPlace {
  return {
    name: `b${index}`,
    length: outputs,
    at: (entry) => biasesAt + entry,
    indices: (entry) => `[${entry}]`,
    input: () => 1,
  };
}
