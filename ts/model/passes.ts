import { activationFacts, activationRow } from "../catalog/activations.js";
import { isOfNumbers, lossName, lossParameters, targetsOf } from "../catalog/losses.js";
import type { ElementwisePart } from "../config/architecture.js";
import type { Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import type { BatchMemory } from "./batch-memory.js";
import type { DenseLayer } from "./dense.js";
import type { Dropout } from "./dropout.js";
import type { Layers } from "./layers.js";
import type { Node } from "./layout.js";
import type { NormLayer } from "./norm.js";

/**
 * The passes of a network as operations, in the order in which they run on a batch's memory.
 * Sources: the notebook's sections 5 to 7.
 */

/** A_1 … A_L ← from X; A_L stays as logits. */
export function forwardPass(layers: Layers, batch: BatchMemory, dropout?: Dropout): Operation[] {
  const kept: Span[] = [];
  let x = batch.x;
  return layers.nodes.flatMap((node, i): Operation[] => {
    const [input, output] = [x, at(batch.activations, i)];
    x = output;
    if (node.kind === "dense") return [denseForward(node, input, output, batch, i, dropout)];
    if (node.kind === "elementwise") {
      return [{ op: "elementwise", y: output, x: input, ...elementFacts(node, dropout) }];
    }
    if (node.kind === "open") {
      kept.push(input);
      return [];
    }
    if (node.kind === "close") {
      return [{ op: "sum", y: output, x: input, other: last(kept.splice(-1)), width: node.outputs }];
    }
    return normForward(node, input, output, batch, i);
  });
}

function denseForward(
  layer: DenseLayer,
  x: Span,
  a: Span,
  batch: BatchMemory,
  i: number,
  dropout: Dropout | undefined,
): Operation {
  const { inputs, outputs, panel, weights: w, biases: b } = layer;
  return {
    op: "denseForward",
    ...activationFacts(layer.activation),
    ...dropoutFacts(dropout, layer.drop),
    ...{ a, x, w, b, inputs, outputs, panel },
    preActivation: batch.preActivations[i] ?? null,
    workspace: batch.workspace,
  };
}

/** A batchNorm is normalised by the batch's own statistics in training, else by the running ones. */
function normForward(layer: NormLayer, x: Span, y: Span, batch: BatchMemory, i: number): Operation[] {
  const { outputs: width, scale, shift, epsilon, running } = layer;
  const { mean, spread, room, normal } = at(batch.norms, i);
  const scaled: Operation = { op: "scaleAndShift", y, normal, scale, shift, width };
  if (running === undefined) {
    return [{ op: "standardizeRows", normal, deviation: spread, x, epsilon, width }, scaled];
  }
  const standardize = { op: "standardize" as const, normal, x, epsilon, room, width };
  if (batch.purpose === "prediction") return [{ ...standardize, ...running }, scaled];
  const own = { mean, variance: spread };
  return [{ op: "batchStatistics", ...own, x, room: normal, width }, { ...standardize, ...own }, scaled];
}

/** The running statistics of every batchNorm ← with those of this batch: after an update. */
export function statisticsPass({ nodes }: Layers, batch: BatchMemory): Operation[] {
  return nodes.flatMap((node, i): Operation[] => {
    if (node.kind !== "batchNorm" || node.running === undefined) return [];
    const { mean, spread: variance } = at(batch.norms, i);
    const running = { runningMean: node.running.mean, runningVariance: node.running.variance };
    return [{ op: "runningStatistics", ...running, mean, variance, decay: node.decay, width: node.outputs }];
  });
}

/** The loss of A_L against the labels, by the weights that the batch has; with `gradient`, dZ_L ← its gradient. */
export function lossPass(layers: Layers, batch: BatchMemory, gradient: boolean): Operation {
  const { loss } = layers.config;
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

/** The term λ/(2m)·Σ‖W‖² of the loss, biases left out; none where λ is 0. */
export function penalty({ decaying }: Layers, l2: number): Operation[] {
  return l2 === 0 ? [] : [{ op: "l2Penalty", l2, rest: decaying }];
}

/** All gradients ← from dZ_L, last node first; and bounds on them, where these are cheap. */
export function backwardPass(layers: Layers, batch: BatchMemory, l2: number, dropout?: Dropout): Operation[] {
  return new Backward(layers, batch, l2, dropout).operations();
}

/** The gradient by a node's output on its way back, and the buffers in which it lies. */
class Backward {
  readonly #operations: Operation[] = [];
  readonly #layers: Layers;
  readonly #batch: BatchMemory;
  readonly #l2: number;
  readonly #dropout: Dropout | undefined;
  readonly #free: Span[];
  /** The gradients by the outputs of residual layers that are open, which go to their inputs too. */
  readonly #held: Span[] = [];
  #dy: Span;
  /** How many of the nodes with parameters are left. */
  #left: number;

  constructor(layers: Layers, batch: BatchMemory, l2: number, dropout: Dropout | undefined) {
    const [dy, ...free] = batch.dz;
    if (dy === undefined) throw new Error("no buffer for gradients");
    this.#layers = layers;
    this.#batch = batch;
    this.#l2 = l2;
    this.#dropout = dropout;
    this.#dy = dy;
    this.#free = free.reverse();
    this.#left = layers.trained.length;
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
    const { inputs, outputs, panel, weights: w, weightGradients: dw, biasGradients: db } = layer;
    const dz = this.#dy;
    const common = { dz, w, inputs, outputs, workspace: this.#batch.workspace };
    const index = --this.#left;
    this.#operations.push({ op: "weightGradient", ...common, dw, db, x, panel, l2: this.#l2 });
    if (index > 0) {
      const before = this.#layers.nodes[i - 1];
      const facts =
        before?.kind === "dense"
          ? { ...activationFacts(before.activation), ...dropoutFacts(this.#dropout, before.drop) }
          : { ...activationFacts("linear"), ...dropoutFacts(undefined, undefined) };
      const seen = this.#batch.preActivations[i - 1] ?? x;
      this.#operations.push({ op: "inputGradient", ...facts, ...common, dx: this.#fresh(), seen });
    }
    // The L2 term is no sum of dZ and X.
    if (this.#l2 === 0) {
      this.#operations.push({ op: "gradientBound", layer: index, dz, x, inputs, outputs });
    }
    if (index > 0) this.#release(dz);
  }

  #throughNorm(layer: NormLayer, i: number): void {
    const { outputs: width, scale, scaleGradients: dScale, shiftGradients: dShift, epsilon } = layer;
    const { spread, room, normal } = at(this.#batch.norms, i);
    const dy = this.#dy;
    const common = { dx: this.#fresh(), dy, normal, scale, width };
    this.#operations.push(
      { op: "scaleAndShiftGradient", dScale, dShift, dy, normal, width },
      layer.kind === "batchNorm"
        ? { op: "batchNormGradient", ...common, variance: spread, dScale, dShift, epsilon, room }
        : { op: "layerNormGradient", ...common, deviation: spread },
    );
    this.#left--;
    this.#release(dy);
  }

  /** Through an activation and a mask: in place, unless a residual layer holds the gradient. */
  #throughElementwise(node: DenseLayer | ElementwisePart, i: number): void {
    const dy = this.#dy;
    const isHeld = this.#held.includes(dy);
    const seesArgument = activationRow(node.activation).seesPreActivation === true;
    const argument =
      node.kind === "dense"
        ? this.#batch.preActivations[i]
        : (this.#batch.activations[i - 1] ?? this.#batch.x);
    const seen = (seesArgument ? argument : undefined) ?? at(this.#batch.activations, i);
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
export function gradientGuard({ trained, gradients }: Layers, limit: number): Operation {
  const rest = trained.map((node) => [node.at, endOf(node)] as const);
  return { op: "gradientGuard", limit, gradients, rest };
}

/** Where a node's parameters end in the flat block. */
function endOf(node: DenseLayer | NormLayer): number {
  return node.kind === "dense" ? node.biasesAt + node.outputs : node.at + 2 * node.outputs;
}

/** All gradients ← cut by value, then by their norm; no operation where both limits are 0. */
export function clipPass(
  { trained, gradients }: Layers,
  limits: { norm: number; value: number },
): Operation[] {
  const { norm, value } = limits;
  if (norm === 0 && value === 0) return [];
  const rest = trained.flatMap((node) =>
    node.kind === "dense"
      ? [[node.inputs, node.outputs] as const, [node.panel, node.outputs] as const]
      : [[0, 0] as const, [1, 2 * node.outputs] as const],
  );
  return [{ op: "clip", value, norm, gradients, rest }];
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
