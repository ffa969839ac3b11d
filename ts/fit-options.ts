import { DEFAULT_BATCH_SIZE } from "./batches.js";
import { checkKeepProb } from "./dropout.js";
import { ConfigError, describe } from "./errors.js";
import { type CheckpointOptions, resolveCheckpoint } from "./files/checkpoint-options.js";
import type { CheckpointReport } from "./files/checkpoints.js";
import type { Matrix } from "./matrix.js";
import { Optimizer } from "./optimizer.js";
import type { EpochReport, FitSettings, StepReport, StepSettings } from "./training.js";
import { checkCallback, checkInteger, checkNumber, checkOptions } from "./validation.js";

/** What {@link Network.gradients} takes. */
export interface GradientOptions {
  /** λ >= 0 of the term λ/(2m)·Σ‖W‖², m being the examples at hand. Default 0. */
  readonly l2?: number;
  /** Probability of keeping a hidden unit, in (0, 1]. Default 1: no dropout. */
  readonly keepProb?: number;
  /**
   * This step's masks instead of random ones: one matrix (m × n_l of 0 and 1) a hidden layer.
   * For comparison with another program.
   */
  readonly dropoutMasks?: readonly Matrix[];
}

/** What {@link Network.trainStep} takes. */
export interface StepOptions extends GradientOptions {
  /** Owns its state: pass the same object at every step. */
  readonly optimizer: Optimizer;
}

/** What {@link Network.fit} takes. */
export interface FitOptions {
  /** How often every example is visited: an integer >= 0. There is no default: it depends on the data. */
  readonly epochs: number;
  /**
   * Examples a step: an integer >= 1; m or more is one batch of all (batch gradient descent). Default: min(m, 32).
   * For mini-batches, fit holds a copy of the data set until it ends, of up to 256 MiB in WebAssembly's memory, of a
   * larger one in JavaScript's.
   */
  readonly batchSize?: number;
  /** Default: a new adam(). */
  readonly optimizer?: Optimizer;
  /** λ >= 0 of the term λ/(2m)·Σ‖W‖², m being the batch's examples. Default 0. */
  readonly l2?: number;
  /** Probability of keeping a hidden unit, in (0, 1]. Default 1: no dropout. */
  readonly keepProb?: number;
  /** Stops it at a step's end; fit then resolves with the history so far. */
  readonly signal?: AbortSignal;
  /** Called after each epoch; a promise that it returns is waited for. */
  readonly onEpoch?: (report: EpochReport) => unknown;
  /** Called after each step; a promise that it returns is waited for. */
  readonly onStep?: (report: StepReport) => unknown;
  /** Writes down where it is, now and then and at its end, for {@link resumeTraining}. Default: never. */
  readonly checkpoint?: CheckpointOptions;
  /** Called when a checkpoint outlasts a crash; a promise that it returns is waited for. */
  readonly onCheckpoint?: (report: CheckpointReport) => unknown;
}

const GRADIENT_OPTIONS = ["l2", "keepProb", "dropoutMasks"];
const STEP_OPTIONS = ["optimizer", ...GRADIENT_OPTIONS];
export const FIT_OPTIONS = [
  "epochs",
  "batchSize",
  "optimizer",
  "l2",
  "keepProb",
  "signal",
  "onEpoch",
  "onStep",
  "checkpoint",
  "onCheckpoint",
];

export function resolveGradientOptions(options: GradientOptions): { l2: number; keepProb: number } {
  checkOptions("options", options, GRADIENT_OPTIONS);
  const keepProb = checkKeepProb(options.keepProb ?? 1);
  if (keepProb < 1 && options.dropoutMasks === undefined) {
    throw new ConfigError("dropoutMasks", "masks, where keepProb < 1", "undefined");
  }
  return { l2: checkL2(options.l2), keepProb };
}

export function resolveStepOptions(options: StepOptions): StepSettings {
  checkOptions("options", options, STEP_OPTIONS);
  return {
    optimizer: checkOptimizer(options?.optimizer),
    l2: checkL2(options.l2),
    keepProb: checkKeepProb(options.keepProb ?? 1),
  };
}

export function resolveFitOptions(options: FitOptions): FitSettings {
  checkOptions("options", options, FIT_OPTIONS);
  const {
    epochs,
    batchSize = DEFAULT_BATCH_SIZE,
    signal,
    onEpoch,
    onStep,
    checkpoint,
    onCheckpoint,
  } = {
    ...options,
  };
  if (signal !== undefined && !(typeof signal === "object" && signal !== null && "aborted" in signal)) {
    throw new ConfigError("signal", "an AbortSignal", describe(signal));
  }
  checkCallback("onEpoch", onEpoch);
  checkCallback("onStep", onStep);
  checkCallback("onCheckpoint", onCheckpoint);
  return {
    epochs: checkEpochs(epochs),
    batchSize: checkInteger("batchSize", batchSize, 1, Number.MAX_SAFE_INTEGER),
    optimizer: options.optimizer === undefined ? undefined : checkOptimizer(options.optimizer),
    l2: checkL2(options.l2),
    keepProb: checkKeepProb(options.keepProb ?? 1),
    signal,
    onEpoch,
    onStep,
    checkpoint: checkpoint === undefined ? undefined : resolveCheckpoint(checkpoint),
    onCheckpoint,
  };
}

function checkEpochs(value: unknown): number {
  if (value !== undefined) return checkInteger("epochs", value, 0, Number.MAX_SAFE_INTEGER);
  const expected = "how often every example is visited, such as fit(x, y, { epochs: 20 })";
  throw new ConfigError("epochs", expected, "undefined");
}

function checkL2(value: unknown): number {
  return checkNumber("l2", value ?? 0, "a finite number >= 0", (l2) => l2 >= 0);
}

function checkOptimizer(value: unknown): Optimizer {
  if (Optimizer.is(value)) return value;
  const isForeign =
    typeof value === "object" && value !== null && "hyperparameters" in value && "update" in value;
  const got = isForeign ? "an optimizer of another copy of layerwise" : describe(value);
  throw new ConfigError("optimizer", "an optimizer such as adam()", got);
}
