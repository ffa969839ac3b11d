import {
  hyperparameterKeys,
  hyperparametersOf,
  type Moment,
  momentsOf,
  toHyperparameters,
  UPDATE_RULES,
} from "../catalog/optimizers.js";
import { KEEP_PROB, NOT_NEGATIVE, POSITIVE, type Range } from "../catalog/ranges.js";
import { architectureOf } from "../config/architecture.js";
import type { Dtype } from "../config/dtype.js";
import type { NetworkConfig } from "../config/network-config.js";
import { checkSchedule, type Schedule } from "../config/schedules.js";
import type { MathName } from "../engine/math.js";
import { ConfigError, FormatError } from "../errors/errors.js";
import { CLIP_LIMITS, type Clip, checkClipFits, NO_CLIP } from "../training/clip.js";
import { NEW_STATE, Optimizer, type OptimizerState } from "../training/optimizer.js";
import { highestRate } from "../training/schedule-facts.js";
import type { FitState, Progress } from "../training/state.js";
import { checkFits, largestSum } from "../training/update-range.js";
import { momentName } from "./checkpoint.js";
import type { CheckpointSchedule } from "./checkpoint-options.js";
import type { Fingerprint } from "./fingerprint.js";
import type { TensorEntry } from "./header.js";
import type { MetadataReader } from "./metadata.js";
import { exactTensors, type Model, modelPlan, TENSOR_TYPE, type TensorPlan } from "./model-file.js";
import { readWatched, watchPlan, watchState } from "./read-watch-state.js";
import { float64s, type Safetensors } from "./safetensors.js";
import { MOST_KEPT } from "./store.js";
import { TENSOR_BYTES } from "./tensor-type.js";

/** A model in the middle of a fit. */
export interface Checkpoint extends Model {
  readonly settings: FitSettings;
  /** Which the fit was begun with. */
  readonly math: MathName;
  /** As it was configured: its state is `optimizerState`, and v, s stand in the file. */
  readonly optimizer: Optimizer;
  readonly optimizerState: OptimizerState;
  readonly moments: readonly TensorEntry[];
  readonly state: FitState;
  readonly data: Fingerprint;
  readonly validationData: Fingerprint | undefined;
  readonly schedule: CheckpointSchedule;
}

interface FitSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly accumulate: number;
  readonly l1: number;
  readonly l2: number;
  readonly keepProb: number;
  readonly clip: Clip;
}

/** Reads what a checkpoint holds besides the model's metadata. Raises FormatError. */
export function readCheckpoint(
  file: Safetensors,
  metadata: MetadataReader,
  model: Omit<Model, "file" | "parameters">,
): Checkpoint {
  const { dtype } = model.config;
  const optimizer = readOptimizer(metadata, dtype);
  const settings = readSettings(metadata, model.config);
  const math: MathName = metadata.has("fit.math") ? metadata.choice("fit.math", ["fast"]) : "exact";
  const data = readFingerprint(metadata, "data");
  const { cursor, firstStep, epochs } = readPosition(metadata, settings, data.rows, model.progress);
  // It took every step of this fit, and may have taken others of the network before it.
  const steps = metadata.integer("optimizer.steps", model.progress.steps - firstStep, model.progress.steps);
  const schedule = readSchedule(metadata);
  const watched = readWatched(metadata, { epochs, steps: model.progress.steps - firstStep }, settings.epochs);
  const validationData = watched.scores === undefined ? undefined : readFingerprint(metadata, "validation");
  const reduced = readReduction(metadata, optimizer);
  metadata.finish();

  const moments = momentsOf(optimizer.rule, optimizer.hyperparameters).map(momentName);
  const rateChanges =
    typeof optimizer.learningRate !== "number" || watched.plateau !== undefined || reduced.reduction !== 1;
  const plan = watchPlan(file, model.config, watched);
  const rates: TensorPlan = { name: "history.learningRate", dtype: "F64", shape: [epochs] };
  const [loss, partial, powers, ...more] = exactTensors(file, [
    { name: "history.loss", dtype: "F64", shape: [epochs] },
    { name: "history.partial", dtype: "F64", shape: [1] },
    { name: "optimizer.powers", dtype: "F64", shape: [2] },
    ...(rateChanges ? [rates] : []),
    ...modelPlan(model.config),
    ...moments.map((name) => momentPlan(name, model.config)),
    ...plan,
  ]) as [TensorEntry, TensorEntry, TensorEntry, ...TensorEntry[]];
  const [changing, rest] = rateChanges ? [more[0], more.slice(1)] : [undefined, more];
  const tensors = rest.splice(rest.length - plan.length);
  const split = rest.length - moments.length;
  const checkpoint = {
    ...model,
    file,
    parameters: rest.slice(0, split),
    moments: rest.slice(split),
    settings,
    math,
    optimizer,
    optimizerState: { ...readPowers(file, powers, optimizer, steps), ...reduced },
    state: {
      loss: [...float64s(file, loss)],
      learningRate: readRates(file, changing, optimizer, epochs),
      weighted: readPartial(file, partial, cursor),
      cursor,
      firstStep,
      ...watchState(file, tensors, watched, epochs),
    },
    data,
    validationData,
    schedule,
  };
  checkMoments(checkpoint);
  return checkpoint;
}

/** Σ loss · examples of the epoch under way: 0 between two epochs. */
function readPartial(file: Safetensors, partial: TensorEntry, cursor: number): number {
  const [weighted = 0] = float64s(file, partial);
  if (cursor > 0 || weighted === 0) return weighted;
  const at = file.dataStart + partial.start;
  throw new FormatError("range", at, "history.partial", "0 between two epochs", `${weighted}`);
}

function momentPlan(name: string, config: NetworkConfig): TensorPlan {
  return { name, dtype: TENSOR_TYPE[config.dtype], shape: [architectureOf(config).parameterCount] };
}

function readOptimizer(metadata: MetadataReader, dtype: Dtype): Optimizer {
  const rule = metadata.choice("optimizer", UPDATE_RULES);
  const hyperparameters = toHyperparameters(rule, ({ key, range, optional }) => {
    const place = `optimizer.${key}`;
    if (!optional) return metadata.number(place, ...range);
    return metadata.has(place)
      ? metadata.number(place, `${range[0]}, and not 0`, (n) => n !== 0 && range[1](n))
      : 0;
  });
  for (const key of hyperparameterKeys(rule, hyperparameters)) {
    if (hyperparametersOf(rule).some((row) => row.key === key)) continue;
    metadata.number(`optimizer.${key}`, `0, for ${rule}`, (value) => value === 0);
  }
  const optimizer = new Optimizer(
    rule,
    hyperparameters,
    readLearningRate(metadata, hyperparameters.learningRate),
  );
  try {
    checkFits(rule, optimizer.hyperparameters, dtype);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw metadata.invalid(`optimizer.${error.path}`, error.expected);
  }
  return optimizer;
}

/** The schedule, of which the highest rate stands among the hyperparameters too, or that rate. */
function readLearningRate(metadata: MetadataReader, highest: number): number | Schedule {
  const key = "optimizer.schedule";
  if (!metadata.has(key)) return highest;
  const given = metadata.json(key);
  if (typeof given !== "object" || given === null) throw metadata.invalid(key, "a schedule");
  let schedule: Schedule;
  try {
    schedule = checkSchedule(key, given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw metadata.invalid(key, `${error.path}: ${error.expected}`);
  }
  if (JSON.stringify(schedule) !== metadata.text(key).text)
    throw metadata.invalid(key, JSON.stringify(schedule));
  if (highestRate(schedule) !== highest) throw metadata.invalid("optimizer.learningRate", `${key}'s highest`);
  return schedule;
}

/** What the rate was multiplied by, and the lowest that this may make it. */
function readReduction(
  metadata: MetadataReader,
  { hyperparameters }: Optimizer,
): Pick<OptimizerState, "reduction" | "lowest"> {
  const [ofReduction, ofLowest] = ["optimizer.reduction", "optimizer.lowest"] as const;
  const { learningRate } = hyperparameters;
  const reduction = metadata.has(ofReduction)
    ? metadata.number(ofReduction, "a number in [0, 1)", (value) => value >= 0 && value < 1)
    : NEW_STATE.reduction;
  if (!metadata.has(ofLowest)) return { reduction, lowest: NEW_STATE.lowest };
  const isLower = (value: number) => value > 0 && value < learningRate && reduction < 1;
  return { reduction, lowest: metadata.number(ofLowest, "a number below the learning rate", isLower) };
}

/** Of each finished epoch the rate of its last step. */
function readRates(
  file: Safetensors,
  tensor: TensorEntry | undefined,
  { hyperparameters }: Optimizer,
  epochs: number,
): number[] {
  if (tensor === undefined) return new Array<number>(epochs).fill(hyperparameters.learningRate);
  checkRange(file, tensor, "numbers >= 0", (rate) => rate >= 0);
  return [...float64s(file, tensor)];
}

function readSettings(metadata: MetadataReader, config: NetworkConfig): FitSettings {
  const settings = {
    epochs: metadata.integer("fit.epochs", 1),
    batchSize: metadata.integer("fit.batchSize", 1),
    accumulate: metadata.has("fit.accumulate") ? metadata.integer("fit.accumulate", 2) : 1,
    l1: metadata.has("fit.l1") ? metadata.number("fit.l1", ...POSITIVE) : 0,
    l2: metadata.number("fit.l2", ...NOT_NEGATIVE),
    keepProb: metadata.number("fit.keepProb", ...KEEP_PROB),
    clip: readClip(metadata, config.dtype),
  };
  if (settings.keepProb === 1 || !("layers" in config)) return settings;
  throw metadata.invalid("fit.keepProb", "1, where layers say what is dropped");
}

function readClip(metadata: MetadataReader, dtype: Dtype): Clip {
  const given = CLIP_LIMITS.filter((name) => metadata.has(`fit.clip.${name}`));
  const limits = given.map((name) => [name, metadata.number(`fit.clip.${name}`, ...POSITIVE)]);
  const clip: Clip = { ...NO_CLIP, ...Object.fromEntries(limits) };
  try {
    checkClipFits(clip, dtype);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw metadata.invalid(`fit.${error.path}`, error.expected);
  }
  return clip;
}

function readFingerprint(metadata: MetadataReader, of: "data" | "validation"): Fingerprint {
  return {
    rows: metadata.integer(`${of}.rows`, 1),
    x: metadata.digest(`${of}.x`),
    y: metadata.digest(`${of}.y`),
    ...(metadata.has(`${of}.weights`) && { weights: metadata.digest(`${of}.weights`) }),
  };
}

/** Where the fit is. The numbers say it more than once, and must agree. */
function readPosition(
  metadata: MetadataReader,
  { batchSize, accumulate, epochs }: FitSettings,
  rows: number,
  progress: Progress,
): { cursor: number; firstStep: number; epochs: number } {
  if (batchSize > rows) throw metadata.invalid("fit.batchSize", `at most data.rows = ${rows}`);
  const cursor = metadata.integer("fit.cursor", 0, rows - 1);
  const firstStep = metadata.integer("fit.firstStep", 0, progress.steps);
  const size = Math.min(batchSize * accumulate, rows);
  const stepsPerEpoch = Math.ceil(rows / size);
  const stepsOfEpoch = cursor / size;
  const finished = (progress.steps - firstStep - stepsOfEpoch) / stepsPerEpoch;
  if (!Number.isInteger(stepsOfEpoch)) throw metadata.invalid("fit.cursor", `a multiple of ${size}`);
  if (!Number.isInteger(finished) || finished < 0 || finished > epochs - Math.sign(cursor)) {
    throw metadata.invalid("progress.steps", "as many as the finished epochs and the cursor make");
  }
  if (progress.step !== (cursor > 0 ? stepsOfEpoch : stepsPerEpoch)) {
    throw metadata.invalid("progress.step", "as many as the cursor makes");
  }
  const before = progress.epoch - finished - Math.sign(cursor);
  if (before < 0 || before > firstStep) {
    throw metadata.invalid("progress.epoch", "this fit's epochs, and before them at most one per step");
  }
  return { cursor, firstStep, epochs: finished };
}

function readSchedule(metadata: MetadataReader): CheckpointSchedule {
  return {
    bestOnly:
      metadata.has("checkpoint.bestOnly") && metadata.choice("checkpoint.bestOnly", ["true"]) === "true",
    everySteps: metadata.has("checkpoint.everySteps")
      ? metadata.integer("checkpoint.everySteps", 1)
      : undefined,
    everySeconds: metadata.has("checkpoint.everySeconds")
      ? metadata.number("checkpoint.everySeconds", ...POSITIVE)
      : undefined,
    keep: metadata.integer("checkpoint.keep", 0, MOST_KEPT),
  };
}

/** β₁ᵗ and β₂ᵗ: 1 before the first step, at most β after it. */
function readPowers(
  file: Safetensors,
  powers: TensorEntry,
  { rule, hyperparameters }: Optimizer,
  steps: number,
): Omit<OptimizerState, "reduction" | "lowest"> {
  const [beta1, beta2] = [0, 1].map((power) => {
    const decay = hyperparametersOf(rule).find((row) => row.power === power);
    return decay === undefined ? 0 : (hyperparameters[decay.key] ?? 0);
  }) as [number, number];
  const [power1 = 0, power2 = 0] = float64s(file, powers);
  const isPower = (power: number, beta: number) => (steps === 0 ? power === 1 : power >= 0 && power <= beta);
  if (isPower(power1, beta1) && isPower(power2, beta2)) return { steps, power1, power2 };
  const expected = `powers of ${beta1} and ${beta2}`;
  throw new FormatError(
    "range",
    file.dataStart + powers.start,
    "optimizer.powers",
    expected,
    `${power1} and ${power2}`,
  );
}

/** No entry of s is negative (its root is taken), none of v beyond what a gradient may be, and none of u beyond a step. */
function checkMoments({ file, moments, optimizer, config }: Checkpoint): void {
  // v is a mean of such gradients, each of its steps rounded: at most twice them, as update-range.ts says, and a little.
  const { rule, hyperparameters } = optimizer;
  const ranges: Readonly<Record<Moment, Range>> = {
    v: within(2.01 * optimizer.largestGradient(config.dtype)),
    u: within(1.01 * largestSum(hyperparameters, config.dtype)),
    s: ["numbers >= 0", (s) => s >= 0],
  };
  momentsOf(rule, hyperparameters).forEach((moment, i) => {
    const tensor = moments[i];
    if (tensor !== undefined) checkRange(file, tensor, ...ranges[moment]);
  });
}

function within(largest: number): Range {
  return [`at most ${largest.toExponential(1)}`, (value) => Math.abs(value) <= largest];
}

function checkRange(
  { bytes, dataStart }: Safetensors,
  { name, dtype, start, end }: TensorEntry,
  expected: string,
  holds: (value: number) => boolean,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart);
  for (let at = start; at < end; at += TENSOR_BYTES[dtype]) {
    const value = dtype === "F32" ? view.getFloat32(at, true) : view.getFloat64(at, true);
    if (!holds(value)) throw new FormatError("range", dataStart + at, name, expected, `${value}`);
  }
}
