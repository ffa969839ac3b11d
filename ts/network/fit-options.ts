import { NOT_NEGATIVE } from "../catalog/ranges.js";
import {
  checkBoolean,
  checkCallback,
  checkInteger,
  checkNumber,
  checkOptions,
  type Given,
  readOptions,
} from "../config/validation.js";
import type { Matrix } from "../data/matrix.js";
import { DEFAULT_BATCH_SIZE } from "../data/mini-batches.js";
import type { Numbers } from "../data/numbers.js";
import { ConfigError, describe } from "../errors/errors.js";
import {
  type CheckpointOptions,
  type CheckpointSettings,
  resolveCheckpoint,
} from "../files/checkpoint-options.js";
import type { CheckpointReport } from "../files/checkpoints.js";
import type { Metric } from "../metrics/metric.js";
import { checkKeepProb } from "../model/dropout.js";
import type { Penalties } from "../model/penalty.js";
import { type ClassWeight, resolveClassWeight, type WeightSettings } from "../training/class-weight.js";
import { type ClipOptions, resolveClip } from "../training/clip.js";
import { type EarlyStopping, resolveEarlyStopping } from "../training/early-stopping.js";
import { checkOptimizer, type OptimizerInput, toOptimizer } from "../training/make-optimizer.js";
import { Optimizer } from "../training/optimizer.js";
import { type ReduceOnPlateau, resolveReduceOnPlateau } from "../training/reduce-on-plateau.js";
import type { EpochReport, EpochSettings, StepReport, StepSettings } from "../training/state.js";
import { resolveValidation, type Validation, type ValidationSettings } from "../training/validation.js";
import type { AverageSettings, EarlyStoppingSettings, PlateauSettings } from "../training/watch-state.js";
import { resolveWeightAverage, type WeightAverage } from "../training/weight-average.js";

/** What examples weigh in the loss 1/m · Σ wᵢ·ℓᵢ, m being the examples of the batch and not Σ wᵢ. */
export interface WeightOptions {
  /**
   * w >= 0 of each example, at least one above 0: an array or typed array, one for each row of x. A weight of 0 leaves the
   * example out, though it counts in m. Data that are read bring their own: {@link Batch.sampleWeight}. Default: all 1.
   */
  readonly sampleWeight?: Numbers;
  /**
   * w >= 0 of each class, which multiplies `sampleWeight`: a number for each (of one sigmoid unit those of 0 and 1), or
   * `"balanced"`: m / (classes · count) over the examples given, in fit over those that are trained on (a {@link Dataset} is
   * read once for that, a {@link Stream} refused). Default: all 1.
   */
  readonly classWeight?: ClassWeight;
}

/** What {@link Network.gradients} takes. */
export interface GradientOptions extends WeightOptions {
  /** λ >= 0 of the term λ/m·Σ|w|, m being the examples at hand, of layers that have none of their own. Default 0. */
  readonly l1?: number;
  /** λ >= 0 of the term λ/(2m)·Σ‖W‖², likewise. Default 0. */
  readonly l2?: number;
  /** Probability of keeping a hidden unit, in (0, 1]; without hidden layers there is none to drop. Default 1: no dropout. */
  readonly keepProb?: number;
  /**
   * This step's masks instead of random ones: one matrix (m × n_l of 0 and 1) a hidden layer, whose activations
   * become A ⊙ mask / keepProb. For comparison with another program.
   */
  readonly dropoutMasks?: readonly Matrix[];
}

/** What {@link Network.trainStep} takes. */
export interface StepOptions extends GradientOptions {
  /** Owns its state: pass the same object at every step. */
  readonly optimizer: Optimizer;
  /** How gradients are made smaller before the update. Default: not at all. */
  readonly clip?: ClipOptions;
}

/** What {@link Network.fit} takes. */
export interface FitOptions extends WeightOptions {
  /** How often every example is visited: an integer >= 0. There is no default: it depends on the data. */
  readonly epochs: number;
  /**
   * Examples per step: an integer >= 1; m or more is one batch of all (batch gradient descent). Default: min(m, 32).
   * For mini-batches, fit holds a copy of the data set until it ends, of up to 256 MiB in WebAssembly's memory, of a
   * larger one in JavaScript's.
   */
  readonly batchSize?: number;
  /**
   * One that goes on from where it was; or its data form `{ type: "adamW", learningRate: 1e-3 }` or a rule's name
   * `"adamW"`, which stand for a new one of this fit's own. Default: a new adam().
   */
  readonly optimizer?: OptimizerInput;
  /**
   * λ >= 0 of the term λ/m·Σ|w| of the loss, m being the batch's examples, over weights, of layers that have no λ of their
   * own; its gradient is λ/m·sign(w), sign(0) being 0. Default 0.
   */
  readonly l1?: number;
  /**
   * λ >= 0 of the term λ/(2m)·Σ‖W‖², m being the batch's examples, likewise. Default 0. As in scikit-learn, a last batch that
   * is smaller weighs it more: with 129 examples, batchSize 128 and λ 10 the last step of each epoch shrinks the
   * weights by α·10/1, and diverges with α 0.3. Take a batchSize that divides m, or nearly.
   */
  readonly l2?: number;
  /** Probability of keeping a hidden unit, in (0, 1]; without hidden layers there is none to drop. Default 1: no dropout. */
  readonly keepProb?: number;
  /** How gradients are made smaller before each update. Default: not at all. */
  readonly clip?: ClipOptions;
  /**
   * Batches per update: an integer >= 1. Each update is that of one batch of so many times the size (dropout's masks
   * included), while memory is needed for one; batchNorm takes each batch's own statistics. Steps are updates. Default 1.
   */
  readonly accumulate?: number;
  /** Which average of its weights the network is validated and ends with. Default: none, but the last weights. */
  readonly weightAverage?: WeightAverage;
  /** Examples on which it is evaluated after each epoch: `{ x, y }`, or `{ fraction: 0.2 }` of those given. Default none. */
  readonly validation?: Validation;
  /** Epochs from one validation to the next: an integer >= 1. The last epoch is validated always. Default 1. */
  readonly validateEvery?: number;
  /** Metrics of the validation examples, as {@link Network.evaluate} takes them. Default none beside its own. */
  readonly metrics?: readonly Metric[];
  /** Ends it when the validation loss, or what else is monitored, gets no better. Default: never. */
  readonly earlyStopping?: EarlyStopping;
  /** Lowers the learning rate when the validation loss, or what else is monitored, gets no better. Default: never. */
  readonly reduceOnPlateau?: ReduceOnPlateau;
  /** Stops it at a step's end; fit then resolves with the history so far. */
  readonly signal?: AbortSignal;
  /** Called after each epoch; a promise that it returns is waited for. */
  readonly onEpoch?: (report: EpochReport) => unknown;
  /** Called after each step; a promise that it returns is waited for. */
  readonly onStep?: (report: StepReport) => unknown;
  /** Writes down where it is, now and then and at its end, for {@link resumeTraining}. Default: never. */
  readonly checkpoint?: CheckpointOptions;
  /** Called when a checkpoint outlasts a crash; a promise that it returns is waited for. Needs `checkpoint`. */
  readonly onCheckpoint?: (report: CheckpointReport) => unknown;
  /**
   * Whether it warns, once a network, of what makes training go badly: columns of x whose scales lie far apart or
   * that are far from 0 and 1, and a last batch so small that L2 outweighs it. Default true.
   */
  readonly warnings?: boolean;
}

/** What a step on given examples needs besides them. */
export interface GradientSettings extends WeightSettings, Penalties {
  readonly keepProb: number;
  /** Undefined: random ones in training, else none. */
  readonly dropoutMasks: unknown;
  readonly isTraining: boolean;
}

/** Checks the options of `gradients` and fills in the defaults. Raises ConfigError. */
export function resolveGradientOptions(options: GradientOptions): GradientSettings {
  const given = readOptions("gradients", "options", options);
  const { l1 = 0, l2 = 0, keepProb = 1, dropoutMasks, sampleWeight, classWeight } = given;
  if (checkKeepProb(keepProb) < 1 && dropoutMasks === undefined) {
    throw new ConfigError("dropoutMasks", "masks, where keepProb < 1", "undefined");
  }
  const weights = { sampleWeight, classWeight: resolveClassWeight(classWeight) };
  return { ...checkPenalties(l1, l2), keepProb, dropoutMasks, isTraining: false, ...weights };
}

/** The same of `trainStep`. Raises ConfigError. */
export function resolveStepOptions(options: StepOptions): StepSettings & GradientSettings {
  // Read here, once each: a record of what was read would be a hundredth of a small network's step.
  checkOptions("trainStep", "options", options);
  const given: Partial<StepOptions> = options ?? {};
  const { optimizer, l1 = 0, l2 = 0, keepProb = 1, clip, dropoutMasks } = given;
  const { sampleWeight, classWeight } = given;
  return {
    optimizer: checkOptimizer("optimizer", optimizer),
    l1: checkNumber("l1", l1, ...NOT_NEGATIVE),
    l2: checkNumber("l2", l2, ...NOT_NEGATIVE),
    keepProb: checkKeepProb(keepProb),
    clip: resolveClip(clip),
    dropoutMasks,
    sampleWeight,
    classWeight: resolveClassWeight(classWeight),
    isTraining: true,
  };
}

/** What fit was given, checked. */
export interface FitSettings extends EpochSettings {
  /** Whether the optimizer is fit's own, which nobody else refers to. */
  readonly ownsOptimizer: boolean;
  readonly checkpoint: CheckpointSettings | undefined;
  readonly onCheckpoint: ((report: CheckpointReport) => unknown) | undefined;
  readonly classWeight: ClassWeight | undefined;
  readonly validation: ValidationSettings | undefined;
  readonly earlyStopping: EarlyStoppingSettings | undefined;
  readonly reduceOnPlateau: PlateauSettings | undefined;
  readonly weightAverage: AverageSettings | undefined;
}

/** The same of `fit`. Raises ConfigError. */
export function resolveFitOptions(options: FitOptions): FitSettings {
  const given = readOptions("fit", "options", options);
  if (given.onCheckpoint !== undefined && given.checkpoint === undefined) {
    throw new ConfigError("checkpoint", "options such as { path }, since onCheckpoint is given", "undefined");
  }
  return resolveGivenFitOptions(given);
}

/** The settings of fit's options, each of which was read once. Raises ConfigError. */
export function resolveGivenFitOptions(given: Given<FitOptions, "fit">): FitSettings {
  const { epochs, batchSize = DEFAULT_BATCH_SIZE, optimizer = "adam", keepProb = 1 } = given;
  const { l1 = 0, l2 = 0 } = given;
  const { checkpoint, clip, signal, onEpoch, onStep, onCheckpoint, warnings = true } = given;
  const { validation, validateEvery = 1, metrics, earlyStopping, sampleWeight, classWeight } = given;
  const { accumulate = 1, weightAverage, reduceOnPlateau } = given;
  for (const name of ["validateEvery", "metrics"] as const) {
    if (given[name] === undefined || validation !== undefined) continue;
    throw new ConfigError("validation", `examples, since ${name} is given`, "undefined");
  }
  const stopping = earlyStopping === undefined ? undefined : resolveEarlyStopping(earlyStopping);
  const plateau = reduceOnPlateau === undefined ? undefined : resolveReduceOnPlateau(reduceOnPlateau);
  for (const [by, settings] of Object.entries({ earlyStopping: stopping, reduceOnPlateau: plateau })) {
    if (settings === undefined || settings.monitor === "loss" || validation !== undefined) continue;
    throw new ConfigError("validation", `examples, for ${by}'s ${settings.monitor}`, "undefined");
  }
  checkCallback("onEpoch", onEpoch);
  checkCallback("onStep", onStep);
  checkCallback("onCheckpoint", onCheckpoint);
  return {
    epochs: checkEpochs(epochs),
    batchSize: checkInteger("batchSize", batchSize, 1, Number.MAX_SAFE_INTEGER),
    optimizer: toOptimizer("optimizer", optimizer),
    ownsOptimizer: !Optimizer.is(optimizer),
    ...checkPenalties(l1, l2),
    keepProb: checkKeepProb(keepProb),
    clip: resolveClip(clip),
    sampleWeight,
    classWeight: resolveClassWeight(classWeight),
    signal: checkSignal(signal),
    onEpoch,
    onStep,
    checkpoint: checkpoint === undefined ? undefined : resolveCheckpoint(checkpoint),
    onCheckpoint,
    validation:
      validation === undefined
        ? undefined
        : {
            source: resolveValidation(validation),
            every: checkInteger("validateEvery", validateEvery, 1, Number.MAX_SAFE_INTEGER),
            metrics,
          },
    earlyStopping: stopping,
    reduceOnPlateau: plateau,
    accumulate: checkInteger("accumulate", accumulate, 1, Number.MAX_SAFE_INTEGER),
    weightAverage: weightAverage === undefined ? undefined : resolveWeightAverage(weightAverage, epochs),
    warnings: checkBoolean("warnings", warnings),
  };
}

/** An AbortSignal (of another realm too), or undefined. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || isSignal(signal)) return signal;
  throw new ConfigError("signal", "an AbortSignal", describe(signal));
}

function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== "object" || value === null) return false;
  return "aborted" in value && "addEventListener" in value && typeof value.addEventListener === "function";
}

function checkEpochs(value: unknown): number {
  if (value !== undefined) return checkInteger("epochs", value, 0, Number.MAX_SAFE_INTEGER);
  const expected = "how often every example is visited, such as fit(x, y, { epochs: 20 })";
  throw new ConfigError("epochs", expected, "undefined");
}

function checkPenalties(l1: unknown, l2: unknown): Penalties {
  return {
    l1: checkNumber("l1", l1, ...NOT_NEGATIVE),
    l2: checkNumber("l2", l2, ...NOT_NEGATIVE),
  };
}
