import type { Examples } from "../data/examples.js";
import type { Operation } from "../engine/operations.js";
import type { Breath } from "../platform/breath.js";
import type { Reading } from "./reading.js";
import type { EpochSettings, FitState, Trainee } from "./state.js";

/** A fit that is under way, for those who watch it. */
export interface WatchedFit {
  readonly trainee: Trainee;
  readonly settings: EpochSettings;
  readonly state: FitState;
  readonly breath: Breath;
}

/** Watches the epoch loop, between two steps: checkpoints, validation and early stopping do. The loop knows none by name. */
export interface Observer {
  /** Whether it looks after each step; else steps may be taken together. */
  readonly watchesSteps: boolean;
  /**
   * Before the first step, once the data set is read. Returns the examples to train on. A generator, so that long work can
   * be interrupted.
   */
  begin?(examples: Examples): Generator<void, Examples>;
  /** What it adds to each step's end: asked for after `begin`. */
  readonly operations?: readonly Operation[];
  /** The same of data that are read while training goes on. Resolves to undefined where the signal aborts before. */
  beginRead?(reading: Reading): Promise<Reading | undefined>;
  /** Between these and the first step. Resolves to false where the signal aborts before. */
  ready?(): Promise<boolean>;
  /** After an epoch's last step, before it is reported. */
  epoch?(epoch: number): Promise<void>;
  /** Whether the signal aborted what it did at an epoch's end: the fit ends then. */
  readonly isInterrupted?: boolean;
  /** Whether the fit has reached its end, after an epoch. */
  readonly isOver?: boolean;
  /** After a step that isn't an epoch's last, and after an epoch. */
  look?(): Promise<void> | undefined;
  /** After the last step, whatever ended the fit, unless an error did. */
  end?(): Promise<void>;
  /** At the very last, whatever ended the fit. */
  close?(): void;
}

/** Makes the observer of a fit. */
export type Watch = (fit: WatchedFit) => Observer;
