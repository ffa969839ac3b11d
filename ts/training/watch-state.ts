import type { Examples } from "../data/examples.js";
import type { Floats } from "../engine/memory.js";
import type { Reading } from "./reading.js";

/** What those who watch a fit know of it, and checkpoints keep. */

/** What validation found so far: of each score, a value for each epoch that was validated. */
export interface ValidationState {
  readonly epochs: number[];
  readonly scores: Record<string, number[]>;
  /** The examples, once they were read. */
  examples: Examples | undefined;
  /** Of those that are read at each validation. */
  reading?: Pick<Reading, "m" | "first">;
  /** Whether the signal aborted the reading: the epoch that has just ended isn't validated. */
  isInterrupted?: boolean;
}

/** What is watched, and what counts as better, checked. */
export interface MonitorSettings {
  readonly monitor: string;
  readonly patience: number;
  readonly minDelta: number;
  readonly mode: "min" | "max";
}

/** How what is watched went so far. */
export interface Trend {
  /** 0 before the first value. */
  bestEpoch: number;
  bestValue: number;
  /** Values since the best one, or since something was done about it. */
  waited: number;
}

/** The options of early stopping, checked. */
export interface EarlyStoppingSettings extends MonitorSettings {
  readonly restoreBest: boolean;
}

/** What early stopping knows of the epochs so far. */
export interface StoppingState extends Trend {
  readonly settings: EarlyStoppingSettings;
  /** The best epoch's, where they are to be restored; each W row-major. */
  best: { readonly parameters: Floats; readonly statistics: Floats } | undefined;
}

/** The options of what reduces the learning rate, checked. */
export interface PlateauSettings extends MonitorSettings {
  readonly factor: number;
  readonly lowest: number;
}

/** What it knows of the epochs so far; the optimizer knows how far its rate was reduced. */
export interface PlateauState extends Trend {
  readonly settings: PlateauSettings;
}

/** What of the weights is averaged, checked: one of the two. */
export interface AverageSettings {
  readonly decay?: number;
  readonly fromEpoch?: number;
}

/** The average of the weights so far. */
export interface AverageState {
  readonly settings: AverageSettings;
  /** How many updates or epochs are in it. */
  readonly count: number;
  /** Copies of its blocks, each W row-major. */
  read(): { parameters: Floats; statistics: Floats };
}
