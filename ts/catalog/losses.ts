import type { OutputActivation } from "./activations.js";
import { BETWEEN_0_AND_1, DECAY, NOT_NEGATIVE, POSITIVE, type Range } from "./ranges.js";

/** What is known of a loss ℓ besides its numbers, which crate/src/losses/ computes. */
interface LossRow {
  /** The output activation whose argument z it takes. */
  readonly of: OutputActivation;
  /** What outputs are compared with. See {@link Targets}. */
  readonly targets: Targets;
  /** What they are compared with where its parameter `softLabels` is true. */
  readonly softTargets?: Targets;
  /** Its parameters: the keys of its data form beside `type`. */
  readonly parameters: readonly LossParameter[];
  /** The z where ℓ has a kink, of a target y, and so no derivative to check. */
  readonly kinkAt?: (y: number) => number;
}

/**
 * - bits: 0 or 1 for each unit
 * - classes: the index of a class for each example
 * - numbers: any finite number for each unit
 * - counts: an integer >= 0 for each unit
 * - shares: a number in [0, 1] for each unit
 * - distributions: a share of each class for each example, which sum to 1
 */
export type Targets = "bits" | "classes" | "numbers" | "counts" | "shares" | "distributions";

/** A number, or what is so or not. */
export type LossParameter =
  | { readonly name: string; readonly default: number; readonly range: Range }
  | { readonly name: string; readonly default: boolean };

const itself = (y: number) => y;
const LABEL_SMOOTHING = { name: "labelSmoothing", default: 0, range: DECAY } as const;
const SOFT_LABELS = { name: "softLabels", default: false } as const;

/**
 * One row per loss, by the name that the crate has in snake_case; the loss is 1/m · Σ ℓ over the examples. The first row
 * of an output activation is its default. d = z − y.
 * - meanSquaredError: ℓ = 1/n · Σ over units of d²
 * - meanAbsoluteError: ℓ = 1/n · Σ over units of |d|
 * - huber: ℓ = 1/n · Σ over units of ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ)
 * - logCosh: ℓ = 1/n · Σ over units of log cosh d
 * - quantile: ℓ = 1/n · Σ over units of −τ·d where d < 0, else (1 − τ)·d
 * - poisson: ℓ = 1/n · Σ over units of e^z − y·z
 * - hinge: ℓ = 1/n · Σ over units of max(0, 1 − (2y − 1)·z)
 * - binaryCrossEntropy: ℓ = Σ over units of max(z, 0) − z·y + log1p(e^−|z|); with a positive weight w and label smoothing s
 *   −w·y′·log σ(z) − (1 − y′)·log(1 − σ(z)), y′ = y·(1 − s) + s/2
 * - focal: ℓ = Σ over units of −(1 − p)^γ·log p, p = σ(z) where y = 1, else 1 − σ(z)
 * - categoricalCrossEntropy: ℓ = logsumexp(z) − z_y; with soft labels or label smoothing s
 *   Σⱼ y′ⱼ·(logsumexp(z) − zⱼ), y′ = y·(1 − s) + s/n
 *
 * All are computed from the argument z of the output activation, with no clipping.
 */
export const LOSS_ROWS = {
  meanSquaredError: { of: "linear", targets: "numbers", parameters: [] },
  meanAbsoluteError: { of: "linear", targets: "numbers", parameters: [], kinkAt: itself },
  huber: {
    of: "linear",
    targets: "numbers",
    parameters: [{ name: "delta", default: 1, range: POSITIVE }],
  },
  logCosh: { of: "linear", targets: "numbers", parameters: [] },
  quantile: {
    of: "linear",
    targets: "numbers",
    parameters: [{ name: "quantile", default: 0.5, range: BETWEEN_0_AND_1 }],
    kinkAt: itself,
  },
  poisson: { of: "linear", targets: "counts", parameters: [] },
  hinge: { of: "linear", targets: "bits", parameters: [], kinkAt: (y: number) => 2 * y - 1 },
  binaryCrossEntropy: {
    of: "sigmoid",
    targets: "bits",
    softTargets: "shares",
    parameters: [LABEL_SMOOTHING, { name: "positiveWeight", default: 1, range: POSITIVE }, SOFT_LABELS],
  },
  focal: {
    of: "sigmoid",
    targets: "bits",
    parameters: [{ name: "gamma", default: 2, range: NOT_NEGATIVE }],
  },
  categoricalCrossEntropy: {
    of: "softmax",
    targets: "classes",
    softTargets: "distributions",
    parameters: [LABEL_SMOOTHING, SOFT_LABELS],
  },
} as const satisfies Record<string, LossRow>;

/** The type of a loss of one's own: a function of the outputs, in no table and no crate. */
export const CUSTOM_LOSS = "custom";

/** {@link custom}'s data. */
export interface CustomLoss {
  readonly type: typeof CUSTOM_LOSS;
  readonly name: string;
}

const CUSTOM_ROW: LossRow = { of: "linear", targets: "numbers", parameters: [] };

/** See {@link LOSS_ROWS}. */
export type LossName = keyof typeof LOSS_ROWS;

export const LOSSES = Object.keys(LOSS_ROWS) as readonly LossName[];

/** The types of a loss's parameters, by their names. */
type ParametersOf<Name extends LossName> = {
  readonly [Row in (typeof LOSS_ROWS)[Name]["parameters"][number] as Row extends {
    readonly name: infer Parameter extends string;
  }
    ? Parameter
    : never]: Row extends { readonly default: boolean } ? boolean : number;
};

/** A loss with all its parameters. */
export type LossData<Name extends LossName> = { readonly type: Name } & ParametersOf<Name>;

/** A loss as plain data: its name, which stands for one with its defaults, or its name and parameters. */
export type Loss = TableLoss | CustomLoss;

/** One of {@link LOSS_ROWS}. */
export type TableLoss = {
  [Name in LossName]: Name | ({ readonly type: Name } & Partial<ParametersOf<Name>>);
}[LossName];

/** Losses of networks that answer by numbers: those of regression, and one's own. */
export type NumberLoss =
  | CustomLoss
  | {
      [Name in LossName]: (typeof LOSS_ROWS)[Name]["targets"] extends "numbers" | "counts"
        ? Extract<TableLoss, Name | { readonly type: Name }>
        : never;
    }[LossName];

/** What outputs are compared with. */
export function targetsOf(loss: Loss): Targets {
  const { targets, softTargets } = lossRow(loss);
  const isSoft = typeof loss !== "string" && "softLabels" in loss && loss.softLabels === true;
  return isSoft && softTargets !== undefined ? softTargets : targets;
}

/** Whether a network of this loss answers by numbers, not by classes. */
export function isOfNumbers(loss: Loss): boolean {
  const { targets } = lossRow(loss);
  return targets === "numbers" || targets === "counts";
}

/** The row of a loss. */
export function lossRow(loss: Loss): LossRow {
  const name = lossName(loss);
  return name === CUSTOM_LOSS ? CUSTOM_ROW : LOSS_ROWS[name];
}

export function lossName(loss: TableLoss): LossName;
export function lossName(loss: Loss): LossName | typeof CUSTOM_LOSS;
export function lossName(loss: Loss): LossName | typeof CUSTOM_LOSS {
  return typeof loss === "string" ? loss : loss.type;
}

/** A loss's parameters, defaults filled in: numbers, 1 for what is so. */
export function lossParameters(loss: Loss): Readonly<Record<string, number>> {
  const given: Readonly<Record<string, unknown>> = typeof loss === "string" ? {} : { ...loss };
  return Object.fromEntries(
    lossRow(loss).parameters.map((row) => [row.name, Number(given[row.name] ?? row.default)]),
  );
}

/** The default loss of an output activation. */
export function lossOf(activation: OutputActivation): LossName {
  const loss = LOSSES.find((name) => LOSS_ROWS[name].of === activation);
  if (loss === undefined) throw new Error(`no loss of ${activation}`);
  return loss;
}
