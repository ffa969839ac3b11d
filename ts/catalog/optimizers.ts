import { DECAY, NOT_NEGATIVE, POSITIVE, type Range, SWITCH } from "./ranges.js";

/** What is known of an update rule besides its numbers, which crate/src/optimizers/ computes. */
interface OptimizerRow {
  /** Its hyperparameters, in the crate's order, and λ: the options of the function that makes one. */
  readonly hyperparameters: readonly HyperparameterRow[];
  /** The moments that it keeps, each of the parameters' size, in the crate's order. */
  readonly moments: readonly MomentRow[];
}

interface MomentRow {
  readonly name: Moment;
  /** The hyperparameter that asks for it, where 0 means that the rule goes without. */
  readonly of?: string;
}

/** v is a mean of gradients, s a mean or sum of their squares, u ← μ·u + x gathers gradients or steps. */
export type Moment = "v" | "s" | "u";

interface HyperparameterRow {
  /** The option. */
  readonly name: string;
  readonly default: number;
  readonly range: Range;
  /** Which of the optimizer's two powers is of this decay, or of one no larger: 0 or 1. */
  readonly power?: 0 | 1;
  /** Its name in {@link Hyperparameters} and in checkpoints, where it has another there. */
  readonly key?: string;
  /** Whether 0 means that the rule does without: then checkpoints don't name it. */
  readonly optional?: true;
  /** Whether the option is true or false, which is 1 or 0 elsewhere. */
  readonly isSwitch?: true;
  /** Which other hyperparameter mustn't be 0 beside it. */
  readonly needs?: string;
}

const V = { name: "v" } as const;
const S = { name: "s" } as const;

/** μ ≥ 0. */
const MOMENTUM = { name: "momentum", default: 0, range: DECAY, optional: true } as const;

const NESTEROV = { name: "nesterov", default: 0, range: SWITCH, optional: true, isSwitch: true } as const;

/** λ, of every rule: before its own update w ← w − α·λ·w, of weights alone. */
const WEIGHT_DECAY = { name: "weightDecay", default: 0, range: NOT_NEGATIVE, optional: true } as const;

/** One row per update rule, by the name that the crate has in snake_case. */
export const OPTIMIZERS = {
  gradientDescent: {
    hyperparameters: [{ name: "learningRate", default: 0.0075, range: POSITIVE }, WEIGHT_DECAY],
    moments: [],
  },
  momentum: {
    hyperparameters: [
      { name: "learningRate", default: 0.0075, range: POSITIVE },
      { name: "beta", default: 0.9, range: DECAY, power: 0, key: "beta1" },
      { ...NESTEROV, needs: "beta1" },
      WEIGHT_DECAY,
    ],
    moments: [V],
  },
  sgd: {
    hyperparameters: [
      { name: "learningRate", default: 0.001, range: POSITIVE },
      MOMENTUM,
      { ...NESTEROV, needs: "momentum" },
      WEIGHT_DECAY,
    ],
    moments: [{ name: "u", of: "momentum" }],
  },
  adam: {
    hyperparameters: [
      { name: "learningRate", default: 0.001, range: POSITIVE },
      { name: "beta1", default: 0.9, range: DECAY, power: 0 },
      { name: "beta2", default: 0.999, range: DECAY, power: 1 },
      { name: "epsilon", default: 1e-8, range: POSITIVE },
      WEIGHT_DECAY,
    ],
    moments: [V, S],
  },
  adamW: {
    hyperparameters: [
      { name: "learningRate", default: 0.001, range: POSITIVE },
      { name: "beta1", default: 0.9, range: DECAY, power: 0 },
      { name: "beta2", default: 0.999, range: DECAY, power: 1 },
      { name: "epsilon", default: 1e-8, range: POSITIVE },
      { ...WEIGHT_DECAY, default: 0.01 },
    ],
    moments: [V, S],
  },
  nadam: {
    hyperparameters: [
      { name: "learningRate", default: 0.002, range: POSITIVE },
      { name: "beta1", default: 0.9, range: DECAY, power: 0 },
      { name: "beta2", default: 0.999, range: DECAY, power: 1 },
      { name: "epsilon", default: 1e-8, range: POSITIVE },
      { name: "momentumDecay", default: 0.004, range: NOT_NEGATIVE },
      WEIGHT_DECAY,
    ],
    moments: [V, S],
  },
  adaGrad: {
    hyperparameters: [
      { name: "learningRate", default: 0.01, range: POSITIVE },
      { name: "epsilon", default: 1e-10, range: POSITIVE },
      WEIGHT_DECAY,
    ],
    moments: [S],
  },
  rmsProp: {
    hyperparameters: [
      { name: "learningRate", default: 0.001, range: POSITIVE },
      { name: "decay", default: 0.9, range: DECAY },
      { name: "epsilon", default: 1e-8, range: POSITIVE },
      MOMENTUM,
      { name: "centered", default: 0, range: SWITCH, optional: true, isSwitch: true },
      WEIGHT_DECAY,
    ],
    moments: [S, { name: "v", of: "centered" }, { name: "u", of: "momentum" }],
  },
  lion: {
    hyperparameters: [
      { name: "learningRate", default: 0.0001, range: POSITIVE },
      { name: "beta1", default: 0.9, range: DECAY },
      { name: "beta2", default: 0.99, range: DECAY },
      WEIGHT_DECAY,
    ],
    moments: [V],
  },
} as const satisfies Record<string, OptimizerRow>;

/** See {@link OPTIMIZERS}. */
export type UpdateRule = keyof typeof OPTIMIZERS;

export const UPDATE_RULES = Object.keys(OPTIMIZERS) as readonly UpdateRule[];

/** By their keys; those that a rule hasn't are 0 or absent. */
export interface Hyperparameters {
  readonly learningRate: number;
  /** β of momentum, β₁ of Adam. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** λ. */
  readonly weightDecay: number;
  readonly [key: string]: number;
}

/** What every rule's hyperparameters have, if only as 0. */
const COMMON: Hyperparameters = { learningRate: 0, beta1: 0, beta2: 0, epsilon: 0, weightDecay: 0 };

/** A rule's hyperparameters, each with its key. */
export function hyperparametersOf(
  rule: UpdateRule,
): readonly (HyperparameterRow & { readonly key: string })[] {
  const rows: readonly HyperparameterRow[] = OPTIMIZERS[rule].hyperparameters;
  return rows.map((row) => ({ key: row.name, ...row }));
}

/** The moments that a rule keeps with such hyperparameters, in the crate's order. */
export function momentsOf(
  rule: UpdateRule,
  hyperparameters: Readonly<Record<string, number>>,
): readonly Moment[] {
  const rows: readonly MomentRow[] = OPTIMIZERS[rule].moments;
  return rows.filter(({ of }) => of === undefined || hyperparameters[of] !== 0).map(({ name }) => name);
}

/** The keys under which a checkpoint has the {@link Hyperparameters} of a rule. */
export function hyperparameterKeys(rule: UpdateRule, hyperparameters: Hyperparameters): readonly string[] {
  const rows = hyperparametersOf(rule).filter(({ key, optional }) => !optional || hyperparameters[key] !== 0);
  return [...new Set(["learningRate", "beta1", "beta2", "epsilon", ...rows.map(({ key }) => key)])];
}

/** A rule's hyperparameters, of the values that `value` finds for each. */
export function toHyperparameters(
  rule: UpdateRule,
  value: (row: HyperparameterRow & { readonly key: string }) => number,
): Hyperparameters {
  return { ...COMMON, ...Object.fromEntries(hyperparametersOf(rule).map((row) => [row.key, value(row)])) };
}

/** The names of some options. */
export function namesOf<const Rows extends readonly { readonly name: string }[]>(
  rows: Rows,
): readonly Rows[number]["name"][] {
  return rows.map(({ name }) => name);
}
