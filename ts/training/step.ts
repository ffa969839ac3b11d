import type { Dtype } from "../config/dtype.js";
import type { Position } from "../config/seeds.js";
import type { Batches, Pause, Program } from "../engine/engine.js";
import type { Operation } from "../engine/operations.js";
import { NumericError, StateError } from "../errors/errors.js";
import type { Accumulation } from "../model/accumulation.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Dropout } from "../model/dropout.js";
import type { Layers } from "../model/layers.js";
import type { Node } from "../model/layout.js";
import type { StepOperation } from "../model/loss-call.js";
import {
  backwardPass,
  clipPass,
  forwardPass,
  gradientGuard,
  lossPass,
  maskPass,
  maxNormPass,
  statisticsPass,
} from "../model/passes.js";
import { type Penalties, penaltyPass } from "../model/penalty.js";
import { type Breath, breathing } from "../platform/breath.js";
import { type Clip, checkClipFits, largestClipped } from "./clip.js";
import type { Optimizer } from "./optimizer.js";
import type { StepSettings, Trainee } from "./state.js";

/** So that 2⁵³ of them have a finite sum: an epoch's loss is the mean of its steps'. */
export const LARGEST_LOSS = 2 ** 970;

/** The largest finite number. */
const LARGEST: Record<Dtype, number> = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE };

/** Beyond it a count plus 1 is no other number. */
const LARGEST_COUNT = Number.MAX_SAFE_INTEGER;

/** Multiply-adds of a step that is too long to be taken in one go: some 20 ms. */
const LONG_STEP = 1 << 28;

/** The same of work that the event loop may wait for where it needn't: about half a millisecond. */
const BRIEF = 1 << 23;

/** Work in multiply-adds for a unit's activation, and for a parameter's update. */
const WORK_OF_A_UNIT = 32;
const WORK_OF_AN_UPDATE = 64;

/** What a fit's steps are besides what they are by themselves. */
export interface StepParts {
  /** Where a step is taken in parts. */
  readonly accumulation?: Accumulation | undefined;
  /** What comes behind the update. */
  readonly operations?: readonly Operation[];
}

/**
 * The operations of one step on a batch's memory: masks, forward, loss, backward, guard, clipping, update. Whole or not
 * at all: a loss or gradient that isn't finite ends it before anything changes. Raises ConfigError for clipping that
 * can't be computed with, and for a schedule in epochs without their steps.
 */
export function stepOperations(
  { layers, seeds }: Trainee,
  batch: BatchMemory,
  settings: StepSettings,
  dropout: Dropout | undefined,
  stepsPerEpoch?: number,
  { accumulation, operations = [] }: StepParts = {},
): StepOperation[] {
  const { optimizer, clip } = settings;
  checkClipFits(clip, layers.dtype);
  const passes = gradientOperations(layers, batch, settings, dropout, seeds.dropout, layers.trainable);
  return [
    // A bound on a part's gradients is none on their sum.
    ...(accumulation === undefined ? passes : passes.filter(({ op }) => op !== "gradientBound")),
    ...(accumulation?.partPass(batch) ?? []),
    gradientGuard(layers, gradientLimit(optimizer, clip, layers.dtype)),
    ...clipPass(layers, clip),
    ...optimizer.operations(layers, stepsPerEpoch),
    ...maxNormPass(layers),
    ...(accumulation?.endPass() ?? statisticsPass(layers, batch)),
    ...operations,
  ];
}

/** Gradients that are clipped to what the optimizer takes need only be finite. */
function gradientLimit({ gradientLimit }: Optimizer, clip: Clip, dtype: Dtype): number {
  return largestClipped(clip) <= gradientLimit ? LARGEST[dtype] : gradientLimit;
}

/** The same without guard, clipping and update: the gradients block ← d loss / d parameters, of the nodes that are wanted. */
function gradientOperations(
  layers: Layers,
  batch: BatchMemory,
  penalties: Penalties,
  dropout: Dropout | undefined,
  seed: number,
  wanted: readonly Node[],
): StepOperation[] {
  return [
    ...(dropout?.source === "random" ? maskPass(layers, dropout, seed) : []),
    ...forwardPass(layers, batch, dropout),
    lossPass(layers, batch, true),
    ...penaltyPass(layers, penalties),
    { op: "lossGuard", limit: LARGEST_LOSS },
    ...backwardPass(layers, batch, penalties, dropout, wanted),
  ];
}

/** Where steps are taken: a network in training, its batch, and the program of one step. */
export interface StepSite {
  readonly trainee: Trainee;
  readonly batch: BatchMemory;
  readonly program: Program;
  readonly optimizer: Optimizer;
  readonly clip: Clip;
}

/** Binds the steps of a fit, the gathering of their batches included. To be released. */
export function bindSteps(
  trainee: Trainee,
  batch: BatchMemory,
  settings: StepSettings,
  dropout: Dropout | undefined,
  gathering: readonly Operation[],
  batches: Batches,
  parts: StepParts = {},
): StepSite {
  const stepsPerEpoch = Math.ceil(batches.m / batches.size);
  const step = stepOperations(trainee, batch, settings, dropout, stepsPerEpoch, parts);
  const program = trainee.layers.bind([...gathering, ...step], batches);
  return { trainee, batch, program, optimizer: settings.optimizer, clip: settings.clip };
}

/**
 * One step on the first `rows` examples in the batch's memory. Raises NumericError or, where it can't be counted,
 * StateError, and then nothing has changed.
 * @param position - keys the masks; the training's position becomes the one behind it
 * @returns the loss before the update, penalties included
 */
export function takeStep(site: StepSite, rows: number, position: Position): number {
  checkCountable(site, position, 1);
  const whole = site.program.run(rows, position.epoch, position.step);
  count(site, position, whole);
  return lossOf(site, rows, whole);
}

/** As {@link takeStep}, in portions between which the event loop may turn. */
export function* takeLongStep(site: StepSite, rows: number, position: Position): Generator<Pause, number> {
  checkCountable(site, position, 1);
  const { epoch, step } = position;
  const whole = yield* site.program.aside(rows, epoch, step, (whole) => count(site, position, whole));
  return lossOf(site, rows, whole);
}

/**
 * One step on `rows` examples, of which the batch's memory holds `part` at a time, now the first of them: `load` brings those
 * from `before` on there. The event loop may turn between two parts. Undefined where the next can't be had, and then nothing
 * has changed.
 */
export async function takeStepInParts(
  site: StepSite,
  rows: number,
  part: number,
  position: Position,
  load: (before: number, rows: number) => Promise<number> | undefined,
  breath: Breath,
): Promise<number | undefined> {
  checkCountable(site, position, 1);
  const { trainee, program } = site;
  const { epoch, step } = position;
  for (let before = 0; ; ) {
    const some = Math.min(part, rows - before);
    const coming = before === 0 ? undefined : load(before, some);
    if (coming !== undefined && (await coming) === 0) return undefined;
    trainee.layers.engine.checkUsable();
    program.takePart(before, rows);
    const isLast = before + some === rows;
    const after = (whole: boolean) => count(site, position, whole && isLast);
    const isApart = isInPortions(trainee.layers, some);
    const whole = isApart
      ? await breathing(program.aside(some, epoch, step, after), breath)
      : program.run(some, epoch, step);
    if (!isApart) after(whole);
    before += some;
    if (isLast || !whole) return lossOf(site, some, whole);
    if (breath.due()) await breath.take();
  }
}

/** Raises StateError where `more` steps could not be counted: a file may say that there were many before. */
function checkCountable({ trainee, optimizer }: StepSite, { epoch, step }: Position, more: number): void {
  const { steps } = trainee.progress;
  const most = LARGEST_COUNT - more;
  if (steps <= most && optimizer.steps <= most && epoch <= LARGEST_COUNT && step <= most) return;
  const counts = `epoch ${epoch}, ${step} steps in it, ${steps} in all, ${optimizer.steps} by the optimizer`;
  throw new StateError("network", `at most ${LARGEST_COUNT} epochs and steps, this one included`, counts);
}

/** Counts a step that was whole. */
function count({ trainee }: StepSite, position: Position, whole: boolean): void {
  if (whole) advance(trainee, position, 1);
}

function lossOf(site: StepSite, rows: number, whole: boolean): number {
  if (!whole) throw endedBy(site, rows, limitOf(site));
  return site.program.loss;
}

function limitOf({ trainee, optimizer, clip }: StepSite): number {
  return gradientLimit(optimizer, clip, trainee.layers.dtype);
}

/**
 * Up to `steps` steps of an epoch from `position` on, each on the next batch. Returns their losses.
 * Raises NumericError where one could not be taken; those before it have been. Raises StateError before any of them
 * where not all can be counted.
 */
export function takeSteps(site: StepSite, steps: number, position: Position, size: number): Float64Array {
  checkCountable(site, position, steps);
  const done = site.program.runSteps(steps, position.epoch, position.step);
  advance(site.trainee, position, done);
  return lossesOf(site, done, steps, size);
}

/** As {@link takeSteps}, beside JavaScript where the engine can. */
export function* takeStepsAside(
  site: StepSite,
  steps: number,
  position: Position,
  size: number,
): Generator<Pause, Float64Array> {
  checkCountable(site, position, steps);
  const { trainee, program } = site;
  const { epoch, step } = position;
  const done = yield* program.stepsAside(steps, epoch, step, (done) => advance(trainee, position, done));
  return lossesOf(site, done, steps, size);
}

function lossesOf(site: StepSite, done: number, steps: number, size: number): Float64Array {
  if (done < steps) throw endedBy(site, size, limitOf(site));
  return site.program.losses(done);
}

function advance({ progress }: Trainee, { epoch, step }: Position, steps: number): void {
  if (steps === 0) return;
  progress.epoch = epoch;
  progress.step = step + steps;
  progress.steps += steps;
}

/** Whether a step takes so long that it isn't taken together with others. */
export function isLong({ parameterCount }: Layers, rows: number): boolean {
  return 3 * rows * parameterCount > LONG_STEP;
}

/** Whether a step takes so long that it is taken in portions: beside JavaScript, where that can be, unless it is brief. */
export function isInPortions(layers: Layers, rows: number): boolean {
  if (!layers.engine.runsAside) return isLong(layers, rows);
  const { parameterCount, nodes } = layers;
  const units = nodes.reduce((sum, { outputs }) => sum + outputs, 0);
  const work = rows * (3 * parameterCount + WORK_OF_A_UNIT * units) + WORK_OF_AN_UPDATE * parameterCount;
  return work > BRIEF;
}

/** How {@link lossAndGradients} computes. */
interface GradientSettings extends Penalties {
  readonly dropout: Dropout | undefined;
  /** Whether a gradient that isn't finite raises NumericError; else it stays in the block. */
  readonly guarded: boolean;
}

/**
 * The gradients block ← d loss / d parameters, of those that aren't trained too; returns the loss, penalties included.
 * Raises NumericError for a loss that isn't finite.
 */
export function lossAndGradients(
  trainee: Trainee,
  batch: BatchMemory,
  rows: number,
  settings: GradientSettings,
): number {
  const { dropout, guarded } = settings;
  const { layers, seeds, progress } = trainee;
  const largest = LARGEST[layers.dtype];
  const operations = gradientOperations(
    layers,
    batch,
    settings,
    dropout,
    seeds.dropout,
    layers.parameterized,
  );
  if (guarded) operations.push(gradientGuard(layers, largest));
  const program = layers.bind(operations);
  try {
    if (program.run(rows, progress.epoch, progress.step)) return program.loss;
    throw endedBy({ trainee, batch, program }, rows, largest);
  } finally {
    program.release();
  }
}

/** A program on a batch of a network. */
type Site = Pick<StepSite, "trainee" | "batch" | "program">;

/** The error for a program that a guard ended. */
function endedBy(site: Site, rows: number, gradientLimit: number): NumericError {
  const { trainee, program } = site;
  const { loss, fault } = program;
  const step = trainee.progress.steps + 1;
  if (fault !== undefined) return new NumericError(trainee.layers.lastNode, step, fault.expected, fault.got);
  if (!(loss <= LARGEST_LOSS)) return nonFiniteLoss(site, rows, loss, step);
  const expected = `gradients up to ${gradientLimit.toExponential(1)}`;
  const layer = trainee.layers.parameterized[program.layer] ?? trainee.layers.lastNode;
  return new NumericError(layer, step, expected, `${program.magnitude}`);
}

/** Names the first layer whose activations aren't finite. */
function nonFiniteLoss({ trainee, batch }: Site, rows: number, loss: number, step: number): NumericError {
  const { layers } = trainee;
  const at = layers.firstNonFinite(batch, rows);
  const expected = Number.isFinite(loss) ? `a loss up to ${LARGEST_LOSS.toExponential(1)}` : "a finite loss";
  const where = at === undefined ? "" : ", its activations aren't finite";
  return new NumericError(at ?? layers.lastNode, step, expected, `${loss}${where}`);
}
