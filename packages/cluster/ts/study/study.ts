import type { DataOptions } from "../trial/data-reference.js";

/** A value of an option or of a parameter, as JSON has it. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Values of parameters by their names: what a search suggests. */
export type Configuration = Readonly<Record<string, Value>>;

/** Options of a training, under the names that layerwise.json has: `learningRate`, `layers`, `clipNorm`, … */
export type TrainingOptions = Readonly<Record<string, Value>>;

/** One of these values. */
export interface Choices {
  readonly choices: readonly Value[];
}

/** A number from `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** "log": each factor is as likely as another; needs `from` > 0. Default "linear". */
  readonly scale?: "linear" | "log";
  /** Whole numbers alone. Default false. */
  readonly integer?: boolean;
  /** How many values a grid takes of it, both ends included. Default 5. */
  readonly points?: number;
}

/** A parameter, which may be there only where others, named before it, have some of these values. */
export type Parameter = (Choices | Range) & {
  readonly when?: Readonly<Record<string, Value | readonly Value[]>>;
};

/**
 * Parameters by their names: a training option's, `layers[0]` for one of the hidden layers' widths, or a name with $ before it,
 * which no training sees and others' `when` may ask for.
 */
export type Space = Readonly<Record<string, Parameter>>;

export interface GridMethod {
  readonly type: "grid";
}

export interface RandomMethod {
  readonly type: "random";
}

/** Points that fill the space evenly, shifted by the seed. */
export interface QuasiRandomMethod {
  readonly type: "sobol" | "halton";
}

/** Tree-structured Parzen estimator. */
export interface TpeMethod {
  readonly type: "tpe";
  /** Trials by the Sobol sequence before the first estimate. Default 10. */
  readonly startup?: number;
  /** Among how many candidates each suggestion is chosen. Default 24. */
  readonly candidates?: number;
  /** Trials that are suggested from the same results. Default 4. */
  readonly generation?: number;
}

/** Many configurations for few epochs, the best of them for more. */
export interface HalvingMethod {
  readonly type: "halving" | "hyperband";
  /** One of so many goes on to the next rung, for as many times the epochs. Default 3. */
  readonly factor?: number;
  /** Epochs of the first rung; those of the last are the training's own. Default: epochs / factor³, and at least 1. */
  readonly leastEpochs?: number;
  /** Where new configurations come from. Default "random". */
  readonly sampler?: "random" | "sobol" | "halton";
}

export type Method = GridMethod | RandomMethod | QuasiRandomMethod | TpeMethod | HalvingMethod;

/** When a study ends: at the first of these. */
export interface Budget {
  /** Configurations that are tried. Default 20; of a grid and of hyperband, all of one round. */
  readonly trials?: number;
  /** Epochs of all trainings together, each counted as if none stopped early. */
  readonly epochs?: number;
  /** Minutes, of all sessions together, after which nothing new begins. How far a study came by then depends on the machine. */
  readonly minutes?: number;
}

/** Many trainings of one table, of which the best is looked for: plain JSON, the file that `layerwise sweep` takes. */
export interface Study extends DataOptions {
  readonly $schema?: string;
  /** For people. Default: the first file's name. */
  readonly name?: string;
  readonly target: string | readonly string[];
  /** What is compared, of the evaluation rows. Default: "rootMeanSquaredError" of numbers, "logLoss" of classes. */
  readonly metric?: string;
  /** Default: as the metric is better. */
  readonly direction?: "minimize" | "maximize";
  /** Options that all trials have. `networks` is 1 by default; `engine`, `threads` and `math` are none of them. */
  readonly options?: TrainingOptions;
  /** What is searched. Default: nothing, so that there is one trial. */
  readonly space?: Space;
  /** Default "tpe". */
  readonly method?: Method["type"] | Method;
  readonly budget?: Budget;
  /** From which everything random follows. Default 0. */
  readonly seed?: number;
  /** Trainings of each configuration, from seeds 64 apart; their mean counts. Default 1. */
  readonly repeats?: number;
  /** Each configuration is trained and evaluated on so many folds; their mean counts. Default: one part of the rows. */
  readonly folds?: number;
  /** Share of the rows that no trial sees. Default 0.2; 0: none. */
  readonly test?: number;
  /** Share of the other rows on which trials are compared, where there are no folds. Default 0.2. */
  readonly evaluation?: number;
  /** A column whose equal values stay together. */
  readonly groups?: string;
  /** What is evaluated comes after what is trained on: `true`, in the rows' order, or a column of dates or numbers to order by. */
  readonly ordered?: boolean | string;
}
