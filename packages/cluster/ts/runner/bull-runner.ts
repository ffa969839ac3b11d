import type { FlowProducer, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { EnvironmentError, StateError } from "layerwise";
import type { RedisAddress } from "../redis/address.js";
import { connect, PREFIX } from "../redis/connection.js";
import { JobFailed, JobWatch } from "../redis/job-watch.js";
import { loadEngine } from "../redis/load.js";
import { buildsKey, checkQueue, DEFAULT_QUEUE, nameOfQueue } from "../redis/queue-names.js";
import { BEAT, workersOf } from "../redis/registry.js";
import { takes, wordOnWorkers } from "../redis/who-refuses.js";
import type { Round, RoundRunner } from "../rounds/round-runner.js";
import { errorOf, type RoundResult } from "../rounds/run-round-job.js";
import { FolderStore } from "../store/folder-store.js";
import { identityOf } from "../store/identity.js";
import { RedisStore } from "../store/redis-store.js";
import { RememberingStore } from "../store/remembering-store.js";
import { buildOf } from "../trial/build.js";
import { keyOf, type TrialJob } from "../trial/job.js";
import type { TrialProgress, TrialResult } from "../trial/result.js";
import type { Job, SentJob } from "./job.js";
import { Pace } from "./pace.js";
import type { Runner, RunOptions } from "./runner.js";

export interface BullRunnerOptions {
  readonly address: RedisAddress;
  /** Default "default". */
  readonly queue?: string;
  /** A folder for data, checkpoints and models that the workers share too. Default: the server has them. */
  readonly store?: string;
  /** Called with what is worth a line: a server that is lost, no worker, one that refuses. */
  readonly onNote?: (text: string) => void;
}

/** Times that a job is tried whose worker can't run it: no memory, no data there. None waits, so that no clock matters. */
const ATTEMPTS = 8;

/** Records of jobs that ended, for whoever looks: older ones and more of them are dropped. */
export const KEPT = { age: 24 * 3600, count: 1000 };

/** Jobs on their way at least for each training at a time besides it, so that no worker waits for the next; and in all. */
const LEAST_AHEAD = 1;
const LEAST_SLOTS = 4;

/** Runs jobs on workers elsewhere, by a BullMQ queue. Made by `BullRunner.open`. */
export class BullRunner implements Runner, RoundRunner {
  /** Where jobs' data lie: data sets that a server loses are put there again. */
  readonly store: RememberingStore;
  /** Of this program: workers of another one refuse its jobs. */
  readonly build: string;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #flows: FlowProducer;
  readonly #watch: JobWatch;
  readonly #name: string;
  readonly #identity: string;
  readonly #onNote: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #pace = new Pace();
  #processes = 0;
  #said = "";
  #flowCount = 0;

  private constructor(parts: Parts) {
    this.#redis = parts.redis;
    this.#queue = parts.queue;
    this.#events = parts.events;
    this.#flows = parts.flows;
    this.#name = parts.name;
    this.build = parts.build;
    this.#onNote = parts.onNote;
    this.#identity = parts.identity;
    this.store = new RememberingStore(
      parts.folder === undefined ? new RedisStore(parts.redis) : new FolderStore(parts.folder),
    );
    this.#watch = new JobWatch({
      queue: parts.queue,
      events: parts.events,
      onLost: async () => {
        this.#onNote("the server lost jobs: they are put there again");
        await this.#redis.sadd(buildsKey(this.#name), this.build);
        await this.store.refill();
      },
    });
    this.#timer = setInterval(() => void this.#count().catch(() => {}), BEAT);
    this.#timer.unref();
  }

  /** Raises EnvironmentError where the server can't be reached or the packages aren't there, ConfigError. */
  static async open({
    address,
    queue = DEFAULT_QUEUE,
    store: folder,
    onNote = () => {},
  }: BullRunnerOptions): Promise<BullRunner> {
    const name = checkQueue(queue);
    const { bullmq } = await loadEngine();
    const identity = await identityOf(folder);
    const redis = await connect(address, onNote);
    const build = await buildOf();
    const options = { connection: redis, prefix: PREFIX };
    const own = nameOfQueue(name, build);
    const runner = new BullRunner({
      ...{ redis, name, build, identity, folder, onNote },
      queue: quiet(new bullmq.Queue(own, options)),
      events: quiet(new bullmq.QueueEvents(own, options)),
      flows: quiet(new bullmq.FlowProducer(options)),
    });
    await redis.sadd(buildsKey(name), build);
    await runner.#events.waitUntilReady();
    await runner.#count();
    return runner;
  }

  get slots(): number {
    return Math.max(LEAST_SLOTS, (1 + Math.max(LEAST_AHEAD, this.#pace.ahead)) * this.#processes);
  }

  async run(job: TrialJob, { signal, onProgress }: RunOptions = {}): Promise<TrialResult> {
    const id = `trial-${keyOf(job)}`;
    const add = async () => {
      await this.#queue.add("trial", this.#sent(job), {
        jobId: id,
        attempts: ATTEMPTS,
        removeOnComplete: KEPT,
        removeOnFail: KEPT,
      });
    };
    try {
      const value = await this.#watch.result(id, add, {
        ...(signal && { signal }),
        ...(onProgress && { onProgress: (progress) => onProgress(progress as TrialProgress) }),
      });
      const result = value as TrialResult;
      this.#pace.note(job, result);
      return result;
    } catch (error) {
      if (!(error instanceof JobFailed)) throw error;
      if (!isPoison(error)) throw unrunnable(error);
      const message = "its worker died again and again (too little memory?)";
      return {
        ...{ key: keyOf(job), state: "failed" },
        error: { name: "WorkerError", message },
        run: { worker: "", seconds: 0 },
      };
    }
  }

  /** A flow: shards are children of the average. */
  async runRound(
    { shards, average }: Round,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    // What is done is in the store, and a job that finds it there ends at once: so no id needs to be one that was there before.
    const id = `${average.run}-${average.round}-${process.pid}-${Date.now()}-${this.#flowCount++}`;
    const queueName = this.#queue.name;
    const opts = { attempts: ATTEMPTS, removeOnComplete: KEPT, removeOnFail: KEPT };
    const add = async () => {
      await this.#flows.add({
        ...{
          name: "average",
          queueName,
          data: this.#sent(average),
          opts: { ...opts, jobId: `average-${id}` },
        },
        children: shards.map((job) => ({
          ...{ name: "shard", queueName, data: this.#sent(job) },
          opts: { ...opts, jobId: `shard-${id}-${job.shard}`, failParentOnFailure: true },
        })),
      });
    };
    try {
      const value = await this.#watch.result(`average-${id}`, add, { ...(signal && { signal }) });
      const error = errorOf(value as RoundResult);
      if (error !== undefined) throw error;
    } catch (error) {
      throw error instanceof JobFailed ? unrunnable(error) : error;
    }
  }

  #sent(job: Job): SentJob {
    return { ...job, store: this.#identity };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#watch.close(new StateError("runner", "one that isn't closed", "close()"));
    await Promise.allSettled([this.#events.close(), this.#queue.close(), this.#flows.close()]);
    this.#redis.disconnect();
  }

  /** How many trainings the workers of this build can run at a time; says once where there is none. */
  async #count(): Promise<void> {
    const workers = await workersOf(this.#redis, this.#name);
    const wanted = { queue: this.#name, build: this.build, store: this.#identity };
    const own = workers.filter((one) => takes(one, wanted));
    this.#processes = own.reduce((sum, { processes }) => sum + processes, 0);
    const text = wordOnWorkers(workers, wanted);
    if (text !== "" && text !== this.#said) this.#onNote(text);
    this.#said = text;
  }
}

interface Parts {
  readonly redis: Redis;
  readonly queue: Queue;
  readonly events: QueueEvents;
  readonly flows: FlowProducer;
  readonly name: string;
  readonly build: string;
  readonly identity: string;
  readonly folder: string | undefined;
  readonly onNote: (text: string) => void;
}

/** Errors of a connection that is lost are said once, by the connection. */
function quiet<Emitter extends { on(event: "error", listener: (error: Error) => void): unknown }>(
  emitter: Emitter,
): Emitter {
  emitter.on("error", () => {});
  return emitter;
}

/** Whether its worker died each time. */
function isPoison({ message }: JobFailed): boolean {
  return message.includes("stalled");
}

function unrunnable({ message }: JobFailed): EnvironmentError {
  return new EnvironmentError("worker", "one that can run the job", message);
}
