import type { OutputActivation } from "./activation.js";
import type { Kernels } from "./wasm/kernels.js";

/**
 * - `"binaryCrossEntropy"`: 1/m · Σ over examples and units of max(z, 0) − z·y + log1p(e^−|z|)
 * - `"categoricalCrossEntropy"`: 1/m · Σ over examples of logsumexp(z) − z_y
 *
 * Both are computed from the logits z of the output layer, with no clipping.
 */
export type Loss = "binaryCrossEntropy" | "categoricalCrossEntropy";

export const LOSSES: readonly Loss[] = ["binaryCrossEntropy", "categoricalCrossEntropy"];

/** The loss whose gradient with respect to z is A − Y. */
export const LOSS_OF_OUTPUT: Record<OutputActivation, Loss> = {
  sigmoid: "binaryCrossEntropy",
  softmax: "categoricalCrossEntropy",
};

/** The kernels of one loss; labels are rows × labelWidth in wasm memory. */
export interface LossKernels {
  /** Whether labels are class indices, 32-bit integers; else they are numbers of the network's dtype. */
  readonly classes: boolean;
  /** Numbers a row of labels has: one a unit, or the class's index. */
  labelWidth(outputs: number): number;
  /** Σ of the losses of all rows (not divided); dZ ← (A − Y)/m unless dz is 0. */
  sum(dz: number, z: number, labels: number, rows: number, outputs: number, m: number): number;
  /** How many answers are right, of rows × {@link LossKernels.labelWidth}. */
  correct(z: number, labels: number, rows: number, outputs: number): number;
}

export function lossKernels(loss: Loss, kernels: Kernels): LossKernels {
  if (loss === "binaryCrossEntropy") {
    return {
      classes: false,
      labelWidth: (outputs) => outputs,
      sum: kernels.binaryCrossEntropy,
      correct: kernels.binaryCorrect,
    };
  }
  return {
    classes: true,
    labelWidth: () => 1,
    sum: kernels.categoricalCrossEntropy,
    correct: kernels.categoricalCorrect,
  };
}
