import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { buildsKey, workerKey } from "./queue-names.js";

/** What a worker tells of itself. */
export interface WorkerFacts {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly build: string;
  /** By what its store is known: `the server`, or `folder` and a number. */
  readonly store: string;
  /** Trainings at a time. */
  readonly processes: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly seconds: number;
}

/** Milliseconds between two signs of life, and after how many without one a worker is taken for gone, by the server's clock. */
export const BEAT = 2000;
const GONE = 10_000;

/** Says that a worker is there, until `leave`. */
export class Presence {
  readonly #redis: Redis;
  readonly #queue: string;
  readonly #facts: () => Omit<WorkerFacts, "id" | "host" | "pid" | "seconds">;
  readonly #begun = performance.now();
  readonly id: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    redis: Redis,
    queue: string,
    facts: () => Omit<WorkerFacts, "id" | "host" | "pid" | "seconds">,
  ) {
    this.#redis = redis;
    this.#queue = queue;
    this.#facts = facts;
    this.id = `${hostname()}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  }

  async enter(): Promise<void> {
    await this.#redis.sadd(buildsKey(this.#queue), this.#facts().build);
    await this.#beat();
    this.#timer = setInterval(() => void this.#beat().catch(() => {}), BEAT);
    this.#timer.unref();
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#redis.del(workerKey(this.#queue, this.id));
  }

  async #beat(): Promise<void> {
    const facts: WorkerFacts = {
      id: this.id,
      host: hostname(),
      pid: process.pid,
      ...this.#facts(),
      seconds: Math.round((performance.now() - this.#begun) / 1000),
    };
    await this.#redis.set(workerKey(this.#queue, this.id), JSON.stringify(facts), "PX", GONE);
  }
}

/** All workers of a queue that gave a sign of life, of any build. */
export async function workersOf(redis: Redis, queue: string): Promise<WorkerFacts[]> {
  const names: string[] = [];
  for await (const some of redis.scanStream({ match: workerKey(queue, "*"), count: 500 })) {
    names.push(...(some as string[]));
  }
  if (names.length === 0) return [];
  const texts = await redis.mget(...new Set(names));
  const facts = texts.filter((text) => text !== null).map((text) => JSON.parse(text) as WorkerFacts);
  return facts.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function buildsOf(redis: Redis, queue: string): Promise<string[]> {
  return (await redis.smembers(buildsKey(queue))).sort();
}
