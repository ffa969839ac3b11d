import { activationFacts } from "../catalog/activations.js";
import { lossName, lossParameters, lossRow } from "../catalog/losses.js";
import type { Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import type { BatchMemory } from "./batch-memory.js";
import type { Dropout } from "./dropout.js";
import type { Layers } from "./layers.js";

/**
 * The passes of a network as operations, in the order in which they run on a batch's memory.
 * Sources: the notebook's sections 5 to 7.
 */

/** A_1 … A_L ← from X; A_L stays as logits. */
export function forwardPass({ dense }: Layers, batch: BatchMemory, dropout?: Dropout): Operation[] {
  let x = batch.x;
  return dense.map((layer, i): Operation => {
    const { inputs, outputs, panel, weights: w, biases: b } = layer;
    const a = at(batch.activations, i);
    const operation = {
      op: "denseForward" as const,
      ...activationFacts(layer.activation),
      ...dropoutFacts(dropout, i),
      ...{ a, x, w, b, inputs, outputs, panel },
      preActivation: batch.preActivations[i] ?? null,
      workspace: batch.workspace,
    };
    x = a;
    return operation;
  });
}

/** The loss of A_L against the labels; with `gradient`, dZ_L ← its gradient. */
export function lossPass(layers: Layers, batch: BatchMemory, gradient: boolean): Operation {
  const { loss } = layers.config;
  const [dz] = batch.dz;
  return {
    op: "loss",
    loss: lossName(loss),
    parameters: lossParameters(loss),
    dz: gradient ? dz : null,
    z: logits(layers, batch),
    targets: batch.labels,
    outputs: layers.outputs,
  };
}

/** The term λ/(2m)·Σ‖W‖² of the loss, biases left out; none where λ is 0. */
export function penalty({ dense }: Layers, l2: number): Operation[] {
  if (l2 === 0) return [];
  return [{ op: "l2Penalty", l2, rest: dense.map(({ weights }) => [weights, weights.length] as const) }];
}

/** All gradients ← from dZ_L, last layer first; and bounds on them, where these are cheap. */
export function backwardPass(layers: Layers, batch: BatchMemory, l2: number, dropout?: Dropout): Operation[] {
  const operations: Operation[] = [];
  let [dz, dx] = batch.dz;
  for (let i = layers.dense.length - 1; i >= 0; i--) {
    const layer = at(layers.dense, i);
    const before = layers.dense[i - 1];
    const x = before === undefined ? batch.x : at(batch.activations, i - 1);
    const { inputs, outputs, panel, weights: w, weightGradients: dw, biasGradients: db } = layer;
    const common = { dz, w, inputs, outputs, workspace: batch.workspace };
    operations.push({ op: "weightGradient", ...common, dw, db, x, panel, l2 });
    if (before !== undefined) {
      operations.push({
        op: "inputGradient",
        ...activationFacts(before.activation),
        ...dropoutFacts(dropout, i - 1),
        ...common,
        dx,
        seen: batch.preActivations[i - 1] ?? x,
      });
    }
    // The L2 term is no sum of dZ and X.
    if (l2 === 0) operations.push({ op: "gradientBound", layer: i, dz, x, inputs, outputs });
    [dz, dx] = [dx, dz];
  }
  return operations;
}

/** Ends the program where a gradient is beyond `limit`. */
export function gradientGuard({ dense, gradients }: Layers, limit: number): Operation {
  const rest = dense.map(({ weightsAt, biasesAt, outputs }) => [weightsAt, biasesAt + outputs] as const);
  return { op: "gradientGuard", limit, gradients, rest };
}

/** This step's random masks. */
export function maskPass(layers: Layers, { keepProb, masks }: Dropout, seed: number): Operation[] {
  return layers.dense.slice(0, -1).map(({ outputs: width, index: layer }, i): Operation => {
    return { op: "dropoutMask", mask: at(masks, i), width, keepProb, seed, layer };
  });
}

/** A_L ← g(A_L) in place: from logits to probabilities. A linear output is there already. */
export function outputPass(layers: Layers, batch: BatchMemory): Operation[] {
  const { outputActivation } = layers.config;
  if (outputActivation === "linear") return [];
  const { outputs } = layers;
  return [
    { op: "outputActivation", a: logits(layers, batch), outputs, ...activationFacts(outputActivation) },
  ];
}

/** How many of rows × labelWidth answers are right. Of numbers it isn't asked. */
export function accuracyPass(layers: Layers, batch: BatchMemory): Operation[] {
  const facts = { z: logits(layers, batch), targets: batch.labels, outputs: layers.outputs };
  const { targets } = lossRow(layers.config.loss);
  if (targets === "numbers") return [];
  return [targets === "classes" ? { op: "correctClasses", ...facts } : { op: "correctUnits", ...facts }];
}

/** A_L, as logits until {@link outputPass}. */
export function logits({ dense }: Layers, batch: BatchMemory): Span {
  return at(batch.activations, dense.length - 1);
}

/** The last layer has no mask. */
function dropoutFacts(dropout: Dropout | undefined, i: number): { mask: Span | null; keepProb: number } {
  const mask = dropout?.masks[i];
  return mask === undefined ? { mask: null, keepProb: 1 } : { mask, keepProb: dropout?.keepProb ?? 1 };
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index} of ${items.length}`);
  return item;
}
