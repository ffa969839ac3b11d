import { targetsOf } from "../catalog/losses.js";
import { type Architecture, architectureOf, type DensePart, type NormPart } from "../config/architecture.js";
import type { Dtype } from "../config/dtype.js";
import type { NetworkConfig } from "../config/network-config.js";
import type { Batches, Engine, Program } from "../engine/engine.js";
import type { CellType, Floats, Room, Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import { type LayerPlace, shorten } from "../errors/errors.js";
import { BatchMemory } from "./batch-memory.js";
import type { DenseLayer } from "./dense.js";
import type { Layout, Node } from "./layout.js";
import { bindProgram, type Caller, type StepOperation } from "./loss-call.js";
import { MomentsMemory } from "./moments.js";
import type { NormLayer } from "./norm.js";
import { intoPanels, outOfPanels } from "./panels.js";
import { scalingNumbers } from "./scaling-numbers.js";

/** About a million numbers in the widest layer. */
const PREDICTION_NUMBERS = 1 << 20;
const MOST_PREDICTION_ROWS = 1024;

/**
 * The layers of one network and their memory: a flat block of parameters, one of gradients of the same layout, the
 * memory of batches, and the programs that were bound to all this. Nothing is checked here: callers have done so.
 */
export class Layers implements Layout, Caller {
  readonly engine: Engine;
  readonly dtype: Dtype;
  config: NetworkConfig;
  architecture: Architecture;
  nodes: readonly Node[] = [];
  dense: readonly DenseLayer[] = [];
  /** The nodes with parameters, in their order in the flat block. */
  parameterized: readonly (DenseLayer | NormLayer)[] = [];
  readonly inputs: number;
  readonly outputs: number;
  readonly labelWidth: number;
  readonly labelType: CellType;
  readonly parameterCount: number;
  /** Each node's one after the other: W and b, or scale and shift. */
  readonly parameters: Span;
  readonly gradients: Span;
  /** Running mean and variance of each batchNorm, one after the other. */
  readonly statistics: Span;
  /** The numbers of the layer that scales x. */
  readonly scaling: Span;
  /** As many as the widest layer needs in the place of biases, or of a mean. */
  readonly zeros: Span;
  readonly moments: MomentsMemory;
  isCalling = false;

  readonly #room: Room;
  readonly #programs: BoundProgram[] = [];
  #training: BatchMemory | undefined;
  #prediction: BatchMemory | undefined;

  constructor(engine: Engine, config: NetworkConfig) {
    const { dtype } = config;
    const architecture = architectureOf(config);
    const targets = targetsOf(config.loss);
    this.engine = engine;
    this.config = config;
    this.dtype = dtype;
    this.architecture = architecture;
    this.inputs = architecture.inputs;
    this.outputs = architecture.outputs;
    this.labelWidth = targets === "classes" ? 1 : this.outputs;
    this.labelType = targets === "classes" ? "uint32" : dtype;
    this.parameterCount = architecture.parameterCount;
    const request = { type: dtype, length: this.parameterCount };
    const widths = architecture.parts.flatMap(({ kind, outputs }) => (kind === "dense" ? [outputs] : []));
    const what = `the parameters and gradients of [${shorten([this.inputs, ...widths].join(","))}]`;
    const scaling = scalingNumbers(architecture.scaling?.data, dtype);
    const room = engine.room(what, {
      parameters: request,
      gradients: request,
      statistics: { type: dtype, length: architecture.statisticsCount },
      scaling: { type: "float64", length: scaling.length },
      zeros: { type: dtype, length: zerosOf(architecture) },
    });
    this.#room = room;
    this.parameters = room.spans.parameters;
    this.gradients = room.spans.gradients;
    this.parameters.fill(0);
    this.gradients.fill(0);
    this.statistics = room.spans.statistics;
    this.scaling = room.spans.scaling;
    this.scaling.write(scaling);
    this.zeros = room.spans.zeros;
    this.zeros.fill(0);
    this.moments = new MomentsMemory(this, () => this.forgetPrograms());
    this.#layNodes();
  }

  /** Takes a configuration that differs in what is trained alone. */
  configure(config: NetworkConfig): void {
    this.forgetPrograms();
    this.config = config;
    this.architecture = architectureOf(config);
    this.#layNodes();
    this.clearUntrainedGradients();
  }

  #layNodes(): void {
    this.nodes = this.architecture.parts.map((part, i): Node => {
      if (part.kind === "dense") return this.#dense(part, i === 0);
      return "epsilon" in part ? this.#norm(part) : part;
    });
    this.dense = this.nodes.flatMap((node) => (node.kind === "dense" ? [node] : []));
    this.parameterized = this.nodes.flatMap((node) => ("at" in node ? [node] : []));
  }

  /** W of what only x comes before is needed for no dX, and so may lie in panels. */
  #dense(part: DensePart, isFirst: boolean): DenseLayer {
    const { inputs, outputs, at: weightsAt } = part;
    const width = this.engine.panelWidth(this.dtype);
    const biasesAt = weightsAt + outputs * inputs;
    return {
      ...part,
      mayLieInPanels: isFirst,
      panel: isFirst && outputs % width === 0 ? width : 1,
      weightsAt,
      biasesAt,
      weights: this.parameters.part(weightsAt, outputs * inputs),
      biases: part.bias ? this.parameters.part(biasesAt, outputs) : undefined,
      weightGradients: this.gradients.part(weightsAt, outputs * inputs),
      biasGradients: part.bias ? this.gradients.part(biasesAt, outputs) : undefined,
    };
  }

  #norm(part: NormPart): NormLayer {
    const { at, statisticsAt, outputs } = part;
    const of = (block: Span, index: number, start = at) => block.part(start + index * outputs, outputs);
    return {
      ...part,
      scale: of(this.parameters, 0),
      shift: of(this.parameters, 1),
      scaleGradients: of(this.gradients, 0),
      shiftGradients: of(this.gradients, 1),
      running:
        part.kind === "batchNorm"
          ? { mean: of(this.statistics, 0, statisticsAt), variance: of(this.statistics, 1, statisticsAt) }
          : undefined,
    };
  }

  /** The nodes whose parameters training changes. */
  get trainable(): readonly (DenseLayer | NormLayer)[] {
    return this.parameterized.filter(({ trainable }) => trainable);
  }

  /** What an update goes over: as few stretches of the parameters as can be; where nothing is trained, one of none. */
  get segments(): readonly Segment[] {
    const segments: { at: number; length: number; factor: number; weights: Span[] }[] = [];
    for (const node of this.trainable) {
      const { at, parameterCount, learningRateFactor: factor } = node;
      const weights = node.kind === "dense" ? [node.weights] : [];
      const last = segments[segments.length - 1];
      if (last !== undefined && last.at + last.length === at && last.factor === factor) {
        last.length += parameterCount;
        last.weights.push(...weights);
      } else segments.push({ at, length: parameterCount, factor, weights });
    }
    return segments.length > 0 ? segments : [{ at: 0, length: 0, factor: 1, weights: [] }];
  }

  /** The largest factor of the learning rate, 1 at least. */
  get highestFactor(): number {
    return this.parameterized.reduce((most, { learningRateFactor }) => Math.max(most, learningRateFactor), 1);
  }

  /** Of what isn't trained ← 0, which steps leave so: these take no part in the norm of all. */
  clearUntrainedGradients(): void {
    for (const { trainable, at, parameterCount } of this.parameterized) {
      if (!trainable) this.gradients.part(at, parameterCount).fill(0);
    }
  }

  /** Fills the weights; biases and shifts stay 0; scales and running variances are 1, running means 0. */
  initialize(seed: number): void {
    const operations = this.dense.map((layer): Operation => {
      const { weights: w, inputs, outputs, initialization, index } = layer;
      return { op: "initialize", w, inputs, outputs, initialization, seed, layer: index };
    });
    const program = this.engine.program(this.dtype, operations);
    program.run(0, 0, 0);
    program.release();
    for (const node of this.nodes) {
      if (!("scale" in node)) continue;
      node.scale.fill(1);
      node.running?.mean.fill(0);
      node.running?.variance.fill(1);
    }
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
    const widest = this.nodes.reduce((most, { outputs }) => Math.max(most, outputs), this.inputs);
    return Math.max(1, Math.min(MOST_PREDICTION_ROWS, Math.floor(PREDICTION_NUMBERS / widest)));
  }

  /**
   * The program that was bound for this purpose with these numbers, or a new one. It lives until memory that it
   * may name moves.
   */
  program(
    purpose: string,
    a: number,
    b: number,
    operations: () => readonly StepOperation[],
    c = 0,
    d = 0,
    e = 0,
  ): Program {
    for (const bound of this.#programs) {
      if (bound.purpose !== purpose || bound.a !== a || bound.b !== b) continue;
      if (bound.c === c && bound.d === d && bound.e === e) return bound.program;
    }
    if (this.#programs.length >= MOST_PROGRAMS) this.forgetPrograms();
    const program = this.bind(operations());
    this.#programs.push({ purpose, a, b, c, d, e, program });
    return program;
  }

  /** A new program of these operations, to be released. */
  bind(operations: readonly StepOperation[], batches?: Batches): Program {
    return bindProgram(this.engine, this.dtype, operations, batches);
  }

  /** Ends all programs: memory that they name is about to go. */
  forgetPrograms(): void {
    for (const { program } of this.#programs.splice(0)) program.release();
  }

  /** Parameters and statistics ← those of another network of this configuration. */
  copyFrom({ parameters, statistics }: Layers): void {
    this.parameters.write(parameters.read());
    this.statistics.write(statistics.read());
  }

  /** The same of the first layers alone, up to the one of this number, which both have. */
  copyFirst(from: Layers, last: number): void {
    for (const node of from.parameterized) {
      if (node.layer > last) break;
      const { at, parameterCount, outputs } = node;
      this.parameters.write(from.parameters.part(at, parameterCount).read(), at);
      if (node.kind !== "batchNorm") continue;
      const { statisticsAt } = node;
      this.statistics.write(from.statistics.part(statisticsAt, 2 * outputs).read(), statisticsAt);
    }
  }

  /** Waits for what runs beside JavaScript on its memory. */
  settle(): void {
    this.#room.settle();
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

  /** In a block of the parameters' layout, each W of these ← from row-major to its panels. */
  intoPanels(block: Span, layers: readonly DenseLayer[] = this.dense): void {
    for (const layer of layers) {
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

  /** The first layer whose activations aren't all finite. */
  firstNonFinite(batch: BatchMemory, rows: number): LayerPlace | undefined {
    const { scaling } = this.architecture;
    if (scaling !== undefined && !this.engine.isFinite(batch.x.part(0, rows * this.inputs))) {
      return { layer: scaling.layer, name: scaling.data.name };
    }
    return this.nodes.find(({ outputs }, i) => {
      const activations = batch.activations[i]?.part(0, rows * outputs);
      return activations !== undefined && !this.engine.isFinite(activations);
    });
  }

  get lastNode(): Node {
    const last = this.nodes[this.nodes.length - 1];
    if (last === undefined) throw new Error("a network without layers");
    return last;
  }
}

/** A stretch of the flat block that is trained at so many times the learning rate. */
interface Segment {
  readonly at: number;
  readonly length: number;
  readonly factor: number;
  /** On which weight decay acts: neither biases nor what norms scale and shift by. */
  readonly weights: readonly Span[];
}

interface BoundProgram {
  readonly purpose: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly program: Program;
}

/** Of programs that are kept: those of a step, with and without dropout, of a prediction and of an evaluation. */
const MOST_PROGRAMS = 8;

/** The outputs of the widest layer without biases, or batchNorm. */
function zerosOf({ parts }: Architecture): number {
  const widths = parts.map((part) => {
    return part.kind === "batchNorm" || (part.kind === "dense" && !part.bias) ? part.outputs : 0;
  });
  return Math.max(0, ...widths);
}

function weightsOf({ weightsAt, biasesAt }: DenseLayer, block: Span): Span {
  return block.part(weightsAt, biasesAt - weightsAt);
}
