import { ACTIVATION_CODE } from "./activation.js";
import { BatchMemory } from "./batch-memory.js";
import { BYTES, type Dtype, type NetworkConfig } from "./config.js";
import { type DenseLayer, denseBackward, denseForward, gradientBound, hasFewExamples } from "./dense.js";
import type { Dropout } from "./dropout.js";
import { shorten } from "./errors.js";
import { INITIALIZATION_CODE } from "./initialization.js";
import { type LossKernels, lossKernels } from "./loss.js";
import { Blocks } from "./memory.js";
import { MomentsMemory } from "./moments.js";
import { intoPanels, outOfPanels } from "./panels.js";
import type { Instance, Kernels } from "./wasm/kernels.js";

/** About a million numbers in the widest layer. */
const PREDICTION_NUMBERS = 1 << 20;
const MOST_PREDICTION_ROWS = 1024;

/**
 * The layers of one network and their memory in wasm: a flat block of parameters, one of gradients of
 * the same layout, and the memory of a batch. Nothing is checked here: callers have done so.
 */
export class Layers {
  readonly instance: Instance;
  readonly kernels: Kernels;
  readonly blocks: Blocks;
  readonly dtype: Dtype;
  /** How many threads its kernels may use. */
  readonly threads: number;
  /** Layers 1 … L. */
  readonly dense: readonly DenseLayer[];
  readonly inputs: number;
  readonly outputs: number;
  readonly labelWidth: number;
  /** Bytes of an example's labels. */
  readonly labelBytes: number;
  readonly parameterCount: number;
  /** Byte offset of W_1, b_1, W_2, … */
  readonly parameters: number;
  /** Byte offset of dW_1, db_1, dW_2, … */
  readonly gradients: number;
  readonly moments: MomentsMemory;

  readonly #loss: LossKernels;
  readonly #outputActivation: number;
  #training: BatchMemory | undefined;
  #prediction: BatchMemory | undefined;

  constructor(instance: Instance, config: NetworkConfig, threads = 1) {
    const { layerDims, dtype } = config;
    this.instance = instance;
    this.kernels = instance[dtype];
    this.blocks = new Blocks(instance);
    this.dtype = dtype;
    this.threads = threads;
    this.inputs = layerDims[0] ?? 0;
    this.outputs = layerDims[layerDims.length - 1] ?? 0;
    this.#loss = lossKernels(config.loss, this.kernels);
    this.#outputActivation = ACTIVATION_CODE[config.outputActivation];
    this.labelWidth = this.#loss.labelWidth(this.outputs);
    this.labelBytes = this.labelWidth * (this.#loss.classes ? Uint32Array.BYTES_PER_ELEMENT : BYTES[dtype]);
    this.parameterCount = countParameters(layerDims);
    // One block for both: all of it is had, or nothing.
    const bytes = this.parameterCount * BYTES[dtype];
    this.parameters = this.blocks.allocate(
      2 * bytes,
      `the parameters and gradients of [${shorten(layerDims.join(","))}]`,
    );
    this.gradients = this.parameters + bytes;
    this.clear(this.parameters, 2 * this.parameterCount);
    this.moments = new MomentsMemory(this);
    this.dense = this.#layOut(config);
  }

  #layOut(config: NetworkConfig): readonly DenseLayer[] {
    const { layerDims, dtype } = config;
    const width = this.kernels.panelWidth();
    let at = 0;
    return layerDims.slice(1).map((outputs, i) => {
      const inputs = layerDims[i] ?? 0;
      const weightsAt = at;
      const biasesAt = at + outputs * inputs;
      at = biasesAt + outputs;
      const last = i === layerDims.length - 2;
      return {
        index: i + 1,
        inputs,
        outputs,
        panel: i === 0 && outputs % width === 0 ? width : 1,
        activation: last ? "linear" : config.hiddenActivation,
        weightsAt,
        biasesAt,
        weights: this.parameters + weightsAt * BYTES[dtype],
        biases: this.parameters + biasesAt * BYTES[dtype],
        weightGradients: this.gradients + weightsAt * BYTES[dtype],
        biasGradients: this.gradients + biasesAt * BYTES[dtype],
      };
    });
  }

  /** Fills the weights; the biases stay 0. */
  initialize(method: NetworkConfig["initialization"], seed: number): void {
    for (const layer of this.dense) {
      const code = INITIALIZATION_CODE[method];
      this.kernels.initialize(layer.weights, layer.inputs, layer.outputs, code, seed, layer.index);
    }
    this.intoPanels(this.parameters);
  }

  /** Numbers that the products of `layer` need to pack their operands. */
  workspaceLength(rows: number, layer: { readonly inputs: number; readonly outputs: number }): number {
    return this.kernels.workspaceLength(rows, layer.inputs, layer.outputs, this.threads) >>> 0;
  }

  /** The memory of training batches, with room for `rows` examples (and masks, with dropout). */
  trainingMemory(rows: number, withMasks: boolean): BatchMemory {
    if (this.#training === undefined || this.#training.capacity < rows) {
      this.#training?.release(this);
      this.#training = undefined;
      this.#training = new BatchMemory(this, rows, "training");
    }
    if (withMasks) this.#training.ensureMasks(this);
    return this.#training;
  }

  /** The memory of prediction batches, with room for `rows` examples. */
  predictionMemory(rows: number): BatchMemory {
    if (this.#prediction === undefined || this.#prediction.capacity < rows) {
      this.#prediction?.release(this);
      this.#prediction = undefined;
      this.#prediction = new BatchMemory(this, rows, "prediction");
    }
    return this.#prediction;
  }

  /** Rows of a prediction batch: bounded memory, and a function of the widths alone. */
  get predictionRows(): number {
    const widest = this.dense.reduce((most, { outputs }) => Math.max(most, outputs), this.inputs);
    return Math.max(1, Math.min(MOST_PREDICTION_ROWS, Math.floor(PREDICTION_NUMBERS / widest)));
  }

  /** All of wasm memory in this network's dtype, and the index of a byte offset in it. */
  numbers(): Float32Array | Float64Array {
    return this.dtype === "float32" ? this.instance.float32s() : this.instance.float64s();
  }

  /** `length` zeros of this network's dtype, in JavaScript's memory. */
  newNumbers(length: number): Float32Array | Float64Array {
    return this.dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
  }

  indexOf(offset: number): number {
    return offset / BYTES[this.dtype];
  }

  /** Labels in a batch's memory: classes as 32-bit integers, others as numbers of this dtype. */
  writeLabels(offset: number, labels: Float32Array | Float64Array | Uint32Array): void {
    if (labels instanceof Uint32Array) {
      this.instance.uint32s().set(labels, offset / Uint32Array.BYTES_PER_ELEMENT);
    } else {
      this.write(offset, labels);
    }
  }

  write(offset: number, values: Float32Array | Float64Array): void {
    this.numbers().set(values, this.indexOf(offset));
  }

  /** `length` numbers from `offset` ← 0. */
  clear(offset: number, length: number): void {
    const at = this.indexOf(offset);
    this.numbers().fill(0, at, at + length);
  }

  /** In a block of the parameters' layout, each W ← from row-major to its panels. */
  intoPanels(block: number): void {
    for (const layer of this.dense) {
      if (layer.panel === 1) continue;
      const weights = this.#weights(layer, block);
      intoPanels(weights, weights.slice(), layer);
    }
  }

  /** A copy of a block of the parameters' layout, each W row-major. */
  readByRows(block: number): Float32Array | Float64Array {
    const numbers = this.read(block, this.parameterCount);
    for (const layer of this.dense) {
      if (layer.panel > 1) numbers.set(this.weightsByRows(layer, block), layer.weightsAt);
    }
    return numbers;
  }

  /** A layer's W in a block of the parameters' layout, row-major: where it lies so, a view until memory grows. */
  weightsByRows(layer: DenseLayer, block: number): Float32Array | Float64Array {
    const weights = this.#weights(layer, block);
    if (layer.panel === 1) return weights;
    const byRows = this.newNumbers(weights.length);
    outOfPanels(byRows, weights, layer);
    return byRows;
  }

  #weights({ weightsAt, biasesAt }: DenseLayer, block: number): Float32Array | Float64Array {
    const start = this.indexOf(block);
    return this.numbers().subarray(start + weightsAt, start + biasesAt);
  }

  /** A copy of `length` numbers from `offset`. */
  read(offset: number, length: number): Float32Array | Float64Array {
    const at = this.indexOf(offset);
    return this.numbers().slice(at, at + length);
  }

  /** A_1 … A_L ← from X in the batch's memory; A_L stays as logits. */
  forward(batch: BatchMemory, rows: number, dropout?: Dropout): void {
    let x = batch.x;
    this.dense.forEach((layer, i) => {
      const a = batch.activations[i] ?? 0;
      const mask = dropout === undefined ? 0 : (batch.masks[i] ?? 0);
      if (mask !== 0) dropout?.masks.fill(mask, rows, layer.outputs, layer.index);
      denseForward(
        this.kernels,
        layer,
        a,
        x,
        mask,
        batch.workspace,
        rows,
        dropout?.keepProb ?? 1,
        this.threads,
      );
      x = a;
    });
  }

  /** Σ of the losses of all rows, without the L2 term; with `gradient`, dZ_L ← (A_L − Y)/rows. */
  lossSum(batch: BatchMemory, rows: number, gradient: boolean): number {
    const dz = gradient ? batch.dz[0] : 0;
    return this.#loss.sum(dz, this.#logits(batch), batch.labels, rows, this.outputs, rows);
  }

  /** Σ of squares of all weights (biases are left out of the L2 term). */
  squaredWeights(): number {
    let sum = 0;
    for (const layer of this.dense) {
      sum += this.kernels.sumOfSquares(layer.weights, layer.outputs * layer.inputs);
    }
    return sum;
  }

  /** All gradients ← from dZ_L, last layer first. Returns a bound on their magnitudes. */
  backward(batch: BatchMemory, rows: number, keepProb: number, l2OverM: number): number {
    let bound = 0;
    let bounded = this.parameterCount; // the gradients from this one on
    let [dz, dx] = batch.dz;
    for (let i = this.dense.length - 1; i >= 0; i--) {
      const layer = this.dense[i];
      if (layer === undefined) break;
      const before = this.dense[i - 1];
      const x = before === undefined ? batch.x : (batch.activations[i - 1] ?? 0);
      denseBackward(
        this.kernels,
        layer,
        before,
        dx,
        dz,
        x,
        batch.workspace,
        rows,
        keepProb,
        l2OverM,
        this.threads,
      );
      if (l2OverM === 0 && hasFewExamples(layer, rows)) {
        const ofLayer = gradientBound(this.kernels, layer, dz, x, rows, this.threads);
        bound = Math.max(bound, ofLayer, this.#sumOfMagnitudes(layer.biasesAt + layer.outputs, bounded));
        bounded = layer.weightsAt;
      }
      [dz, dx] = [dx, dz];
    }
    return Math.max(bound, this.#sumOfMagnitudes(0, bounded)); // NaN if either is
  }

  /** Of the gradients [start, end): no less than the largest. */
  #sumOfMagnitudes(start: number, end: number): number {
    const offset = this.gradients + start * BYTES[this.dtype];
    return this.kernels.magnitudeBound(offset, end - start, this.threads);
  }

  /** The first layer (1 … L) whose activations aren't all finite. */
  firstNonFinite(batch: BatchMemory, rows: number): number | undefined {
    const first = this.dense.find(
      (layer, i) => this.kernels.firstNonFinite(batch.activations[i] ?? 0, rows * layer.outputs) >= 0,
    );
    return first?.index;
  }

  /** Whether all of A_L, as logits, are finite. */
  hasFiniteLogits(batch: BatchMemory, rows: number): boolean {
    const length = rows * this.outputs;
    const logits = this.#logits(batch);
    if (Number.isFinite(this.kernels.magnitudeBound(logits, length, this.threads))) return true;
    return this.kernels.firstNonFinite(logits, length) < 0; // or a sum of finite ones overflowed
  }

  /** How many of rows × labelWidth answers are right. */
  correct(batch: BatchMemory, rows: number): number {
    return this.#loss.correct(this.#logits(batch), batch.labels, rows, this.outputs);
  }

  /** A_L ← g(A_L): from logits to probabilities, a copy of which is returned (rows × n_L). */
  probabilities(batch: BatchMemory, rows: number): Float32Array | Float64Array {
    const logits = this.#logits(batch);
    this.kernels.outputActivation(logits, rows, this.outputs, this.#outputActivation);
    return this.read(logits, rows * this.outputs);
  }

  #logits(batch: BatchMemory): number {
    return batch.activations[this.dense.length - 1] ?? 0;
  }
}

/** Σ n_l · (n_{l−1} + 1) */
export function countParameters(layerDims: readonly number[]): number {
  let count = 0;
  for (let l = 1; l < layerDims.length; l++) count += (layerDims[l] ?? 0) * ((layerDims[l - 1] ?? 0) + 1);
  return count;
}
