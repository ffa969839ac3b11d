import { activationRow } from "../catalog/activations.js";
import { lossRow } from "../catalog/losses.js";
import { NO_METADATA } from "../config/metadata.js";
import { type Inputs, type Labels, toExamples } from "../data/examples.js";
import type { Program } from "../engine/engine.js";
import type { Floats, Span } from "../engine/memory.js";
import { engineNow } from "../engine/start.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { DenseLayer } from "../model/dense.js";
import { type Dropout, dropoutOf } from "../model/dropout.js";
import { Layers } from "../model/layers.js";
import type { Node } from "../model/layout.js";
import { checkBatch } from "../model/least-batch.js";
import type { NormLayer } from "../model/norm.js";
import { positionOf } from "../model/panels.js";
import { flattenParameters } from "../model/parameters.js";
import { forwardPass, logits, lossPass } from "../model/passes.js";
import { type Penalties, penaltiesOf, penaltyPass } from "../model/penalty.js";
import type { AnyNetwork } from "../network/network.js";
import { atOnce } from "../platform/breath.js";
import { load } from "../training/batch-source.js";
import { type WeightSettings, weighed } from "../training/class-weight.js";
import type { Trainee } from "../training/state.js";
import { lossAndGradients } from "../training/step.js";

/** A W_l or b_l in the flat block. */
export interface ParameterBlock {
  readonly name: string;
  readonly length: number;
  /** Where the entry stands in the flat block. */
  at(entry: number): number;
  /** The entry's indices, such as `[3][0]`. */
  indices(entry: number): string;
  /** The largest magnitude of what it is multiplied with; 1 for a bias. */
  input(entry: number): number;
}

/** What the backward pass sees of units whose activation has kinks, and between which of them each one lies. */
interface KinkedUnits {
  readonly seen: Span;
  readonly kinks: readonly number[];
  /** With all parameters in their place. */
  readonly pieces: readonly number[];
}

/** What the loss has besides the examples. */
interface ProbeSettings extends WeightSettings, Penalties {
  readonly keepProb: number;
}

/** A float64 copy of a network whose parameters can be moved one at a time. */
export class GradientProbe {
  readonly layers: Layers;
  /** The loss with all parameters in their place, and its gradient by backward propagation. */
  readonly loss: number;
  readonly analytic: Floats;
  readonly blocks: readonly ParameterBlock[];

  readonly #batch: BatchMemory;
  readonly #rows: number;
  readonly #penalties: Penalties;
  /** The loss alone, with the parameters as they are. */
  readonly #program: Program;
  readonly #kinked: readonly KinkedUnits[];
  /** On which side of the loss's kink each output lies, with all parameters in their place; empty where it has none. */
  readonly #sides: readonly boolean[];

  constructor(network: AnyNetwork, x: Inputs, y: Labels, settings: ProbeSettings) {
    const { l1, l2, keepProb, sampleWeight, classWeight } = settings;
    const penalties = { l1, l2 };
    const parameters = network.parameters();
    const config = { ...network.config, dtype: "float64" as const };
    const { seeds, layers: checked } = network.trainee;
    const engine = engineNow(config.dtype, checked.engine);
    const given = atOnce(toExamples(x, y, config, engine, "borrowed", sampleWeight));
    const examples = atOnce(weighed(given, checked, classWeight));
    checkBatch("x", checked, examples.m);
    const layers = new Layers(engine, config);
    this.layers = layers;
    try {
      const copied = flattenParameters(layers, parameters);
      layers.parameters.write(copied.parameters);
      layers.statistics.write(copied.statistics);
      layers.intoPanels(layers.parameters);
      const batch = layers.trainingMemory(examples.m);
      const dropout = dropoutOf(keepProb, undefined, layers, batch);
      load(layers, batch, examples);
      const progress = { epoch: 0, step: 0, steps: 0 };
      const trainee: Trainee = { config, seeds, layers, progress, metadata: NO_METADATA };
      this.#batch = batch;
      this.#rows = examples.m;
      this.#penalties = penalties;
      this.loss = lossAndGradients(trainee, batch, examples.m, { ...penalties, dropout, guarded: false });
      this.analytic = layers.gradients.read();
      // The masks are in place now, and stay as they are.
      this.#program = layers.bind([
        ...forwardPass(layers, batch, dropout),
        lossPass(layers, batch, false),
        ...penaltyPass(layers, penalties),
      ]);
      this.#sides = this.#lossSides();
      this.#kinked = layers.nodes.flatMap((node, i) => kinkedUnits(node, i, batch, examples.m, dropout));
      this.blocks = layers.nodes.flatMap((node, i) => {
        if (node.kind === "dense") {
          return [weightBlock(node, this.#largestInputs(node, i)), ...(node.bias ? [biasBlock(node)] : [])];
        }
        return "scale" in node ? normBlocks(node) : [];
      });
    } catch (error) {
      layers.release();
      throw layers.engine.explain(error);
    }
  }

  /** The parameter at a place in the flat block. */
  value(parameter: number): number {
    return this.layers.parameters.get(parameter);
  }

  /** J with one parameter moved to `value`, or undefined where it, a unit's input or an output crosses a kink on the way. */
  lossAt(parameter: number, value: number): number | undefined {
    const { parameters } = this.layers;
    const before = parameters.get(parameter);
    if (before !== 0 && before * value <= 0 && this.#hasL1(parameter)) return undefined;
    parameters.set(parameter, value);
    try {
      this.#program.run(this.#rows, 0, 0);
      return this.#hasCrossed() || this.#lossHasCrossed() ? undefined : this.#program.loss;
    } finally {
      parameters.set(parameter, before);
    }
  }

  release(): void {
    this.#program.release();
    this.layers.release();
  }

  /** Whether it is a weight whose |w| is part of the loss, with a kink at 0: on it, a step either way is the same. */
  #hasL1(parameter: number): boolean {
    return this.layers.dense.some((layer) => {
      const isWithin = parameter >= layer.weightsAt && parameter < layer.biasesAt;
      return isWithin && penaltiesOf(layer, this.#penalties).l1 > 0;
    });
  }

  #hasCrossed(): boolean {
    return this.#kinked.some(({ seen, kinks, pieces }) =>
      pieces.some((piece, i) => pieceOf(kinks, seen.get(i)) !== piece),
    );
  }

  #lossHasCrossed(): boolean {
    const { kinkAt } = lossRow(this.layers.config.loss);
    if (kinkAt === undefined) return false;
    const z = logits(this.#batch);
    return this.#sides.some((above, i) => z.get(i) > kinkAt(this.#batch.labels.get(i)) !== above);
  }

  #lossSides(): boolean[] {
    const { layers } = this;
    const { kinkAt } = lossRow(layers.config.loss);
    if (kinkAt === undefined) return [];
    const z = logits(this.#batch)
      .part(0, this.#rows * layers.outputs)
      .read();
    return Array.from(z, (value, i) => value > kinkAt(this.#batch.labels.get(i)));
  }

  /** Of each of a layer's inputs, the largest magnitude over the examples. */
  #largestInputs({ inputs }: DenseLayer, i: number): readonly number[] {
    const x = this.#batch.activations[i - 1] ?? this.#batch.x;
    const numbers = x.part(0, this.#rows * inputs).read();
    const largest = Array.from({ length: inputs }, () => 0);
    numbers.forEach((value, at) => {
      largest[at % inputs] = Math.max(largest[at % inputs] ?? 0, Math.abs(value));
    });
    return largest;
  }
}

/** The units of a node whose activation has kinks: none or one of these. */
function kinkedUnits(
  node: Node,
  i: number,
  batch: BatchMemory,
  rows: number,
  dropout: Dropout | undefined,
): KinkedUnits[] {
  if (!("activation" in node)) return [];
  const { kinks, keeps } = activationRow(node.activation);
  const seen = batch.kept[i] ?? batch.activations[i];
  if (kinks.length === 0 || seen === undefined) return [];
  // An output is divided by keepProb.
  const keepProb = node.drop === undefined ? 1 : (dropout?.keepProbs[node.drop] ?? 1);
  const places = keeps !== undefined ? kinks : kinks.map((output) => output / keepProb);
  const values = seen.part(0, rows * node.outputs).read();
  return [{ seen, kinks: places, pieces: Array.from(values, (value) => pieceOf(places, value)) }];
}

/** A number for each kink and for each interval between them. */
function pieceOf(kinks: readonly number[], value: number): number {
  let piece = 0;
  for (const kink of kinks) piece += Math.sign(value - kink);
  return piece;
}

function weightBlock(layer: DenseLayer, largestInputs: readonly number[]): ParameterBlock {
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

function biasBlock({ index, outputs, biasesAt }: DenseLayer): ParameterBlock {
  return {
    name: `b${index}`,
    length: outputs,
    at: (entry) => biasesAt + entry,
    indices: (entry) => `[${entry}]`,
    input: () => 1,
  };
}

function normBlocks({ layer, outputs, at }: NormLayer): ParameterBlock[] {
  return ["scale", "shift"].map((name, i) => ({
    name: `${name}${layer}`,
    length: outputs,
    at: (entry) => at + i * outputs + entry,
    indices: (entry) => `[${entry}]`,
    input: () => 1,
  }));
}
