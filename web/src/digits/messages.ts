import type { Runtime, Threads } from "../../../ts/index.js";
import type { Failure } from "../failure.js";

/** All that determines a run. */
export interface DigitSettings {
  /** Training examples, from the first on. */
  readonly examples: number;
  readonly epochs: number;
  readonly seed: number;
  /** Changes the speed alone. */
  readonly threads: Threads;
}

/** What the page asks of the worker. */
export type Request =
  /** First of all: the URL of mnist/, which only the page knows. What is missing there is said at once. */
  | { readonly type: "open"; readonly mnistFolder: string }
  /** Downloads what is missing, makes a new network and trains it. `run` numbers it. */
  | { readonly type: "train"; readonly run: number; readonly settings: DigitSettings }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** Forgets the network. */
  | { readonly type: "reset"; readonly run: number }
  /** Which digit is this? 28 × 28 pixels. */
  | { readonly type: "classify"; readonly pixels: Uint8Array }
  /** An image that no network was trained on. */
  | { readonly type: "testImage"; readonly index: number };

/** What the worker answers. */
export type Answer =
  | { readonly type: "downloading"; readonly received: number; readonly total: number }
  | {
      readonly type: "ready";
      readonly run: number;
      readonly parameterCount: number;
      readonly runtime: Runtime;
    }
  | ({ readonly type: "progress"; readonly run: number } & Progress)
  | ({ readonly type: "tested"; readonly run: number } & TestResult)
  | { readonly type: "finished"; readonly run: number }
  | { readonly type: "classified"; readonly probabilities: Float32Array | undefined }
  | { readonly type: "testImage"; readonly pixels: Uint8Array; readonly label: number }
  /** The run, if it was about one, is over. */
  | { readonly type: "failed"; readonly run?: number; readonly failure: Failure };

export interface Progress {
  /** The epoch that runs, 1 … */
  readonly epoch: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Mean loss of the steps since the last report. */
  readonly loss: number;
  readonly examplesPerSecond: number;
  /** Share of the first thousand test images that are read right, when it was looked at. */
  readonly quickAccuracy: number | undefined;
}

export interface TestResult {
  /** Epochs trained. */
  readonly epoch: number;
  readonly accuracy: number;
  /** 10 × 10 counts: rows are what it was, columns what was read. */
  readonly confusion: Uint32Array;
  readonly fingerprint: string | undefined;
}
