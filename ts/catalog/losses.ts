import type { OutputActivation } from "./activations.js";

/** What is known of a loss ℓ besides its numbers, which crate/src/losses/ computes. */
interface LossRow {
  /** The output activation whose logits it takes. */
  readonly of: OutputActivation;
  /** What answers are compared with: a number for each unit, 0 or 1, or the index of a class. */
  readonly targets: "bits" | "classes";
}

/**
 * One row per loss, by the name that the crate has in snake_case; the loss is 1/m · Σ ℓ over the examples:
 * - binaryCrossEntropy: ℓ = Σ over units of max(z, 0) − z·y + log1p(e^−|z|)
 * - categoricalCrossEntropy: ℓ = logsumexp(z) − z_y
 *
 * Both are computed from the logits z of the output layer, with no clipping.
 */
export const LOSS_ROWS = {
  binaryCrossEntropy: { of: "sigmoid", targets: "bits" },
  categoricalCrossEntropy: { of: "softmax", targets: "classes" },
} as const satisfies Record<string, LossRow>;

/** See {@link LOSS_ROWS}. */
export type Loss = keyof typeof LOSS_ROWS;

export const LOSSES = Object.keys(LOSS_ROWS) as readonly Loss[];

/** The loss of an output activation: the one whose gradient with respect to z is A − Y. */
export function lossOf(activation: OutputActivation): Loss {
  const loss = LOSSES.find((name) => LOSS_ROWS[name].of === activation);
  if (loss === undefined) throw new Error(`no loss of ${activation}`);
  return loss;
}
