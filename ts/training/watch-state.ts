import type { Examples } from "../data/examples.js";
import type { Floats } from "../engine/memory.js";

/** What those who watch a fit know of it, and checkpoints keep. */

/** What validation found so far: of each score, a value for each epoch that was validated. */
export interface ValidationState {
  readonly epochs: number[];
  readonly scores: Record<string, number[]>;
  /** The examples, once they were read. */
  examples: Examples | undefined;
}

/** The options of early stopping, checked. */
export interface EarlyStoppingSettings {
  readonly monitor: string;
  readonly patience: number;
  readonly minDelta: number;
  readonly mode: "min" | "max";
  readonly restoreBest: boolean;
}

/** What early stopping knows of the epochs so far. */
export interface StoppingState {
  readonly settings: EarlyStoppingSettings;
  /** 0 before the first value. */
  bestEpoch: number;
  bestValue: number;
  /** Values since the best one. */
  waited: number;
  /** The best epoch's, where they are to be restored; each W row-major. */
  best: { readonly parameters: Floats; readonly statistics: Floats } | undefined;
}
