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

/** The terms of the loss, of trained weights and others; none where λ is 0. */
export function penaltyPass({ dense }: Layers, call: Penalties): Operation[] {
  const byLambda = (name: keyof Penalties) => {
    const groups = new Map<number, (readonly [DenseLayer["weights"], number])[]>();
    for (const layer of dense) {
      const lambda = penaltiesOf(layer, call)[name];
      const { weights } = layer;
      if (lambda === 0) continue;
      const group = groups.get(lambda) ?? [];
      group.push([weights, weights.length]);
      groups.set(lambda, group);
    }
    return [...groups];
  };
  return [
    ...byLambda("l2").map(([l2, rest]): Operation => ({ op: "l2Penalty", l2, rest })),
    ...byLambda("l1").map(([l1, rest]): Operation => ({ op: "l1Penalty", l1, rest })),
  ];
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
