import { adam, createNetwork, Matrix, type Network, type StepReport } from "../../../ts/index.js";
import { fingerprint } from "../fingerprint.js";
import type { DigitSettings, TestResult } from "./messages.js";
import { type LabelledImages, PIXELS } from "./mnist.js";

const LAYER_DIMS = [PIXELS, 128, 64, 10];
const BATCH_SIZE = 128;
const DIGITS = 10;

/** A network that learns to read digits. */
export class DigitReader {
  readonly network: Network;
  readonly #optimizer = adam({ learningRate: 1e-3 });
  #epoch = 0;

  private constructor(network: Network) {
    this.network = network;
  }

  static async open({ seed, threads }: DigitSettings): Promise<DigitReader> {
    return new DigitReader(
      await createNetwork({ layerDims: LAYER_DIMS, outputActivation: "softmax", seed, threads }),
    );
  }

  get parameterCount(): number {
    return this.network
      .parameters()
      .reduce((sum, { weights, biases }) => sum + weights.data.length + biases.length, 0);
  }

  /** Epochs trained in full. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Trains one epoch; false if the signal ended it. A promise that onStep returns pauses it. */
  async trainEpoch(
    { x, labels }: LabelledImages,
    signal: AbortSignal,
    onStep: (report: StepReport) => unknown,
  ): Promise<boolean> {
    const history = await this.network.fit(x, labels, {
      epochs: 1,
      batchSize: BATCH_SIZE,
      warnings: false, // the page has no place for them; its pixels are scaled
      optimizer: this.#optimizer,
      signal,
      onStep,
    });
    if (history.stoppedBy === "signal") return false;
    this.#epoch += 1;
    return true;
  }

  /** The share that is read right of the first `count` images. */
  accuracyOn({ x, labels }: LabelledImages, count: number): number {
    const some = new Matrix(x.data.subarray(0, count * PIXELS), count, PIXELS);
    return this.network.evaluate(some, labels.subarray(0, count)).accuracy;
  }

  async test({ x, labels }: LabelledImages): Promise<TestResult> {
    const answers = this.network.predict(x);
    const confusion = new Uint32Array(DIGITS * DIGITS);
    let right = 0;
    labels.forEach((label, i) => {
      const read = likeliest(answers.data.subarray(i * DIGITS, (i + 1) * DIGITS));
      const cell = label * DIGITS + read;
      confusion[cell] = (confusion[cell] ?? 0) + 1;
      if (read === label) right += 1;
    });
    return {
      epoch: this.#epoch,
      accuracy: right / labels.length,
      confusion,
      fingerprint: await fingerprint(this.network.parameters()),
    };
  }

  /** The ten probabilities of one image, pixels from 0 to 255. */
  read(pixels: Uint8Array): Float32Array {
    const x = new Matrix(
      Float32Array.from(pixels, (pixel) => pixel / 255),
      1,
      PIXELS,
    );
    return Float32Array.from(this.network.predict(x).data);
  }

  dispose(): void {
    this.network.dispose();
  }
}

function likeliest(probabilities: Float32Array | Float64Array): number {
  let best = 0;
  probabilities.forEach((probability, digit) => {
    if (probability > (probabilities[best] ?? 0)) best = digit;
  });
  return best;
}
