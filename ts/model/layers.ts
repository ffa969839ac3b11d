import { lossRow } from "../catalog/losses.js";
import type { NetworkConfig } from "../config/config.js";
import type { Dtype } from "../config/dtype.js";
import type { Engine, Program } from "../engine/engine.js";
import type { CellType, Floats, Room, Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import { shorten } from "../errors/errors.js";
import { BatchMemory } from "./batch-memory.js";
import type { DenseLayer } from "./dense.js";

import type { Layout } from "./layout.js";
import { MomentsMemory } from "./moments.js";
import { intoPanels, outOfPanels } from "./panels.js";

/** About a million numbers in the widest layer. */
const PREDICTION_NUMBERS = 1 << 20;
const MOST_PREDICTION_ROWS = 1024;

/**
 * The layers of one network and their memory: a flat block of parameters, one of gradients of the same layout, the
 * memory of batches, and the programs that were bound to all this. Nothing is checked here: callers have done so.
 */
export class Layers implements Layout {
  readonly engine: Engine;
  readonly config: NetworkConfig;
  readonly dtype: Dtype;
  /** Layers 1 … L. */
  readonly dense: readonly DenseLayer[];
  readonly inputs: number;
  readonly outputs: number;
  readonly labelWidth: number;
  readonly labelType: CellType;
  readonly parameterCount: number;
  /** W_1, b_1, W_2, … and dW_1, db_1, dW_2, … */
  readonly parameters: Span;
  readonly gradients: Span;
  readonly moments: MomentsMemory;

  readonly #room: Room;
  readonly #programs: BoundProgram[] = [];
  #training: BatchMemory | undefined;
  #prediction: BatchMemory | undefined;

  constructor(engine: Engine, config: NetworkConfig) {
    const { layerDims, dtype } = config;
    const { targets } = lossRow(config.loss);
    this.engine = engine;
    this.config = config;
    this.dtype = dtype;
    this.inputs = layerDims[0] ?? 0;
    this.outputs = layerDims[layerDims.length - 1] ?? 0;
    this.labelWidth = targets === "classes" ? 1 : this.outputs;
    this.labelType = targets === "classes" ? "uint32" : dtype;
    this.parameterCount = countParameters(layerDims);
    const request = { type: dtype, length: this.parameterCount };
    const what = `the parameters and gradients of [${shorten(layerDims.join(","))}]`;
    const room = engine.room(what, { parameters: request, gradients: request });
    this.#room = room;
    this.parameters = room.spans.parameters;
    this.gradients = room.spans.gradients;
    this.parameters.fill(0);
    this.gradients.fill(0);
    this.moments = new MomentsMemory(this, () => this.forgetPrograms());
    this.dense = this.#layOut(config);
  }

  #layOut({ layerDims, hiddenActivation }: NetworkConfig): readonly DenseLayer[] {
    const width = this.engine.panelWidth(this.dtype);
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
        activation: last ? "linear" : hiddenActivation,
        weightsAt,
        biasesAt,
        weights: this.parameters.part(weightsAt, outputs * inputs),
        biases: this.parameters.part(biasesAt, outputs),
        weightGradients: this.gradients.part(weightsAt, outputs * inputs),
        biasGradients: this.gradients.part(biasesAt, outputs),
      };
    });
  }

  /** Fills the weights; the biases stay 0. */
  initialize(initialization: NetworkConfig["initialization"], seed: number): void {
    const operations = this.dense.map(({ weights: w, inputs, outputs, index: layer }): Operation => {
      return { op: "initialize", w, inputs, outputs, initialization, seed, layer };
    });
    const program = this.engine.program(this.dtype, operations);
    program.run(0, 0, 0);
    program.release();
    this.intoPanels(this.parameters);
  }

  /** The memory of training batches, with room for `rows` examples. */
  trainingMemory(rows: number): BatchMemory {
    if (this.#training === undefined || this.#training.capacity < rows) {
      this.forgetPrograms();
      this.#training?.release();
      this.#training = undefined;
      this.#training = new BatchMemory(this, rows, "training");
    }
    return this.#training;
  }

  /** The memory of prediction batches, with room for `rows` examples. */
  predictionMemory(rows: number): BatchMemory {
    if (this.#prediction === undefined || this.#prediction.capacity < rows) {
      this.forgetPrograms();
      this.#prediction?.release();
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

  /**
   * The program that was bound for this purpose with these two numbers, or a new one. It lives until memory that it
   * may name moves.
   */
  program(purpose: string, a: number, b: number, operations: () => readonly Operation[]): Program {
    for (const bound of this.#programs) {
      if (bound.purpose === purpose && bound.a === a && bound.b === b) return bound.program;
    }
    if (this.#programs.length >= MOST_PROGRAMS) this.forgetPrograms();
    const program = this.engine.program(this.dtype, operations());
    this.#programs.push({ purpose, a, b, program });
    return program;
  }

  /** Ends all programs: memory that they name is about to go. */
  forgetPrograms(): void {
    for (const { program } of this.#programs.splice(0)) program.release();
  }

  /** Gives all memory back. */
  release(): void {
    this.forgetPrograms();
    this.moments.end();
    this.#training?.release();
    this.#prediction?.release();
    this.#room.release();
  }

  /** `length` zeros of this network's dtype, in JavaScript's memory. */
  newNumbers(length: number): Floats {
    return this.dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
  }

  /** In a block of the parameters' layout, each W ← from row-major to its panels. */
  intoPanels(block: Span): void {
    for (const layer of this.dense) {
      if (layer.panel === 1) continue;
      const weights = weightsOf(layer, block);
      const byRows = weights.read();
      const inPanels = this.newNumbers(byRows.length);
      intoPanels(inPanels, byRows, layer);
      weights.write(inPanels);
    }
  }

  /** A copy of a block of the parameters' layout, each W row-major. */
  readByRows(block: Span): Floats {
    const numbers = block.read();
    for (const layer of this.dense) {
      if (layer.panel > 1) numbers.set(this.weightsByRows(layer, block), layer.weightsAt);
    }
    return numbers;
  }

  /** A copy of a layer's W in a block of the parameters' layout, row-major. */
  weightsByRows(layer: DenseLayer, block: Span): Floats {
    const weights = weightsOf(layer, block).read();
    if (layer.panel === 1) return weights;
    const byRows = this.newNumbers(weights.length);
    outOfPanels(byRows, weights, layer);
    return byRows;
  }

  /** The first layer (1 … L) whose activations aren't all finite. */
  firstNonFinite(batch: BatchMemory, rows: number): number | undefined {
    const first = this.dense.find((layer, i) => {
      const activations = batch.activations[i]?.part(0, rows * layer.outputs);
      return activations !== undefined && !this.engine.isFinite(activations);
    });
    return first?.index;
  }
}

interface BoundProgram {
  readonly purpose: string;
  readonly a: number;
  readonly b: number;
  readonly program: Program;
}

/** Of programs that are kept: those of a step, with and without dropout, of a prediction and of an evaluation. */
const MOST_PROGRAMS = 8;

function weightsOf({ weightsAt, biasesAt }: DenseLayer, block: Span): Span {
  return block.part(weightsAt, biasesAt - weightsAt);
}

/** Σ n_l · (n_{l−1} + 1) */
export function countParameters(layerDims: readonly number[]): number {
  let count = 0;
  for (let l = 1; l < layerDims.length; l++) count += (layerDims[l] ?? 0) * ((layerDims[l - 1] ?? 0) + 1);
  return count;
}
