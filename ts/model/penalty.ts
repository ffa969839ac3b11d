import type { Operation } from "../engine/operations.js";
import type { DenseLayer } from "./dense.js";
import type { Layers } from "./layers.js";

/** λ of the loss's terms λ/m·Σ|w| and λ/(2m)·Σ‖W‖², of layers that have none of their own; biases left out. */
export interface Penalties {
  readonly l1: number;
  readonly l2: number;
}

/** A layer's own λ, or those of the call. */
export function penaltiesOf({ l1, l2 }: DenseLayer, call: Penalties): Penalties {
  return { l1: l1 ?? call.l1, l2: l2 ?? call.l2 };
}

/** The terms of the loss, of trained weights and others, layers of one λ together; none where λ is 0. */
export function penaltyPass({ dense }: Layers, call: Penalties): Operation[] {
  const groups: (Penalties & { readonly rest: (readonly [DenseLayer["weights"] | number, number])[] })[] = [];
  for (const layer of dense) {
    const { l1, l2 } = penaltiesOf(layer, call);
    if (l1 === 0 && l2 === 0) continue;
    let group = groups.find((group) => group.l1 === l1 && group.l2 === l2);
    if (group === undefined) {
      group = { l1, l2, rest: [] };
      groups.push(group);
    }
    const { weights, mayLieInPanels, outputs, inputs, panel } = layer;
    const [rows, columns] = mayLieInPanels ? [outputs, inputs] : [1, weights.length];
    group.rest.push([weights, rows], [columns, panel]);
  }
  return groups.map((group): Operation => ({ op: "penalty", ...group }));
}

/** These terms, as the parameters are. */
export function penaltyOf(layers: Layers, call: Penalties, m: number): number {
  const operations = penaltyPass(layers, call);
  if (operations.length === 0) return 0;
  const program = layers.engine.program(layers.dtype, operations);
  try {
    program.run(m, 0, 0);
    return program.loss;
  } finally {
    program.release();
  }
}
