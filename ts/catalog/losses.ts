import type { OutputActivation } from "./activations.js";
import type { Range } from "./ranges.js";

/** What is known of a loss ℓ besides its numbers, which crate/src/losses/ computes. */
interface LossRow {
  /** The output activation whose argument z it takes. */
  readonly of: OutputActivation;
  /** What outputs are compared with. See {@link Targets}. */
  readonly targets: Targets;
  /** Its parameters, in the crate's order: the keys of its data form beside `type`. */
  readonly parameters: readonly LossParameter[];
}

/**
 * - bits: 0 or 1 for each unit
 * - classes: the index of a class for each example
 * - numbers: any finite number for each unit
 */
export type Targets = "bits" | "classes" | "numbers";

export interface LossParameter {
  readonly name: string;
  readonly default: number;
  readonly range: Range;
}

/**
 * One row per loss, by the name that the crate has in snake_case; the loss is 1/m · Σ ℓ over the examples. The first row
 * of an output activation is its default.
 * - meanSquaredError: ℓ = 1/n · Σ over units of (z − y)²
 * - binaryCrossEntropy: ℓ = Σ over units of max(z, 0) − z·y + log1p(e^−|z|)
 * - categoricalCrossEntropy: ℓ = logsumexp(z) − z_y
 *
 * All are computed from the argument z of the output activation, with no clipping.
 */
export const LOSS_ROWS = {
  meanSquaredError: { of: "linear", targets: "numbers", parameters: [] },
  binaryCrossEntropy: { of: "sigmoid", targets: "bits", parameters: [] },
  categoricalCrossEntropy: { of: "softmax", targets: "classes", parameters: [] },
} as const satisfies Record<string, LossRow>;

/** See {@link LOSS_ROWS}. */
export type LossName = keyof typeof LOSS_ROWS;

export const LOSSES = Object.keys(LOSS_ROWS) as readonly LossName[];

type ParametersOf<Name extends LossName> = (typeof LOSS_ROWS)[Name]["parameters"][number] extends infer Row
  ? Row extends { readonly name: infer Parameter extends string }
    ? Parameter
    : never
  : never;

/** A loss as plain data: its name, which stands for one with its defaults, or its name and parameters. */
export type Loss = {
  [Name in LossName]:
    | Name
    | ({ readonly type: Name } & { readonly [Parameter in ParametersOf<Name>]?: number });
}[LossName];

/** Losses whose targets are numbers: those of regression. */
export type NumberLoss = {
  [Name in LossName]: (typeof LOSS_ROWS)[Name]["targets"] extends "numbers"
    ? Extract<Loss, Name | { readonly type: Name }>
    : never;
}[LossName];

/** The row of a loss. */
export function lossRow(loss: Loss): LossRow {
  return LOSS_ROWS[lossName(loss)];
}

export function lossName(loss: Loss): LossName {
  return typeof loss === "string" ? loss : loss.type;
}

/** A loss's parameters, defaults filled in. */
export function lossParameters(loss: Loss): Readonly<Record<string, number>> {
  const given: Readonly<Record<string, unknown>> = typeof loss === "string" ? {} : loss;
  return Object.fromEntries(
    lossRow(loss).parameters.map((row) => {
      const value = given[row.name];
      return [row.name, typeof value === "number" ? value : row.default];
    }),
  );
}

/** The default loss of an output activation. */
export function lossOf(activation: OutputActivation): LossName {
  const loss = LOSSES.find((name) => LOSS_ROWS[name].of === activation);
  if (loss === undefined) throw new Error(`no loss of ${activation}`);
  return loss;
}
