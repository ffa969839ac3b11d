import type { Examples } from "../data/examples.js";
import { ConfigError } from "../errors/errors.js";
import { breathing } from "../platform/breath.js";
import { settled } from "../training/callback.js";
import type { Observer, Watch, WatchedFit } from "../training/observer.js";
import type { Reading } from "../training/reading.js";
import type { FitState } from "../training/state.js";
import { encodeCheckpoint } from "./checkpoint.js";
import type { CheckpointSettings } from "./checkpoint-options.js";
import { checkSameData, type Fingerprint, fingerprint, fingerprintOfParts } from "./fingerprint.js";

/** Reported when a checkpoint is written and outlasts a crash. */
export interface CheckpointReport {
  readonly path: string;
  /** The network's steps in all at that time. */
  readonly steps: number;
}

/** What a fit's checkpoints go by. */
export interface Checkpointing {
  readonly checkpoint: CheckpointSettings;
  readonly onCheckpoint: ((report: CheckpointReport) => unknown) | undefined;
  /** The data set that it was begun with, in a fit that is taken up again. */
  readonly data: Fingerprint | undefined;
  readonly validationData: Fingerprint | undefined;
}

/** Writes down where a fit is, now and then and at its end. */
export function checkpoints(given: Checkpointing): Watch {
  return (fit) => new CheckpointObserver(given, fit);
}

/** Whether this epoch, the last one, is the best so far: by early stopping, else by the validation loss. */
function isBest({ stopping, validation }: FitState, epoch: number): boolean {
  if (stopping !== undefined) return stopping.bestEpoch === epoch;
  const values = validation?.scores.loss ?? [];
  const value = values[values.length - 1] ?? Number.NaN;
  return validation?.epochs.at(-1) === epoch && values.slice(0, -1).every((other) => value < other);
}

function noLength(path: string): ConfigError {
  return new ConfigError(path, "how many rows an epoch has, which checkpoints need", "undefined");
}

class CheckpointObserver implements Observer {
  readonly watchesSteps: boolean;
  readonly #given: Checkpointing;
  readonly #fit: WatchedFit;
  #data: Fingerprint | undefined;
  #validationData: Fingerprint | undefined;
  /** Examples per step. */
  #batchSize = 0;
  /** Whether the epoch that has just ended is the best so far. */
  #isBest = false;
  /** The network's steps and the time at the last one. */
  #steps: number;
  #time = performance.now();

  constructor(given: Checkpointing, fit: WatchedFit) {
    const { bestOnly } = given.checkpoint;
    if (bestOnly && fit.state.stopping === undefined && fit.state.validation === undefined) {
      const expected = "validation or earlyStopping, by whose monitor an epoch is the best";
      throw new ConfigError("checkpoint.bestOnly", expected, "neither");
    }
    this.watchesSteps = !bestOnly;
    this.#given = given;
    this.#fit = fit;
    this.#steps = fit.trainee.progress.steps;
  }

  /**
   * Notes which data set this is: some 6 s per gigabyte. Raises StateError where a fit goes on with another.
   */
  *begin(examples: Examples): Generator<void, Examples> {
    const { engine, dtype } = this.#fit.trainee.layers;
    yield* this.#know(yield* fingerprint(engine, examples, dtype));
    return examples;
  }

  /** The same of data that are read while training goes on: their number and the first batch are all that is known. */
  async beginRead(reading: Reading): Promise<Reading | undefined> {
    const { trainee, settings, breath } = this.#fit;
    const { engine, dtype } = trainee.layers;
    const { m } = reading;
    if (!Number.isFinite(m)) throw noLength("stream.length");
    const first = await reading.first(Math.min(settings.batchSize, m));
    if (first === undefined) return undefined;
    const data = await breathing(fingerprintOfParts(engine, m, first, dtype), breath);
    await breathing(this.#know(data), breath);
    return reading;
  }

  *#know(data: Fingerprint): Generator<void> {
    const { trainee, settings, state } = this.#fit;
    const { engine, dtype } = trainee.layers;
    if (this.#given.data !== undefined) checkSameData(this.#given.data, data);
    this.#data = data;
    const held = state.validation?.examples;
    if (held !== undefined) this.#knowValidation(yield* fingerprint(engine, held, dtype));
    this.#batchSize = Math.min(settings.batchSize, data.rows);
    this.#time = performance.now();
  }

  /** Of validation examples that are read their number and the first batch are all that is known, likewise. */
  async ready(): Promise<boolean> {
    const { trainee, state, breath } = this.#fit;
    const reading = state.validation?.reading;
    if (reading === undefined) return true;
    const { m } = reading;
    if (!Number.isFinite(m)) throw noLength("validation.data.length");
    const first = await reading.first(Math.min(this.#batchSize, m));
    if (first === undefined) return false;
    const { engine, dtype } = trainee.layers;
    this.#knowValidation(await breathing(fingerprintOfParts(engine, m, first, dtype), breath));
    return true;
  }

  #knowValidation(data: Fingerprint): void {
    const before = this.#given.validationData;
    if (before !== undefined) checkSameData(before, data, "validation.");
    this.#validationData = data;
  }

  async epoch(epoch: number): Promise<void> {
    this.#isBest = isBest(this.#fit.state, epoch);
  }

  look(): Promise<void> | undefined {
    return this.#isDue() ? this.#write() : undefined;
  }

  async end(): Promise<void> {
    if (!this.#given.checkpoint.bestOnly) await this.#write();
  }

  #isDue(): boolean {
    const { bestOnly, everySteps, everySeconds } = this.#given.checkpoint;
    if (bestOnly) return this.#isBest && this.#fit.state.cursor === 0;
    const { trainee, state } = this.#fit;
    const taken = trainee.progress.steps - state.firstStep;
    if (everySteps !== undefined && taken % everySteps === 0) return true;
    return everySeconds !== undefined && performance.now() - this.#time >= everySeconds * 1000;
  }

  /** Resolves when a checkpoint is written and reported; does nothing where no step was taken since the last. */
  async #write(): Promise<void> {
    const { trainee, settings, state, breath } = this.#fit;
    const { steps } = trainee.progress;
    const data = this.#data;
    // An epoch that isn't validated yet is none to go on from: those before it are in the last file.
    if (steps === this.#steps || data === undefined || state.validation?.isInterrupted) return;
    const { checkpoint, onCheckpoint } = this.#given;
    const { path, store, keep } = checkpoint;
    const fit = {
      settings: { ...settings, batchSize: this.#batchSize },
      state,
      data,
      validationData: this.#validationData,
      schedule: checkpoint,
    };
    const bytes = await breathing(encodeCheckpoint(trainee, fit), breath);
    await store.write(path, bytes, keep);
    this.#steps = steps;
    this.#time = performance.now();
    await settled(onCheckpoint?.({ path, steps }), settings.signal);
    trainee.layers.engine.checkUsable();
  }
}
