import type { BatchMemory } from "./batch-memory.js";
import { type BatchSource, openBatchSource } from "./batch-source.js";
import { Breath, breathing } from "./breath.js";
import { settled } from "./callback.js";
import type { Dtype, NetworkConfig } from "./config.js";
import { toExamples } from "./data.js";
import { type Dropout, randomMasks } from "./dropout.js";
import { NumericError, StateError } from "./errors.js";
import type { CheckpointSettings } from "./files/checkpoint-options.js";
import { type CheckpointReport, type Checkpoints, startCheckpoints } from "./files/checkpoints.js";
import type { Fingerprint } from "./files/fingerprint.js";
import type { Layers } from "./layers.js";
import type { Metadata } from "./metadata.js";
import type { Optimizer } from "./optimizer.js";
import type { Place, Seeds } from "./random.js";
import { warnOfFirstLoss, warnOfLastBatch, warnOfScales } from "./training-warnings.js";

/** Where a network is in its training. Epoch and step key the random streams. */
export interface Progress {
  /** Epochs of fit that have had a step. */
  epoch: number;
  /** Steps taken since the present epoch began. */
  step: number;
  /** Steps taken in all. */
  steps: number;
}

/** What a step needs besides the batch. */
export interface StepSettings {
  readonly optimizer: Optimizer;
  /** λ of L2. */
  readonly l2: number;
  readonly keepProb: number;
}

/** What training is about: one network and its state. */
export interface Trainee {
  readonly config: NetworkConfig;
  readonly seeds: Seeds;
  readonly layers: Layers;
  readonly progress: Progress;
  /** The user's own texts, for the files. */
  readonly metadata: Metadata;
}

/** Reported after each step. */
export interface StepReport {
  /** 1 … epochs of this fit. */
  readonly epoch: number;
  /** 1 … steps of an epoch. */
  readonly step: number;
  /** Steps an epoch has. */
  readonly stepsPerEpoch: number;
  /** Loss of this batch before its update, L2 term included. */
  readonly loss: number;
  /** Examples in this batch. */
  readonly examples: number;
}

/** Reported after each epoch. */
export interface EpochReport {
  /** 1 … epochs of this fit. */
  readonly epoch: number;
  /** Mean of the batches' losses, weighted by their examples. */
  readonly loss: number;
  /** Loss of the epoch's last batch. */
  readonly lastLoss: number;
}

/** What fit resolves to. */
export interface History {
  /** One an epoch that was finished: the mean of its batches' losses, weighted by their examples. */
  readonly loss: number[];
  /** Steps taken. */
  readonly steps: number;
  /** `"epochs"` when all were run, `"signal"` when the AbortSignal ended it. */
  readonly stoppedBy: "epochs" | "signal";
  /** Why the signal ended it: its own reason, what `abort(reason)` was given or an AbortError or TimeoutError. */
  readonly reason?: unknown;
}

export interface EpochSettings extends StepSettings {
  readonly epochs: number;
  /** Examples a step, where there are as many. */
  readonly batchSize: number;
  readonly signal: AbortSignal | undefined;
  readonly onEpoch: ((report: EpochReport) => unknown) | undefined;
  readonly onStep: ((report: StepReport) => unknown) | undefined;
  readonly checkpoint: CheckpointSettings | undefined;
  readonly onCheckpoint: ((report: CheckpointReport) => unknown) | undefined;
  readonly warnings: boolean;
}

/** What fit was given. */
export interface FitSettings extends Omit<EpochSettings, "optimizer"> {
  /** Undefined: one of fit's own, which nobody else refers to. */
  readonly optimizer: Optimizer | undefined;
}

/** How far a fit has come, apart from the network's own progress. */
export interface FitState {
  /** One an epoch that was finished. */
  readonly loss: number[];
  /** Examples of the present epoch's order that were visited. */
  cursor: number;
  /** Σ loss · examples over the present epoch's batches. */
  weighted: number;
  /** The network's steps before this fit. */
  readonly firstStep: number;
  /** The data set that it was begun with, in a fit that is taken up again. */
  readonly data?: Fingerprint;
}

/** The epoch loop: batches in their seeded order, one step each, callbacks, checkpoints, abort. */
export async function runEpochs(
  trainee: Trainee,
  x: unknown,
  y: unknown,
  settings: EpochSettings,
  state: FitState = { loss: [], cursor: 0, weighted: 0, firstStep: trainee.progress.steps },
): Promise<History> {
  const { layers, progress } = trainee;
  const { loss } = state;
  const history = (stoppedBy: History["stoppedBy"]) => ({
    loss,
    steps: progress.steps - state.firstStep,
    stoppedBy,
    ...(stoppedBy === "signal" && { reason: settings.signal?.reason }),
  });
  const breath = new Breath();
  const started = await breathing(start(trainee, x, y, settings, state, breath), breath);
  if (typeof started === "string") return history(started);

  const { m, size, batch, source, checkpoints, scales } = started;
  const stepsPerEpoch = Math.ceil(m / size);
  try {
    layers.instance.checkUsable();
    const firstPenalty =
      progress.steps === 0 && settings.warnings ? penalizedLoss(layers, 0, size, settings.l2) : 0;
    for (let epoch = loss.length + 1; epoch <= settings.epochs; epoch++) {
      let place: Place = state.cursor > 0 ? progress : { epoch: progress.epoch + 1, step: 0 };
      source.begin(place.epoch);
      let lastLoss = 0;
      while (state.cursor < m) {
        if (breath.due()) {
          await breath.take();
          layers.instance.checkUsable();
        }
        if (settings.signal?.aborted) {
          await checkpoints?.save();
          return history("signal");
        }
        const rows = Math.min(size, m - state.cursor);
        source.gather(state.cursor, rows);
        lastLoss = takeStep(trainee, batch, rows, settings, place);
        place = progress;
        if (progress.steps === 1 && settings.warnings) {
          warnOfFirstLoss(layers, scales, lastLoss - firstPenalty);
        }
        state.weighted += lastLoss * rows;
        state.cursor += rows;
        if (settings.onStep !== undefined) {
          const report = { epoch, step: progress.step, stepsPerEpoch, loss: lastLoss, examples: rows };
          await settled(settings.onStep(report), settings.signal);
        }
        if (state.cursor < m && checkpoints?.due()) await checkpoints.save();
      }
      loss.push(state.weighted / m);
      state.weighted = 0;
      state.cursor = 0;
      if (settings.onEpoch !== undefined) {
        await settled(settings.onEpoch({ epoch, loss: loss[epoch - 1] ?? 0, lastLoss }), settings.signal);
      }
      if (checkpoints?.due()) await checkpoints.save();
    }
  } finally {
    source.release();
  }
  await checkpoints?.save();
  return history("epochs");
}

/** What the epoch loop needs, or why it has nothing to do. */
type Started =
  | History["stoppedBy"]
  | {
      readonly m: number;
      readonly size: number;
      readonly batch: BatchMemory;
      readonly source: BatchSource;
      readonly checkpoints: Checkpoints | undefined;
      /** Of x's columns, where they were looked at. */
      readonly scales: Float64Array | undefined;
    };

/**
 * Reads the data set into a copy. A generator, with no other pause than its own: unless they take long, all is read
 * before fit returns its promise.
 */
function* start(
  trainee: Trainee,
  x: unknown,
  y: unknown,
  settings: EpochSettings,
  state: FitState,
  breath: Breath,
): Generator<void, Started> {
  const { layers, config, seeds } = trainee;
  // What a checkpoint says of the data takes long to make, and must be of the data that are used.
  const ownership = settings.checkpoint === undefined ? "borrowed" : "copied";
  const examples = yield* toExamples(x, y, config, layers.instance, ownership);
  if (settings.epochs === 0) return "epochs";
  if (settings.signal?.aborted) return "signal";

  const { m } = examples;
  const size = Math.min(settings.batchSize, m);
  const scales = settings.warnings ? warnOfScales(layers, examples) : undefined;
  if (settings.warnings) warnOfLastBatch(layers, m, size, settings.l2);
  const checkpoints = yield* startCheckpoints(trainee, examples, settings, state, breath);
  settings.optimizer.attach(layers);
  const batch = layers.trainingMemory(size, settings.keepProb < 1);
  const source = yield* openBatchSource(layers, batch, examples, { size, seed: seeds.shuffle });
  return { m, size, batch, source, checkpoints, scales };
}

/**
 * One step on the first `rows` examples in the batch's memory: forward, loss, backward, update.
 * Whole or not at all: a loss or gradient that isn't finite raises NumericError before anything changes.
 * @param place - keys the masks; the training's place becomes the one behind it
 * @returns the loss before the update, L2 term included
 */
export function takeStep(
  trainee: Trainee,
  batch: BatchMemory,
  rows: number,
  settings: StepSettings,
  place: Place = trainee.progress,
  dropout = randomDropout(trainee, settings.keepProb, place),
): number {
  const { layers, progress } = trainee;
  const { optimizer } = settings;
  checkCountable(progress.steps, place, optimizer.steps);
  const loss = lossBefore(trainee, batch, rows, settings.l2, dropout);
  const bound = layers.backward(batch, rows, settings.keepProb, settings.l2 / rows);
  checkGradients(trainee, bound, optimizer.gradientLimit);
  optimizer.update(layers);
  progress.epoch = place.epoch;
  progress.step = place.step + 1;
  progress.steps += 1;
  return loss;
}

/** Beyond it a count plus 1 is no other number. */
const LARGEST_COUNT = Number.MAX_SAFE_INTEGER;

/** Raises StateError where a step could not be counted: a file may say that there were so many. */
function checkCountable(steps: number, place: Place, optimizerSteps: number): void {
  if (steps < LARGEST_COUNT && optimizerSteps < LARGEST_COUNT) {
    if (place.epoch <= LARGEST_COUNT && place.step < LARGEST_COUNT) return;
  }
  const counts = `epoch ${place.epoch}, ${place.step} steps in it, ${steps} in all, ${optimizerSteps} by the optimizer`;
  throw new StateError("network", `at most ${LARGEST_COUNT} epochs and steps, this one included`, counts);
}

/** Dropout with this step's own masks; none with keepProb 1. */
export function randomDropout(trainee: Trainee, keepProb: number, place: Place): Dropout | undefined {
  if (keepProb === 1) return undefined;
  const { layers, seeds } = trainee;
  return { keepProb, masks: randomMasks(layers.kernels, keepProb, seeds.dropout, place) };
}

/**
 * The gradients block ← d loss / d parameters; returns the loss, λ/(2m)·Σ‖W‖² included.
 * Raises NumericError for a loss or gradient that isn't finite.
 */
export function lossAndGradients(
  trainee: Trainee,
  batch: BatchMemory,
  rows: number,
  l2: number,
  dropout: Dropout | undefined,
): number {
  const loss = lossBefore(trainee, batch, rows, l2, dropout);
  const bound = trainee.layers.backward(batch, rows, dropout?.keepProb ?? 1, l2 / rows);
  checkGradients(trainee, bound, LARGEST[trainee.config.dtype]);
  return loss;
}

/** The largest finite number. */
const LARGEST: Record<Dtype, number> = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE };

/** So that 2⁵³ of them have a finite sum: an epoch's loss is the mean of its steps'. */
const LARGEST_LOSS = 2 ** 970;

/** The loss with the parameters as they are, and dZ_L. Raises NumericError for one that isn't finite. */
export function lossBefore(
  trainee: Trainee,
  batch: BatchMemory,
  rows: number,
  l2: number,
  dropout: Dropout | undefined,
): number {
  const { layers } = trainee;
  layers.forward(batch, rows, dropout);
  const loss = penalizedLoss(layers, layers.lossSum(batch, rows, true), rows, l2);
  if (!(loss <= LARGEST_LOSS)) throw nonFiniteLoss(trainee, batch, rows, loss);
  return loss;
}

/** Σ losses / m + λ/(2m)·Σ‖W‖² */
export function penalizedLoss(layers: Layers, lossSum: number, rows: number, l2: number): number {
  const penalty = l2 === 0 ? 0 : (l2 / (2 * rows)) * layers.squaredWeights();
  return lossSum / rows + penalty;
}

/** Names the first layer whose activations aren't finite. */
function nonFiniteLoss(trainee: Trainee, batch: BatchMemory, rows: number, loss: number): NumericError {
  const { layers, progress } = trainee;
  const at = layers.firstNonFinite(batch, rows);
  const expected = Number.isFinite(loss) ? `a loss up to ${LARGEST_LOSS.toExponential(1)}` : "a finite loss";
  const place = at === undefined ? "" : ", its activations aren't finite";
  return new NumericError(at ?? layers.dense.length, progress.steps + 1, expected, `${loss}${place}`);
}

/** Raises NumericError where a gradient is beyond `limit`; looks at them where their bound is. */
function checkGradients({ layers, progress }: Trainee, bound: number, limit: number): void {
  if (bound <= limit) return;
  const expected = `gradients up to ${limit.toExponential(1)}`;
  for (const layer of [...layers.dense].reverse()) {
    const length = layer.outputs * (layer.inputs + 1);
    const largest = layers.kernels.largestMagnitude(layer.weightGradients, length);
    if (!(largest <= limit)) throw new NumericError(layer.index, progress.steps + 1, expected, `${largest}`);
  }
}
