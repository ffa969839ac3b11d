import type { Examples } from "../data/examples.js";
import type { Breath } from "../platform/breath.js";
import type { EpochSettings, FitState, Trainee } from "./state.js";

/** A fit that is under way, for those who watch it. */
export interface WatchedFit {
  readonly trainee: Trainee;
  readonly settings: EpochSettings;
  readonly state: FitState;
  readonly breath: Breath;
}

/** Watches the epoch loop, between two steps: checkpoints do. The loop knows none of them by name. */
export interface Observer {
  /** Whether it looks after each step; else steps may be taken together. */
  readonly watchesSteps: boolean;
  /** Before the first step, once the data set is read. A generator, so that long work can be interrupted. */
  begin(examples: Examples): Generator<void, void>;
  /** After a step that isn't an epoch's last, and after an epoch. */
  look(): Promise<void> | undefined;
  /** After the last step, whatever ended the fit, unless an error did. */
  end(): Promise<void>;
}

/** Makes the observer of a fit. */
export type Watch = (fit: WatchedFit) => Observer;
