import { type Breath, breathing } from "../breath.js";
import { settled } from "../callback.js";
import type { Examples } from "../data.js";
import type { EpochSettings, FitState, Trainee } from "../training.js";
import { encodeCheckpoint, type FitUnderWay } from "./checkpoint.js";
import type { CheckpointSettings } from "./checkpoint-options.js";
import { checkSameData, fingerprint } from "./fingerprint.js";

/** Reported when a checkpoint is written and outlasts a crash. */
export interface CheckpointReport {
  readonly path: string;
  /** The network's steps in all at that time. */
  readonly steps: number;
}

/** The checkpoints of one fit, each taken between two steps. */
export interface Checkpoints {
  due(): boolean;
  /** Resolves when it is written and reported; does nothing where no step was taken since the last. */
  save(): Promise<void>;
}

/**
 * Notes which data set this is. A generator, since that takes some 6 s a gigabyte.
 * Raises StateError where a fit goes on with another data set.
 */
export function* startCheckpoints(
  trainee: Trainee,
  examples: Examples,
  settings: EpochSettings,
  state: FitState,
  breath: Breath,
): Generator<void, Checkpoints | undefined> {
  const { checkpoint, epochs, batchSize, optimizer, l2, keepProb } = settings;
  if (checkpoint === undefined) return undefined;
  const data = yield* fingerprint(trainee.layers.instance, examples);
  if (state.data !== undefined) checkSameData(state.data, data);
  const size = Math.min(batchSize, examples.m);
  const fit = {
    settings: { epochs, batchSize: size, optimizer, l2, keepProb },
    state,
    data,
    schedule: checkpoint,
  };
  return new FitCheckpoints(trainee, fit, checkpoint, settings, breath);
}

class FitCheckpoints implements Checkpoints {
  readonly #trainee: Trainee;
  readonly #fit: FitUnderWay;
  readonly #settings: CheckpointSettings;
  readonly #report: EpochSettings["onCheckpoint"];
  readonly #signal: AbortSignal | undefined;
  readonly #breath: Breath;
  /** The network's steps and the time at the last one. */
  #steps: number;
  #time = performance.now();

  constructor(
    trainee: Trainee,
    fit: FitUnderWay,
    settings: CheckpointSettings,
    { onCheckpoint, signal }: EpochSettings,
    breath: Breath,
  ) {
    this.#trainee = trainee;
    this.#fit = fit;
    this.#settings = settings;
    this.#report = onCheckpoint;
    this.#signal = signal;
    this.#breath = breath;
    this.#steps = trainee.progress.steps;
  }

  due(): boolean {
    const { everySteps, everySeconds } = this.#settings;
    const taken = this.#trainee.progress.steps - this.#fit.state.firstStep;
    if (everySteps !== undefined && taken % everySteps === 0) return true;
    return everySeconds !== undefined && performance.now() - this.#time >= everySeconds * 1000;
  }

  async save(): Promise<void> {
    const { instance } = this.#trainee.layers;
    const { steps } = this.#trainee.progress;
    if (steps === this.#steps) return;
    const { path, store, keep } = this.#settings;
    const bytes = await breathing(encodeCheckpoint(this.#trainee, this.#fit), this.#breath);
    await store.write(path, bytes, keep);
    this.#steps = steps;
    this.#time = performance.now();
    await settled(this.#report?.({ path, steps }), this.#signal);
    instance.checkUsable();
  }
}
