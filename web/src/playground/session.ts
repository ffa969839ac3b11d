import {
  adaGrad,
  adam,
  adamW,
  createNetwork,
  type GradientCheck,
  gradientCheck,
  gradientDescent,
  lion,
  Matrix,
  momentum,
  type Network,
  nadam,
  type Optimizer,
  rmsProp,
  sgd,
} from "../../../ts/index.js";
import { fingerprint } from "../fingerprint.js";
import type { DataSet, Examples } from "./data-set.js";
import type { Settings } from "./settings.js";

/** The gradient check takes two passes a parameter; this many examples are enough for it. */
const CHECKED_EXAMPLES = 24;

export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** One network in training: what it becomes follows from the settings and the number of epochs alone. */
export class Session {
  readonly network: Network;
  readonly #settings: Settings;
  readonly #data: DataSet;
  readonly #optimizer: Optimizer;
  #epoch = 0;

  private constructor(network: Network, settings: Settings, data: DataSet) {
    this.network = network;
    this.#settings = settings;
    this.#data = data;
    this.#optimizer = optimizerOf(settings);
  }

  static async open(settings: Settings, data: DataSet): Promise<Session> {
    const { hiddenLayers, hiddenActivation, initialization, seed } = settings;
    const network = await createNetwork({
      layerDims: [2, ...hiddenLayers, data.classes === 2 ? 1 : data.classes],
      hiddenActivation,
      outputActivation: data.classes === 2 ? "sigmoid" : "softmax",
      initialization,
      seed,
    });
    return new Session(network, settings, data);
  }

  /** Epochs trained. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Trains this many epochs more. fit(1) n times is fit(n): epochs are keyed. */
  async train(epochs: number): Promise<void> {
    const { batchSize, l2, keepProb } = this.#settings;
    const { train } = this.#data;
    await this.network.fit(inputs(train), train.labels, {
      epochs,
      batchSize: batchSize > 0 ? batchSize : train.labels.length,
      optimizer: this.#optimizer,
      l2,
      keepProb,
      warnings: false, // whoever plays with settings chooses odd ones on purpose
    });
    this.#epoch += epochs;
  }

  scoreTrain(): Score {
    return this.network.evaluate(inputs(this.#data.train), this.#data.train.labels);
  }

  /** Undefined where there are no test examples. */
  scoreTest(): Score | undefined {
    const { test } = this.#data;
    return test.labels.length === 0 ? undefined : this.network.evaluate(inputs(test), test.labels);
  }

  /** The network's answers at these points: one probability per point, or one per class. */
  answersAt(points: Matrix): Float32Array {
    return Float32Array.from(this.network.predict(points).data);
  }

  checkGradients(): GradientCheck & { readonly examples: number } {
    const { x, labels } = this.#data.train;
    const examples = Math.min(labels.length, CHECKED_EXAMPLES);
    const { l2, keepProb } = this.#settings;
    const some = new Matrix(x.subarray(0, 2 * examples), examples, 2);
    return { ...gradientCheck(this.network, some, labels.subarray(0, examples), { l2, keepProb }), examples };
  }

  fingerprint(): Promise<string | undefined> {
    return fingerprint(this.network.parameters());
  }

  dispose(): void {
    this.network.dispose();
  }
}

function inputs({ x, labels }: Examples): Matrix {
  return new Matrix(x, labels.length, 2);
}

function optimizerOf({ optimizer, learningRate, beta1, beta2 }: Settings): Optimizer {
  const makes: Readonly<Record<Settings["optimizer"], () => Optimizer>> = {
    gradientDescent: () => gradientDescent({ learningRate }),
    momentum: () => momentum({ learningRate, beta: beta1 }),
    sgd: () => sgd({ learningRate, momentum: beta1 }),
    adam: () => adam({ learningRate, beta1, beta2 }),
    adamW: () => adamW({ learningRate, beta1, beta2 }),
    nadam: () => nadam({ learningRate, beta1, beta2 }),
    adaGrad: () => adaGrad({ learningRate }),
    rmsProp: () => rmsProp({ learningRate, decay: beta2 }),
    lion: () => lion({ learningRate, beta1, beta2 }),
  };
  return makes[optimizer]();
}
