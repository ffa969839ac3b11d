/// <reference types="vite/types/importMeta.d.ts" />
// What tests try every update rule with: the options and the training runs of golden/optimizers/make.py.
import { hyperparametersOf, UPDATE_RULES, type UpdateRule } from "../ts/catalog/optimizers.js";
import { makeOptimizer } from "../ts/training/make-optimizer.js";
import type { Optimizer } from "../ts/training/optimizer.js";
import type { ReferenceRule } from "./reference-rules.js";

/** Weights and biases of each layer. */
export type Parameters = readonly (readonly [number[][], number[]])[];

/** Training runs by another program in float64, from the same parameters on the same batch. */
export interface GoldenRuns {
  readonly dims: number[];
  readonly l2: number;
  readonly keepProb: number;
  readonly x: number[][];
  readonly labels: number[];
  /** A mask for each hidden layer of each step. */
  readonly masks: number[][][][];
  readonly parameters: Parameters;
  readonly runs: readonly {
    readonly options: Readonly<Record<string, number | boolean>>;
    readonly losses: number[];
    readonly trained: Parameters;
  }[];
}

const texts = import.meta.glob<string>("./golden/optimizers/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});

export function goldenRunsOf(rule: UpdateRule): GoldenRuns {
  const text = texts[`./golden/optimizers/${rule}.json`];
  if (text === undefined) throw new Error(`no golden runs of ${rule}: add it to golden/optimizers/make.py`);
  return JSON.parse(text);
}

/** A rule with some of its options; `options` has them all. */
export interface Variant extends ReferenceRule {
  readonly name: string;
  readonly make: () => Optimizer;
}

/** A rule with the options of its last golden run. */
export function variantOf(rule: UpdateRule): Variant {
  const variant = VARIANTS.filter((variant) => variant.rule === rule).at(-1);
  if (variant === undefined) throw new Error(`no golden run of ${rule}`);
  return variant;
}

/** Every rule with all options that its golden runs are made with. */
export const VARIANTS: readonly Variant[] = UPDATE_RULES.flatMap((rule) =>
  goldenRunsOf(rule).runs.map(({ options: given }) => {
    const make = () => makeOptimizer(rule, given);
    const { hyperparameters } = make();
    const all = hyperparametersOf(rule).map(({ name, key }) => [name, hyperparameters[key] ?? Number.NaN]);
    return { name: `${rule}(${JSON.stringify(given)})`, rule, options: Object.fromEntries(all), make };
  }),
);
