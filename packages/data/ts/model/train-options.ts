import type {
  ClipOptions,
  ComputeOptions,
  FitOptions,
  History,
  Layer,
  Metric,
  NumberLoss,
  Optimizer,
} from "layerwise";
import { ConfigError } from "layerwise";
import { PIPELINE_NAMES, type PipelineOptions } from "../pipeline/options.js";
import { describe } from "../platform/describe.js";
import {
  checkBoolean,
  checkFunctions,
  checkInteger,
  checkNumber,
  checkOptions,
} from "../platform/options.js";
import { COMPUTE_NAMES, computeOf } from "./compute.js";
import { type CheckpointSettings, checkCheckpoint, type TrainCheckpoint } from "./training-checkpoint.js";

/** An epoch of one of the networks that are trained. */
export interface TrainingReport {
  /** Which network, from 0, of how many. */
  readonly network: number;
  readonly networks: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  /** Loss and metrics on the validation rows; undefined without validation. */
  readonly validation: Readonly<Record<string, number>> | undefined;
  /** Rows that were trained on in this epoch. */
  readonly rows: number;
}

/** A network that was trained. */
export interface NetworkReport {
  /** Which one, from 0, of how many. */
  readonly network: number;
  readonly networks: number;
  /** From its first epoch, in a training that was taken up again too. */
  readonly history: History;
}

/** What {@link trainModel} takes: `fitPipeline`'s options, and those of networks, their training and what computes them. */
export interface TrainOptions extends PipelineOptions, ComputeOptions {
  /** How many networks are trained, each with validation rows of its own, and averaged. Default 4, 12 of fewer than 2,000 rows. */
  readonly networks?: number;
  /**
   * Widths of the hidden layers, with `activation`, `keepProb` and `skip`, or the hidden layers themselves. Default [256, 128]. Of
   * fewer than 2,000 rows networks are of three kinds by turns: these, [64, 32], and [100] with activation "relu" and without skip;
   * `activation` and `skip` that are given are all three's.
   */
  readonly layers?: readonly number[] | readonly Layer[];
  /** Of hidden layers that are given by their widths. Default "silu". */
  readonly activation?: "relu" | "silu" | "gelu" | "mish" | "selu" | "tanh" | "softplus";
  /** Probability of keeping a hidden unit of such layers in training, in (0, 1]. Default 0.85. */
  readonly keepProb?: number;
  /**
   * Whether such layers add to x, brought back to its width, before the last layer: what is linear is then learnt as such. Default
   * true.
   */
  readonly skip?: boolean;
  /** Of targets that are numbers. Default "meanSquaredError". */
  readonly loss?: NumberLoss;
  /** Share of a class's target that goes to the others, in [0, 1). Default 0.05. */
  readonly labelSmoothing?: number;
  /** Default 200. */
  readonly epochs?: number;
  /** Default: a fortieth of the rows, rounded down to a power of two, in [16, 256]. */
  readonly batchSize?: number;
  /** Highest rate of adamW; it rises in the first 2 % of the steps and falls along half a cosine. Default 0.002. */
  readonly learningRate?: number;
  /** Default 0.01. */
  readonly weightDecay?: number;
  /** Makes an optimizer for each network, in place of adamW and its schedule. */
  readonly optimizer?: () => Optimizer;
  /** How gradients are made smaller, as `fit` takes it; false: not at all. Default `{ norm: 1 }`. */
  readonly clip?: ClipOptions | false;
  /** λ of L2, as `fit` takes it. Default 0. */
  readonly l2?: number;
  /**
   * The share of the rows by which each network's best epoch is chosen, of each class alike where there are classes; false: none,
   * and the last epoch is taken. Default `{ fraction: 0.15 }`.
   */
  readonly validation?: { readonly fraction: number } | false;
  /** When training ends for want of progress, as `fit` takes it; false: never. Default `{ patience: 25 }`. */
  readonly earlyStopping?: NonNullable<FitOptions["earlyStopping"]> | false;
  /** Further metrics of the validation rows, as the core's `fit` takes them. */
  readonly metrics?: readonly Metric[];
  /** From which everything random follows. Default 0. */
  readonly seed?: number;
  readonly dtype?: "float32" | "float64";
  /** Ends training with what is best so far: the networks that are trained, or where none is the best epoch of the first. */
  readonly signal?: AbortSignal;
  /** Called after each epoch; a promise that it returns is waited for. */
  readonly onEpoch?: (report: TrainingReport) => unknown;
  /** Called after each network; a promise that it returns is waited for. */
  readonly onNetwork?: (report: NetworkReport) => unknown;
  /** Where training is written down while it goes on, and whether it goes on from there, to the bits of one that wasn't interrupted. */
  readonly checkpoint?: TrainCheckpoint;
}

export const TRAIN_NAMES = [
  ...PIPELINE_NAMES,
  "networks",
  "layers",
  "activation",
  "keepProb",
  "skip",
  "loss",
  "labelSmoothing",
  "epochs",
  "batchSize",
  "learningRate",
  "weightDecay",
  "optimizer",
  "clip",
  "l2",
  "validation",
  "earlyStopping",
  "metrics",
  "seed",
  "dtype",
  ...COMPUTE_NAMES,
  "signal",
  "onEpoch",
  "onNetwork",
  "checkpoint",
] as const satisfies readonly (keyof TrainOptions)[];

/** Widths of hidden layers, with what goes for each, or the layers themselves. */
export interface HiddenLayers {
  readonly layers: readonly number[] | readonly Layer[];
  readonly activation: NonNullable<TrainOptions["activation"]>;
  readonly skip: boolean;
}

const LARGE: HiddenLayers = { layers: [256, 128], activation: "silu", skip: true };
const SMALL: HiddenLayers = { layers: [64, 32], activation: "silu", skip: true };
const PLAIN: HiddenLayers = { layers: [100], activation: "relu", skip: false };

/** Of fewer rows it differs from table to table which kind errs least, and networks of all three together err less than those of one. */
const FEW_ROWS = 2000;
const OF_FEW_ROWS = { networks: 12, kinds: [LARGE, SMALL, PLAIN] };
const OF_MANY_ROWS = { networks: 4, kinds: [LARGE] };

/** With their defaults; what the core checks is left to it. */
export interface TrainSettings {
  readonly networks: number;
  /** The hidden layers of the networks, by turns. */
  readonly kinds: readonly HiddenLayers[];
  readonly keepProb: number;
  readonly loss: NumberLoss;
  readonly labelSmoothing: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly optimizer: (() => Optimizer) | undefined;
  readonly clip: ClipOptions | false;
  readonly l2: number;
  readonly validation: { readonly fraction: number } | false;
  readonly earlyStopping: NonNullable<FitOptions["earlyStopping"]> | false;
  readonly metrics: readonly Metric[] | undefined;
  readonly seed: number;
  readonly dtype: "float32" | "float64";
  /** Those that were given. */
  readonly compute: ComputeOptions;
  readonly signal: AbortSignal | undefined;
  readonly onEpoch: ((report: TrainingReport) => unknown) | undefined;
  readonly onNetwork: ((report: NetworkReport) => unknown) | undefined;
  readonly checkpoint: CheckpointSettings | undefined;
}

/** Raises ConfigError. */
export function resolveTrainOptions(options: TrainOptions, rows: number): TrainSettings {
  const given = checkOptions("trainModel", options, TRAIN_NAMES);
  const own = rows < FEW_ROWS ? OF_FEW_ROWS : OF_MANY_ROWS;
  const { networks = own.networks, keepProb = 0.85, labelSmoothing = 0.05 } = given;
  const { epochs = 200, batchSize = batchSizeOf(rows), learningRate = 0.002, weightDecay = 0.01 } = given;
  const { clip = { norm: 1 }, validation = { fraction: 0.15 }, earlyStopping = { patience: 25 } } = given;
  const { l2 = 0, seed = 0, onEpoch, onNetwork, optimizer, checkpoint } = given;
  checkFunctions({ onEpoch, onNetwork, optimizer });
  const most = Number.MAX_SAFE_INTEGER;
  return {
    networks: checkInteger("networks", networks, 1, 64),
    kinds: kindsOf(given, own.kinds),
    keepProb: checkNumber("keepProb", keepProb, (p) => p > 0 && p <= 1, "a number in (0, 1]"),
    loss: given.loss ?? "meanSquaredError",
    labelSmoothing: checkNumber(
      "labelSmoothing",
      labelSmoothing,
      (s) => s >= 0 && s < 1,
      "a number in [0, 1)",
    ),
    epochs: checkInteger("epochs", epochs, 1, most),
    batchSize: checkInteger("batchSize", batchSize, 1, most),
    learningRate: checkNumber("learningRate", learningRate, (rate) => rate > 0, "a number above 0"),
    weightDecay: checkNumber("weightDecay", weightDecay, (decay) => decay >= 0, "a number of 0 or more"),
    optimizer,
    clip,
    l2,
    validation: validation === false ? false : checkValidation(validation),
    earlyStopping,
    metrics: given.metrics,
    seed: checkInteger("seed", seed, 0, most - 64),
    dtype: given.dtype ?? "float32",
    compute: computeOf(given),
    signal: given.signal,
    onEpoch,
    onNetwork,
    checkpoint: checkpoint === undefined ? undefined : checkCheckpoint(checkpoint),
  };
}

/** Each kind with what was given in its place; layers that are given are the only kind. */
function kindsOf(
  { layers, activation, skip }: Partial<TrainOptions>,
  kinds: readonly HiddenLayers[],
): HiddenLayers[] {
  if (layers !== undefined && !Array.isArray(layers))
    throw new ConfigError("layers", "a list of widths or layers", describe(layers));
  const given = {
    ...(activation !== undefined && { activation }),
    ...(skip !== undefined && { skip: checkBoolean("skip", skip) }),
  };
  if (layers !== undefined) return [{ ...LARGE, ...given, layers }];
  return kinds.map((kind) => ({ ...kind, ...given }));
}

function checkValidation(given: unknown): { readonly fraction: number } {
  if (typeof given !== "object" || given === null) {
    throw new ConfigError("validation", "{ fraction }, or false", describe(given));
  }
  const { fraction } = checkOptions<{ fraction: number }>("validation", given as { fraction: number }, [
    "fraction",
  ]);
  const holds = (share: number) => share > 0 && share < 1;
  return { fraction: checkNumber("validation.fraction", fraction, holds, "a number in (0, 1)") };
}

/** A fortieth of the rows, rounded down to a power of two, in [16, 256]. */
function batchSizeOf(rows: number): number {
  let size = 16;
  while (size < 256 && size * 2 * 40 <= rows) size *= 2;
  return size;
}
