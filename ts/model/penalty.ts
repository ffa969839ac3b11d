import type { Layers } from "./layers.js";
import { penalty } from "./passes.js";

/** The term λ/(2m)·Σ‖W‖² of the loss, as the parameters are; biases left out. */
export function penaltyOf(layers: Layers, l2: number, m: number): number {
  if (l2 === 0) return 0;
  const program = layers.engine.program(layers.dtype, penalty(layers, l2));
  try {
    program.run(m, 0, 0);
    return program.loss;
  } finally {
    program.release();
  }
}
