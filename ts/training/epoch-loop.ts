import type { Position } from "../config/seeds.js";
import { isRead } from "../data/dataset.js";
import { type Examples, toExamples } from "../data/examples.js";
import { MOST_STEPS } from "../engine/engine.js";
import { Accumulation } from "../model/accumulation.js";
import type { BatchMemory } from "../model/batch-memory.js";
import { dropoutOf } from "../model/dropout.js";
import { checkBatch } from "../model/least-batch.js";
import { penaltyOf } from "../model/penalty.js";
import { Breath, breathing, LONGEST_WITHOUT } from "../platform/breath.js";
import { type BatchSource, openBatchSource } from "./batch-source.js";
import { settled } from "./callback.js";
import type { Observer, Watch } from "./observer.js";
import { openReading } from "./open-reading.js";
import type { Reading } from "./reading.js";
import type { EpochReport, EpochSettings, FitState, History, Trainee } from "./state.js";
import {
  bindSteps,
  isInPortions,
  isLong,
  type StepSite,
  takeLongStep,
  takeStep,
  takeStepInParts,
  takeSteps,
  takeStepsAside,
} from "./step.js";
import { warnOfFirstLoss, warnOfLastBatch, warnOfScales } from "./warnings.js";

/** Milliseconds that one call of the engine is meant to take where nobody watches each step. */
const LONGEST_CALL = 5;

/**
 * Milliseconds that the event loop waits at most where an engine runs beside it: for a call that is too short to be worth
 * another thread, and before it gets its turn. Together they are less than 2.
 */
const BRIEF_CALL = 1.25;
const BRIEF_WITHOUT = 0.5;

/** The epoch loop: batches in their seeded order, one step each, callbacks, checkpoints, abort. */
export async function runEpochs(
  trainee: Trainee,
  x: unknown,
  y: unknown,
  settings: EpochSettings,
  watches: readonly Watch[] = [],
  state: FitState = { loss: [], learningRate: [], cursor: 0, weighted: 0, firstStep: trainee.progress.steps },
): Promise<History> {
  const { progress } = trainee;
  const { loss, learningRate } = state;
  const history = (stoppedBy: History["stoppedBy"]) => ({
    loss,
    learningRate,
    ...watched(state),
    steps: progress.steps - state.firstStep,
    stoppedBy,
    ...(stoppedBy === "signal" && { reason: settings.signal?.reason }),
  });
  const breath = new Breath(trainee.layers.engine.runsAside ? BRIEF_WITHOUT : LONGEST_WITHOUT);
  const observers = watches.map((watch) => watch({ trainee, settings, state, breath }));
  try {
    return history(await visitEpochs(trainee, x, y, settings, state, observers, breath));
  } finally {
    for (const observer of observers) observer.close?.();
  }
}

/** What was found by those who watched. */
function watched({ validation, stopping }: FitState): Pick<History, "validation" | "best"> {
  const { loss = [], ...metrics } = validation?.scores ?? {};
  const { bestEpoch: epoch = 0, bestValue: value = 0, settings } = stopping ?? {};
  return {
    ...(validation !== undefined && { validation: { epochs: validation.epochs, loss, metrics } }),
    ...(settings !== undefined && epoch > 0 && { best: { epoch, monitor: settings.monitor, value } }),
  };
}

/** All epochs that are left. Returns why it ended. */
async function visitEpochs(
  trainee: Trainee,
  x: unknown,
  y: unknown,
  settings: EpochSettings,
  state: FitState,
  observers: readonly Observer[],
  breath: Breath,
): Promise<History["stoppedBy"]> {
  const { layers, progress } = trainee;
  const { loss } = state;
  const started = await prepare(trainee, x, y, settings, observers, breath);
  if (typeof started === "string") return started;

  const { m, size, part, source, accumulation, scales, heaviest } = started;
  let { site } = started;
  const stepsPerEpoch = Math.ceil(m / size);
  const isWatched =
    settings.onStep !== undefined ||
    source.gather !== undefined ||
    accumulation !== undefined ||
    !site.program.takesSteps ||
    observers.some((o) => o.watchesSteps);
  const isApart = isInPortions(layers, part);
  let together = 1; // steps that are taken in one call
  let each = isApart ? BRIEF_CALL : 0; // milliseconds of one of them
  try {
    for (const observer of observers) {
      if (observer.ready !== undefined && !(await observer.ready())) return "signal";
    }
    layers.engine.checkUsable();
    const firstPenalty = progress.steps === 0 && settings.warnings ? penaltyOf(layers, settings, size) : 0;
    for (let epoch = loss.length + 1; epoch <= settings.epochs; epoch++) {
      if (state.cursor === 0 && observers.some(({ isOver }) => isOver)) {
        await ended(observers);
        return "earlyStopping";
      }
      let position: Position = state.cursor > 0 ? progress : { epoch: progress.epoch + 1, step: 0 };
      const ordering = source.begin(position.epoch);
      if (ordering !== undefined) await breathing(ordering, breath);
      let lastLoss = 0;
      while (state.cursor < m) {
        if (breath.due()) {
          await breath.take();
          layers.engine.checkUsable();
        }
        if (settings.signal?.aborted) {
          await ended(observers);
          return "signal";
        }
        const wholeBatches = Math.floor((m - state.cursor) / size);
        const steps = isWatched || progress.steps === 0 ? 1 : Math.min(together, wholeBatches);
        if (steps > 1) {
          const isBrief = !layers.engine.runsAside || !(steps * each > BRIEF_CALL);
          const losses = isBrief
            ? takeSteps(site, steps, position, size)
            : await breathing(takeStepsAside(site, steps, position, size), breath);
          for (const stepLoss of losses) state.weighted += stepLoss * size;
          lastLoss = losses[steps - 1] ?? Number.NaN;
          state.cursor += steps * size;
          each = site.program.milliseconds / steps;
          together = nextTogether(steps, site.program.milliseconds);
          if (!isBrief) layers.engine.checkUsable();
        } else {
          let rows = Math.min(size, m - state.cursor);
          const coming = source.gather?.(state.cursor, Math.min(part, rows), rows);
          if (coming !== undefined) {
            rows = await coming;
            layers.engine.checkUsable();
            if (settings.signal?.aborted) continue;
            if (rows === 0) break;
            site = started.rebound(site);
          }
          if (accumulation !== undefined) {
            const load = (before: number, count: number) => source.gather?.(state.cursor + before, count);
            const loss = await takeStepInParts(site, rows, part, position, load, breath);
            if (loss === undefined) continue;
            lastLoss = loss;
          } else {
            lastLoss = isApart
              ? await breathing(takeLongStep(site, rows, position), breath)
              : takeStep(site, rows, position);
          }
          if (progress.steps === 1 && settings.warnings) {
            const most = source.heaviest ?? heaviest;
            warnOfFirstLoss(layers, scales ?? source.scales, lastLoss - firstPenalty, most);
          }
          state.weighted += lastLoss * rows;
          state.cursor += rows;
          if (!isLong(layers, part)) together = Math.max(together, 2);
          if (settings.onStep !== undefined) {
            const report = {
              ...{ epoch, step: progress.step, stepsPerEpoch },
              ...{ loss: lastLoss, examples: rows, learningRate: site.program.rate },
            };
            await settled(settings.onStep(report), settings.signal);
          }
        }
        position = { epoch: progress.epoch, step: progress.step };
        if (state.cursor < m) for (const observer of observers) await observer.look?.();
      }
      source.end?.();
      loss.push(state.weighted / state.cursor);
      state.learningRate.push(site.program.rate);
      state.weighted = 0;
      state.cursor = 0;
      for (const observer of observers) await observer.epoch?.(epoch);
      if (observers.some(({ isInterrupted }) => isInterrupted)) {
        await ended(observers);
        return "signal";
      }
      if (settings.onEpoch !== undefined) {
        const report = {
          epoch,
          loss: loss[epoch - 1] ?? Number.NaN,
          lastLoss,
          learningRate: site.program.rate,
          ...validated(state, epoch),
        };
        await settled(settings.onEpoch(report), settings.signal);
      }
      for (const observer of observers) await observer.look?.();
    }
  } finally {
    site.program.release();
    source.release();
    accumulation?.release();
  }
  await ended(observers);
  return "epochs";
}

/** The scores of this epoch, if it was validated. */
function validated({ validation }: FitState, epoch: number): Pick<EpochReport, "validation"> {
  const at = validation === undefined ? -1 : validation.epochs.indexOf(epoch);
  if (validation === undefined || at < 0) return {};
  const scores = Object.entries(validation.scores).map(([name, values]) => [name, values[at]]);
  return { validation: Object.fromEntries(scores) };
}

async function ended(observers: readonly Observer[]): Promise<void> {
  for (const observer of observers) await observer.end?.();
}

/** How many steps the next call takes, by how long this one took. */
function nextTogether(steps: number, milliseconds: number): number {
  const factor = milliseconds < LONGEST_CALL / 2 ? 2 : milliseconds > LONGEST_CALL ? 0.5 : 1;
  return Math.min(MOST_STEPS, Math.max(1, Math.floor(steps * factor)));
}

/** What the epoch loop needs, or why it has nothing to do. */
type Started =
  | History["stoppedBy"]
  | {
      readonly m: number;
      /** Examples of a step, and how many of them are computed at a time. */
      readonly size: number;
      readonly part: number;
      readonly batch: BatchMemory;
      readonly source: BatchSource;
      readonly site: StepSite;
      /** The same where the batch in memory has weights as those before, else a new one. */
      readonly rebound: (site: StepSite) => StepSite;
      /** Where a step is taken in parts. */
      readonly accumulation: Accumulation | undefined;
      /** Of x's columns, where they were looked at. */
      readonly scales: Float64Array | undefined;
      /** What no example weighs more than; at least 1. */
      readonly heaviest: number;
    };

/** All that comes before the first step. */
async function prepare(
  trainee: Trainee,
  x: unknown,
  y: unknown,
  settings: EpochSettings,
  observers: readonly Observer[],
  breath: Breath,
): Promise<Started> {
  if (!isRead(x)) return breathing(readAndStart(trainee, x, y, settings, observers), breath);
  const reading = await openReading(x, trainee, settings, observers);
  if (typeof reading === "string") return reading;
  try {
    return await breathing(start(trainee, reading, settings, observers), breath);
  } catch (error) {
    reading.close();
    throw error;
  }
}

/**
 * Reads the data set into a copy. A generator, with no other pause than its own: unless they take long, all is read
 * before fit returns its promise.
 */
function* readAndStart(
  trainee: Trainee,
  x: unknown,
  y: unknown,
  settings: EpochSettings,
  observers: readonly Observer[],
): Generator<void, Started> {
  const { layers, config } = trainee;
  // What an observer says of the data may take long, and must be of the data that are used.
  const ownership = observers.length === 0 ? "borrowed" : "copied";
  let examples = yield* toExamples(x, y, config, layers.engine, ownership, settings.sampleWeight);
  if (settings.epochs === 0) return "epochs";
  if (settings.signal?.aborted) return "signal";

  for (const observer of observers)
    if (observer.begin !== undefined) examples = yield* observer.begin(examples);
  return yield* start(trainee, examples, settings, observers);
}

/** The steps, bound, and where their batches come from. */
function* start(
  trainee: Trainee,
  examples: Examples | Reading,
  settings: EpochSettings,
  observers: readonly Observer[],
): Generator<void, Started> {
  const { layers, seeds } = trainee;
  const { m } = examples;
  const isReading = !("labels" in examples);
  const part = Math.min(settings.batchSize, m);
  const size = Math.min(part * settings.accumulate, m);
  const last = Number.isFinite(m) && m % part !== 0 ? m % part : part;
  checkBatch("batchSize", layers, last, "an epoch's last");
  const scales = settings.warnings && !isReading ? warnOfScales(layers, examples) : undefined;
  if (settings.warnings && Number.isFinite(m)) warnOfLastBatch(layers, m, size, settings);
  const stepsPerEpoch = Math.ceil(m / size);
  settings.optimizer.checkWarmup(settings.epochs * stepsPerEpoch, stepsPerEpoch);
  settings.optimizer.attach(layers);
  const batch = layers.trainingMemory(part);
  const dropout = dropoutOf(settings.keepProb, undefined, layers, batch);
  const from = { size, part, seed: seeds.shuffle, epochs: settings.epochs, warnings: settings.warnings };
  const source = isReading
    ? examples.source(layers, batch, from)
    : yield* openBatchSource(layers, batch, examples, from);
  let accumulation: Accumulation | undefined;
  try {
    accumulation = part < size ? new Accumulation(layers) : undefined;
    const parts = { accumulation, operations: observers.flatMap((observer) => observer.operations ?? []) };
    const bind = () => bindSteps(trainee, batch, settings, dropout, source.operations, { size, m }, parts);
    const site = bind();
    let isWeighted = batch.weights !== null;
    const rebound = (site: StepSite) => {
      if ((batch.weights !== null) === isWeighted) return site;
      const other = bind();
      isWeighted = !isWeighted;
      site.program.release();
      return other;
    };
    const weights = isReading ? undefined : examples.weights;
    const heaviest = weights?.reduce((a, b) => Math.max(a, b), 1) ?? 1;
    return { m, size, part, batch, source, site, rebound, accumulation, scales, heaviest };
  } catch (error) {
    source.release();
    accumulation?.release();
    throw error;
  }
}
