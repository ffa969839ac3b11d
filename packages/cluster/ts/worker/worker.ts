import { setTimeout as pause } from "node:timers/promises";
import type { Job as BullJob, Worker as BullWorker } from "bullmq";
import type { Redis } from "ioredis";
import type { RedisAddress } from "../redis/address.js";
import { environmentOf } from "../redis/address.js";
import { connect, PREFIX, plainText } from "../redis/connection.js";
import { type Engine, loadEngine } from "../redis/load.js";
import { buildsKey, checkQueue, DEFAULT_QUEUE, nameOfQueue } from "../redis/queue-names.js";
import { buildsOf, Presence } from "../redis/registry.js";
import type { RoundResult } from "../rounds/run-round-job.js";
import { isRoundJob, type Job, type SentJob } from "../runner/job.js";
import { LocalRunner } from "../runner/local-runner.js";
import { identityOf } from "../store/identity.js";
import { buildOf } from "../trial/build.js";

export interface WorkerOptions {
  readonly address: RedisAddress;
  /** Default "default". */
  readonly queue?: string;
  /** Trainings at a time, each on a thread of its own. Default: one a processor. */
  readonly processes?: number;
  /** A folder for checkpoints and models that all workers and the coordinator share. Default: the server has them. */
  readonly store?: string;
  /** Seconds after which a job whose worker gives no sign of life is another's. Default 30. */
  readonly lockSeconds?: number;
  readonly onNote?: (text: string) => void;
}

/** A worker that runs. */
export interface RunningWorker {
  readonly build: string;
  readonly processes: number;
  /** Ends: what it trains goes back into the queue, with its checkpoint, and goes on elsewhere. */
  close(): Promise<void>;
}

/** How often a job may lose its worker before it is taken for what kills them. */
const MOST_STALLS = 25;

/** Milliseconds between two looks for jobs of other builds. */
const BETWEEN_LOOKS = 10_000;

/** Milliseconds before a job that couldn't be run here goes back, so that another worker is the next to take it. */
const PAUSE = 500;

/** BullMQ's record of completed jobs a minute, for that many minutes. */
const MINUTES = 60;

/**
 * Takes jobs of this build from a queue and runs them in processes of their own: the event loop here is free, and renews the
 * locks by which BullMQ knows that a job is being worked on. Raises EnvironmentError, ConfigError.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { address, onNote = () => {} } = options;
  const queue = checkQueue(options.queue ?? DEFAULT_QUEUE);
  const engine = await loadEngine();
  const build = await buildOf();
  const store = await identityOf(options.store);
  const redis = await connect(address, onNote);
  const runner = new LocalRunner({
    store: options.store ?? address.shown,
    ...(options.store === undefined && { environment: environmentOf(address) }),
    ...(options.processes !== undefined && { processes: options.processes }),
    onNote,
  });
  const tasks = new Tasks({ runner, build, engine, onNote, folder: options.store, store });
  const worker = bullWorker(
    engine,
    redis,
    nameOfQueue(queue, build),
    tasks,
    runner.slots,
    options.lockSeconds ?? 30,
  );
  tasks.onDone = () => {
    worker.concurrency = (1 + runner.ahead) * runner.slots;
  };
  const presence = new Presence(redis, queue, () => ({
    ...{ build, store: tasks.store, processes: runner.slots },
    ...tasks.counts,
  }));
  await presence.enter();
  await worker.waitUntilReady();
  const refusals = new Refusals(engine, redis, queue, build, onNote);
  await refusals.look();
  return {
    build,
    processes: runner.slots,
    async close() {
      refusals.close();
      tasks.stop();
      await worker.close();
      await runner.close();
      await presence.leave().catch(() => {});
      redis.disconnect();
    },
  };
}

function bullWorker(
  { bullmq }: Engine,
  connection: Redis,
  name: string,
  tasks: Tasks,
  concurrency: number,
  lockSeconds: number,
): BullWorker {
  const worker = new bullmq.Worker(name, (job, token) => tasks.run(job, token), {
    ...{ connection, prefix: PREFIX, concurrency },
    lockDuration: lockSeconds * 1000,
    stalledInterval: (lockSeconds * 1000) / 2,
    maxStalledCount: MOST_STALLS,
    runRetryDelay: 1000,
    metrics: { maxDataPoints: MINUTES },
  });
  worker.on("error", () => {}); // A connection that is lost is said once, by the connection.
  return worker;
}

interface TasksParts {
  readonly runner: LocalRunner;
  readonly build: string;
  readonly engine: Engine;
  /** The store's folder, and by what it is known. */
  readonly folder: string | undefined;
  readonly store: string;
  readonly onNote: (text: string) => void;
}

/** The jobs that this worker has taken. */
class Tasks {
  readonly #parts: TasksParts;
  readonly #stop = new AbortController();
  #running = 0;
  #done = 0;
  #failed = 0;
  #refused = "";
  store: string;
  /** Called after each job. */
  onDone: () => void = () => {};

  constructor(parts: TasksParts) {
    this.#parts = parts;
    this.store = parts.store;
  }

  get counts() {
    return { running: this.#running, done: this.#done, failed: this.#failed };
  }

  stop(): void {
    this.#stop.abort(new Error("the worker ends"));
  }

  async run(record: BullJob, token: string | undefined): Promise<unknown> {
    const { build, engine } = this.#parts;
    const { UnrecoverableError, WaitingError } = engine.bullmq;
    const { store, ...job } = record.data as SentJob;
    if (job.build !== build) {
      throw new UnrecoverableError(`the job is of build ${job.build}, this worker of build ${build}`);
    }
    if (await this.#isElsewhere(store)) {
      await pause(PAUSE);
      await record.moveToWait(token);
      throw new WaitingError();
    }
    this.#running++;
    try {
      const result = (await failedChild(record, job)) ?? (await this.#train(record, job));
      this.#done++;
      this.onDone();
      return result;
    } catch (error) {
      if (this.#stop.signal.aborted) {
        await record.moveToWait(token);
        throw new WaitingError();
      }
      this.#failed++;
      await pause(PAUSE);
      throw new Error(plainText(error));
    } finally {
      this.#running--;
    }
  }

  #train(record: BullJob, job: Job): Promise<unknown> {
    const { signal } = this.#stop;
    signal.throwIfAborted();
    const onProgress = (progress: object) => void record.updateProgress(progress).catch(() => {});
    return this.#parts.runner.run(job, { signal, onProgress });
  }

  /** Whether a job's data and checkpoints lie in another store than this worker's, which is said once. */
  async #isElsewhere(store: string): Promise<boolean> {
    if (store === this.store) return false;
    this.store = await identityOf(this.#parts.folder); // It may have been made anew.
    if (store === this.store) return false;
    if (this.#refused !== store)
      this.#parts.onNote(`refused: jobs with ${store} as store; this worker's is ${this.store} (--store)`);
    this.#refused = store;
    return true;
  }
}

/** Of an average whose shard can't be trained: the shard's result. */
async function failedChild(record: BullJob, job: Job): Promise<RoundResult | undefined> {
  if (!isRoundJob(job) || job.kind !== "average") return undefined;
  const results = Object.values(await record.getChildrenValues<RoundResult>());
  return results.find(({ state }) => state !== "done");
}

/** Says which jobs of other builds wait that this worker refuses, once for each. */
class Refusals {
  readonly #said = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly engine: Engine,
    readonly redis: Redis,
    readonly queue: string,
    readonly build: string,
    readonly onNote: (text: string) => void,
  ) {
    this.#timer = setInterval(() => void this.look().catch(() => {}), BETWEEN_LOOKS);
    this.#timer.unref();
  }

  async look(): Promise<void> {
    const { Queue } = this.engine.bullmq;
    await this.redis.sadd(buildsKey(this.queue), this.build);
    for (const build of await buildsOf(this.redis, this.queue)) {
      if (build === this.build || this.#said.has(build)) continue;
      const other = new Queue(nameOfQueue(this.queue, build), { connection: this.redis, prefix: PREFIX });
      other.on("error", () => {});
      const waiting = await other.getWaitingCount();
      await other.close();
      if (waiting === 0) continue;
      this.#said.add(build);
      this.onNote(`refused: ${waiting} jobs wait for build ${build}; this worker has build ${this.build}`);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
