import type { GradientCheck, Runtime } from "../../../ts/index.js";
import type { Failure } from "../failure.js";
import type { Stop } from "./course.js";
import type { DataSet } from "./data-set.js";
import type { Scores } from "./scores.js";
import type { Best } from "./session.js";
import type { Settings } from "./settings.js";

/** What the page asks of the worker. */
export type Request =
  /** A new network. `run` numbers it; answers bear the number. */
  | { readonly type: "configure"; readonly run: number; readonly settings: Settings; readonly data: DataSet }
  /** Trains to this epoch. */
  | { readonly type: "start"; readonly until: number }
  /** Stops at the end of the epoch. */
  | { readonly type: "pause" }
  /** Trains one epoch. */
  | { readonly type: "step" }
  /** Epochs a second at most; Infinity: as fast as can be. */
  | { readonly type: "pace"; readonly epochsPerSecond: number }
  | { readonly type: "checkGradients" }
  /** The page has drawn the last snapshot and can take another. */
  | { readonly type: "drawn" };

/** One number for each example. */
export interface Predictions {
  readonly train: Float32Array;
  readonly validation: Float32Array;
  readonly test: Float32Array;
}

/** The network as it is at the end of an epoch. */
export interface Snapshot {
  readonly epoch: number;
  readonly train: Scores;
  readonly test: Scores | undefined;
  readonly validationLoss: number | undefined;
  readonly best: Best | undefined;
  readonly learningRate: number | undefined;
  /** While training; 0 before. */
  readonly examplesPerSecond: number;
  /** The network's answers at the points of the plane that `pointsOf` gives for the data set's view. */
  readonly answers: Float32Array;
  /** The network's answers for the examples, where the data set is one of numbers. */
  readonly predictions: Predictions | undefined;
  /** Of the parameters; undefined where the browser hashes nothing. */
  readonly fingerprint: string | undefined;
}

export interface GradientFindings {
  readonly ok: boolean;
  readonly blocks: GradientCheck["blocks"];
  readonly examples: number;
  readonly milliseconds: number;
  /** The table as plain text. */
  readonly report: string;
}

/** What the worker answers. */
export type Answer = { readonly run: number } & (
  | {
      readonly type: "ready";
      readonly layerDims: readonly number[];
      readonly parameterCount: number;
      readonly runtime: Runtime;
    }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  | (Stop & { readonly type: "stopped" })
  | { readonly type: "gradientsChecked"; readonly findings: GradientFindings }
  | { readonly type: "failed"; readonly failure: Failure }
);
