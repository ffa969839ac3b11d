import { activationFacts } from "../catalog/activations.js";
import { CUSTOM_LOSS, isOfNumbers, lossName, lossParameters, targetsOf } from "../catalog/losses.js";
import type { ElementwisePart } from "../config/architecture.js";
import type { Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import type { BatchMemory } from "./batch-memory.js";
import type { DenseLayer } from "./dense.js";
import type { Dropout } from "./dropout.js";
import type { Layers } from "./layers.js";
import type { Node } from "./layout.js";
import type { StepOperation } from "./loss-call.js";
import type { NormLayer } from "./norm.js";
import type { PackedInputs } from "./packed-inputs.js";
import { type Penalties, penaltiesOf } from "./penalty.js";

/**
 * The passes of a network as operations, in the order in which they run on a batch's memory.
 * Sources: the notebook's sections 5 to 7.
 */

/** A_1 … A_L ← from X; A_L stays as logits. */
export function forwardPass(layers: Layers, batch: BatchMemory, dropout?: Dropout): Operation[] {
  const held: Span[] = [];
  let x = batch.x;
  return layers.nodes.flatMap((node, i): Operation[] => {
    const [input, output] = [x, at(batch.activations, i)];
    x = output;
    if (node.kind === "dense") return [denseForward(layers, node, input, output, batch, i, dropout)];
    if (node.kind === "elementwise") {
      const kept = batch.kept[i] ?? null;
      return [{ op: "elementwise", y: output, x: input, kept, ...elementFacts(node, dropout) }];
    }
    if (node.kind === "open") {
      held.push(input);
      return [];
    }
    if (node.kind === "close") {
      return [{ op: "sum", y: output, x: input, other: last(held.splice(-1)), width: node.outputs }];
    }
    return normForward(node, input, output, batch, i);
  });
}

function denseForward(
  { zeros }: Layers,
  layer: DenseLayer,
  x: Span,
  a: Span,
  batch: BatchMemory,
  i: number,
  dropout: Dropout | undefined,
): Operation {
  const { inputs, outputs, panel, weights: w, biases: b = zeros } = layer;
  const packed = i === 0 ? batch.packed : undefined;
  return {
    op: "denseForward",
    ...activationFacts(layer.activation),
    ...dropoutFacts(dropout, layer.drop),
    ...{ a, x, w, b, inputs, outputs, panel },
    ...{ packed: packed?.byExamples ?? null, products: packed?.products ?? null },
    kept: batch.kept[i] ?? null,
    workspace: packed?.workspace ?? batch.workspace,
  };
}

/** A batchNorm is normalised by the batch's own statistics where it is trained, else by the running ones. */
function normForward(layer: NormLayer, x: Span, y: Span, batch: BatchMemory, i: number): Operation[] {
  const { outputs: width, scale, shift, epsilon, running } = layer;
  const { mean, spread, room, normal } = at(batch.norms, i);
  const scaled: Operation = { op: "scaleAndShift", y, normal, scale, shift, width };
  if (running === undefined) {
    return [{ op: "standardizeRows", normal, deviation: spread, x, epsilon, width }, scaled];
  }
  const standardize = { op: "standardize" as const, normal, x, epsilon, room, width };
  if (batch.purpose === "prediction" || !layer.trainable) return [{ ...standardize, ...running }, scaled];
  const own = { mean, variance: spread };
  return [{ op: "batchStatistics", ...own, x, room: normal, width }, { ...standardize, ...own }, scaled];
}

/** The running statistics of every batchNorm that is trained, in a block of all, ← with those of this batch: after an update. */
export function statisticsPass(
  { nodes, statistics }: Layers,
  batch: BatchMemory,
  block = statistics,
): Operation[] {
  return nodes.flatMap((node, i): Operation[] => {
    if (node.kind !== "batchNorm" || !node.trainable) return [];
    const { mean, spread: variance } = at(batch.norms, i);
    const of = (index: number) => block.part(node.statisticsAt + index * node.outputs, node.outputs);
    const running = { runningMean: of(0), runningVariance: of(1) };
    return [{ op: "runningStatistics", ...running, mean, variance, decay: node.decay, width: node.outputs }];
  });
}

/** The loss of A_L against the labels, by the weights that the batch has; with `gradient`, dZ_L ← its gradient. */
export function lossPass(layers: Layers, batch: BatchMemory, gradient: boolean): StepOperation {
  const { loss } = layers.config;
  if (lossName(loss) === CUSTOM_LOSS) return { op: "lossCall", network: layers, batch, gradient };
  const [dz] = batch.dz;
  return {
    op: "loss",
    loss: lossName(loss),
    parameters: lossParameters(loss),
    dz: gradient ? (dz ?? null) : null,
    z: logits(batch),
    targets: batch.labels,
    weights: batch.weights,
    outputs: layers.outputs,
  };
}

/**
 * The gradients by the parameters of these nodes ← from dZ_L, last node first; and bounds on them, where these are cheap.
 * Default: of all nodes.
 */
export function backwardPass(
  layers: Layers,
  batch: BatchMemory,
  penalties: Penalties,
  dropout?: Dropout,
  wanted: readonly Node[] = layers.parameterized,
): Operation[] {
  return new Backward(layers, batch, penalties, dropout, wanted).operations();
}

/** The gradient by a node's output on its way back, and the buffers in which it lies. */
class Backward {
  readonly #operations: Operation[] = [];
  readonly #layers: Layers;
  readonly #batch: BatchMemory;
  readonly #penalties: Penalties;
  readonly #dropout: Dropout | undefined;
  readonly #free: Span[];
  /** The gradients by the outputs of residual layers that are open, which go to their inputs too. */
  readonly #held: Span[] = [];
  #dy: Span;
  readonly #wanted: ReadonlySet<Node>;
  /** How many of the nodes whose gradients are wanted are left. */
  #left: number;
  /** The number among those with parameters of the one that was met last. */
  #index: number;

  constructor(
    layers: Layers,
    batch: BatchMemory,
    penalties: Penalties,
    dropout: Dropout | undefined,
    wanted: readonly Node[],
  ) {
    const [dy, ...free] = batch.dz;
    if (dy === undefined) throw new Error("no buffer for gradients");
    this.#layers = layers;
    this.#batch = batch;
    this.#penalties = penalties;
    this.#wanted = new Set(wanted);
    this.#dropout = dropout;
    this.#dy = dy;
    this.#free = free.reverse();
    this.#left = wanted.length;
    this.#index = layers.parameterized.length;
  }

  operations(): Operation[] {
    const { nodes } = this.#layers;
    for (let i = nodes.length - 1; i >= 0 && this.#left > 0; i--) this.#through(at(nodes, i), i);
    return this.#operations;
  }

  #through(node: Node, i: number): void {
    const x = this.#batch.activations[i - 1] ?? this.#batch.x;
    if (node.kind === "dense") this.#throughDense(node, i, x);
    else if (node.kind === "elementwise") this.#throughElementwise(node, i);
    else if (node.kind === "close") this.#held.push(this.#dy);
    else if (node.kind === "open") {
      const held = last(this.#held.splice(-1));
      const dy = this.#dy;
      this.#operations.push({ op: "sum", y: this.#fresh(), x: dy, other: held, width: node.outputs });
      this.#release(dy);
      this.#release(held);
    } else this.#throughNorm(node, i);
  }

  #throughDense(layer: DenseLayer, i: number, x: Span): void {
    // The dense node behind it has brought its gradient through its activation and mask.
    const isFused = this.#layers.nodes[i + 1]?.kind === "dense";
    if (!isFused && (layer.activation !== "linear" || dropped(this.#dropout, layer))) {
      this.#throughElementwise(layer, i);
    }
    const { inputs, outputs, weights: w } = layer;
    const dz = this.#dy;
    const common = { dz, w, inputs, outputs, workspace: this.#batch.workspace };
    const isWanted = this.#isWanted(layer);
    if (isWanted) this.#weightGradient(layer, dz, x, i === 0 ? this.#batch.packed : undefined);
    const isMoreWanted = this.#left > 0;
    if (isMoreWanted) {
      const before = this.#layers.nodes[i - 1];
      const facts =
        before?.kind === "dense"
          ? { ...activationFacts(before.activation), ...dropoutFacts(this.#dropout, before.drop) }
          : { ...activationFacts("linear"), ...dropoutFacts(undefined, undefined) };
      const seen = this.#batch.kept[i - 1] ?? x;
      this.#operations.push({ op: "inputGradient", ...facts, ...common, dx: this.#fresh(), seen });
    }
    if (isWanted) this.#gradientBound(layer, dz, x);
    if (isMoreWanted) this.#release(dz);
  }

  #weightGradient(layer: DenseLayer, dz: Span, x: Span, inputsPacked: PackedInputs | undefined): void {
    const { inputs, outputs, panel, weights: w, weightGradients: dw, biasGradients: db = null } = layer;
    const { l1, l2 } = penaltiesOf(layer, this.#penalties);
    const sizes = { inputs, outputs, workspace: inputsPacked?.workspace ?? this.#batch.workspace };
    const packed = inputsPacked?.byInputs ?? null;
    this.#operations.push({ op: "weightGradient", ...sizes, dw, db, dz, x, packed, w, panel, l2 });
    if (l1 > 0) this.#operations.push({ op: "l1Gradient", dw, w, len: w.length, l1 });
  }

  /** Before dZ goes. A penalty's part is no sum of dZ and X. */
  #gradientBound(node: DenseLayer, dz: Span, x: Span): void {
    const { l1, l2 } = penaltiesOf(node, this.#penalties);
    if (l1 > 0 || l2 > 0) return;
    const { inputs, outputs } = node;
    this.#operations.push({ op: "gradientBound", layer: this.#index, dz, x, inputs, outputs });
  }

  /** Counts the node. */
  #isWanted(node: Node): boolean {
    this.#index--;
    const isWanted = this.#wanted.has(node);
    if (isWanted) this.#left--;
    return isWanted;
  }

  #throughNorm(layer: NormLayer, i: number): void {
    const { outputs: width, scale, scaleGradients: dScale, shiftGradients: dShift, epsilon } = layer;
    const { spread, room, normal } = at(this.#batch.norms, i);
    const dy = this.#dy;
    const common = { dx: this.#fresh(), dy, normal, scale, width };
    if (this.#isWanted(layer) || (layer.running !== undefined && layer.trainable)) {
      this.#operations.push({ op: "scaleAndShiftGradient", dScale, dShift, dy, normal, width });
    }
    if (layer.running === undefined) {
      this.#operations.push({ op: "layerNormGradient", ...common, deviation: spread });
    } else if (layer.trainable) {
      const sums = { dScale, dShift };
      this.#operations.push({ op: "batchNormGradient", ...common, ...sums, variance: spread, epsilon, room });
    } else {
      // By numbers that don't depend on X, dX is dY ⊙ scale/√(variance + ε): what forward does, with a mean and a shift of 0.
      const { zeros } = this.#layers;
      const { variance } = layer.running;
      this.#operations.push(
        { op: "standardize", normal, x: dy, mean: zeros, variance, epsilon, room, width },
        { op: "scaleAndShift", y: common.dx, normal, scale, shift: zeros, width },
      );
    }
    this.#release(dy);
  }

  /** Through an activation and a mask: in place, unless a residual layer holds the gradient. */
  #throughElementwise(node: DenseLayer | ElementwisePart, i: number): void {
    const dy = this.#dy;
    const isHeld = this.#held.includes(dy);
    const seen = this.#batch.kept[i] ?? at(this.#batch.activations, i);
    const dx = isHeld ? this.#fresh() : dy;
    this.#operations.push({ op: "elementwiseGradient", dx, dy, seen, ...elementFacts(node, this.#dropout) });
  }

  /** The next gradient's buffer. */
  #fresh(): Span {
    const buffer = last(this.#free.splice(-1));
    this.#dy = buffer;
    return buffer;
  }

  #release(buffer: Span): void {
    if (!this.#held.includes(buffer) && buffer !== this.#dy) this.#free.push(buffer);
  }
}

/** Ends the program where a gradient is beyond `limit`. */
export function gradientGuard({ parameterized, gradients }: Layers, limit: number): Operation {
  const rest = parameterized.map(({ at, parameterCount }) => [at, at + parameterCount] as const);
  return { op: "gradientGuard", limit, gradients, rest };
}

/** All gradients ← cut by value, then by their norm; no operation where both limits are 0. */
export function clipPass(
  { parameterized, gradients }: Layers,
  limits: { norm: number; value: number },
): Operation[] {
  const { norm, value } = limits;
  if (norm === 0 && value === 0) return [];
  const rest = parameterized.flatMap((node) =>
    node.kind === "dense"
      ? [[node.inputs, node.outputs] as const, [node.panel, node.bias ? node.outputs : 0] as const]
      : [[0, 0] as const, [1, 2 * node.outputs] as const],
  );
  return [{ op: "clip", value, norm, gradients, rest }];
}

/** Each unit's weights ← with a norm of at most its layer's bound, where that has one: after an update. */
export function maxNormPass({ dense }: Layers): Operation[] {
  return dense.flatMap(({ trainable, maxNorm: limit, weights: w, inputs, outputs, panel }): Operation[] => {
    if (!trainable || limit === undefined) return [];
    return [{ op: "maxNorm", w, inputs, outputs, panel, limit }];
  });
}

/** This step's random masks. */
export function maskPass(layers: Layers, { keepProbs, masks }: Dropout, seed: number): Operation[] {
  return layers.architecture.drops.map(({ width }, i): Operation => {
    return { op: "dropoutMask", mask: at(masks, i), width, keepProb: at(keepProbs, i), seed, layer: i + 1 };
  });
}

/** A_L ← g(A_L) in place: from logits to probabilities. A linear output is there already. */
export function outputPass(layers: Layers, batch: BatchMemory): Operation[] {
  const { outputActivation } = layers.architecture;
  if (outputActivation === "linear") return [];
  const { outputs } = layers;
  return [{ op: "outputActivation", a: logits(batch), outputs, ...activationFacts(outputActivation) }];
}

/** How many answers are right, of units or, where the classes are of one question, of examples. Of numbers it isn't asked. */
export function accuracyPass(layers: Layers, batch: BatchMemory): Operation[] {
  const facts = { z: logits(batch), targets: batch.labels, outputs: layers.outputs };
  if (isOfNumbers(layers.config.loss)) return [];
  const targets = targetsOf(layers.config.loss);
  if (targets === "classes") return [{ op: "correctClasses", ...facts }];
  return [{ op: targets === "distributions" ? "correctDistributions" : "correctUnits", ...facts }];
}

/** A_L ← e^A_L in place where the loss takes logarithms of what its targets count. */
export function ratesPass(layers: Layers, batch: BatchMemory): Operation[] {
  if (targetsOf(layers.config.loss) !== "counts") return [];
  return [{ op: "rates", a: logits(batch), outputs: layers.outputs }];
}

/** A_L, as logits until {@link outputPass}. */
export function logits(batch: BatchMemory): Span {
  return last(batch.activations);
}

function dropped(dropout: Dropout | undefined, { drop }: { readonly drop: number | undefined }): boolean {
  return dropout !== undefined && drop !== undefined;
}

function dropoutFacts(
  dropout: Dropout | undefined,
  drop: number | undefined,
): { mask: Span | null; keepProb: number } {
  if (dropout === undefined || drop === undefined) return { mask: null, keepProb: 1 };
  return { mask: at(dropout.masks, drop), keepProb: at(dropout.keepProbs, drop) };
}

/** An activation and the mask behind it. */
function elementFacts(node: DenseLayer | ElementwisePart, dropout: Dropout | undefined) {
  const { activation, drop, outputs: width } = node;
  return { ...activationFacts(activation), ...dropoutFacts(dropout, drop), width };
}

function at<Item>(items: readonly (Item | undefined)[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index} of ${items.length}`);
  return item;
}

function last<Item>(items: readonly Item[]): Item {
  return at(items, items.length - 1);
}
