import {
  type ClassScores,
  type LayersForm,
  type ModelStore,
  type NumberScores,
  resumeTraining,
  type StepReport,
} from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { type AnyNetwork, makeNetwork, openNetwork } from "./any-network.js";
import type { Examples } from "./examples.js";
import { NAMES, type ShardJob, type ShardResult } from "./job.js";
import { needed } from "./lost-blob.js";
import type { ShardData } from "./shard-data.js";

export interface ShardContext {
  readonly store: BlobStore;
  readonly data: ShardData;
  readonly threads?: "auto" | number;
  readonly signal?: AbortSignal;
}

/**
 * The local steps of one shard: from the round's parameters, with the optimizer's state and the place in the rows' order that
 * the shard had after its round before. Leaves a checkpoint in the store. A job that was run before gives its result again.
 * Raises NumericError, LostBlobError, and the signal's reason.
 */
export async function runShard(job: ShardJob, context: ShardContext): Promise<ShardResult> {
  const { run, round, shard } = job;
  const { store } = context;
  const before = await store.get(NAMES.result(run, round, shard));
  if (before !== undefined) return JSON.parse(new TextDecoder().decode(before)) as ShardResult;
  const examples = await context.data.examples(store, job.data);
  const steps = new LocalSteps(job.plan.localSteps, context.signal);
  const checkpoint = new LastCheckpoint();
  try {
    using _network = await train(job, context, examples, steps, checkpoint);
  } finally {
    steps.close();
  }
  steps.checkDone();
  await store.put(NAMES.checkpoint(run, round, shard), checkpoint.bytes);
  await store.put(NAMES.result(run, round, shard), new TextEncoder().encode(JSON.stringify(steps.result)));
  return steps.result;
}

async function train(
  { run, round, shard, plan }: ShardJob,
  { store, threads = 1 }: ShardContext,
  { x, y }: Examples,
  steps: LocalSteps,
  checkpoint: LastCheckpoint,
): Promise<AnyNetwork> {
  const bytes = await needed(store, NAMES.parameters(run, round));
  using begun = await openNetwork(bytes);
  const parameters = begun.parameters();
  const watched = { signal: steps.signal, onStep: steps.count, warnings: false };
  if (round > 1) {
    await checkpoint.write("", await needed(store, NAMES.checkpoint(run, round - 1, shard)));
    const options = { store: checkpoint, parameters, threads, ...watched };
    return (await resumeTraining<ClassScores | NumberScores, LayersForm>("-", x, y, options)).network;
  }
  const { batchSize } = plan.fit;
  const stepsPerEpoch = Math.ceil(x.rows / Math.min(batchSize, x.rows));
  const epochs = Math.ceil((plan.rounds * plan.localSteps) / stepsPerEpoch);
  const options = { ...plan.network, seed: plan.network.seed + shard, threads };
  const network = await makeNetwork(options);
  try {
    network.setParameters(parameters);
    await network.fit(x, y, {
      ...plan.fit,
      epochs,
      checkpoint: { path: "-", store: checkpoint },
      ...watched,
    });
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Ends a fit after so many steps, and sums up their losses. */
class LocalSteps {
  readonly #wanted: number;
  readonly #given: AbortSignal | undefined;
  readonly #stop = new AbortController();
  #taken = 0;
  #examples = 0;
  #weighted = 0;

  constructor(wanted: number, given: AbortSignal | undefined) {
    this.#wanted = wanted;
    this.#given = given;
    given?.addEventListener("abort", this.#onAbort);
    if (given?.aborted) this.#onAbort();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get result(): ShardResult {
    return { loss: this.#weighted / this.#examples, examples: this.#examples };
  }

  readonly count = ({ loss, examples }: StepReport): void => {
    this.#taken++;
    this.#examples += examples;
    this.#weighted += loss * examples;
    if (this.#taken === this.#wanted) this.#stop.abort();
  };

  /** Raises the signal's reason where it ended the fit before. */
  checkDone(): void {
    if (this.#taken !== this.#wanted) throw this.#given?.reason;
  }

  close(): void {
    this.#given?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => this.#stop.abort();
}

/** The checkpoint that a fit wrote last, in memory: what it wrote on the way is no result. */
class LastCheckpoint implements ModelStore {
  bytes: Uint8Array = new Uint8Array(0);

  async write(_name: string, bytes: Uint8Array): Promise<void> {
    this.bytes = bytes;
  }

  async read(_name: string, generation: number): Promise<Uint8Array | undefined> {
    return generation === 0 ? this.bytes : undefined;
  }
}
