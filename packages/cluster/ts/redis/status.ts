import type { Queue } from "bullmq";
import type { RedisAddress } from "./address.js";
import { connect, PREFIX } from "./connection.js";
import { loadEngine } from "./load.js";
import { checkQueue, DEFAULT_QUEUE, nameOfQueue } from "./queue-names.js";
import { buildsOf, type WorkerFacts, workersOf } from "./registry.js";

/** What a queue has of one build. */
export interface QueueStatus {
  readonly build: string;
  readonly waiting: number;
  readonly active: number;
  /** Rounds whose shards aren't done. */
  readonly waitingForChildren: number;
  readonly completed: number;
  readonly failed: number;
  /** Active by the record, though no worker holds their lock: taken up by others within half a minute. */
  readonly stalled: number;
  /** Completed in each of the last minutes, the present one first. */
  readonly perMinute: readonly number[];
}

export interface ClusterStatus {
  readonly server: string;
  readonly queue: string;
  readonly workers: readonly WorkerFacts[];
  readonly queues: readonly QueueStatus[];
  /** Of the server. */
  readonly memoryBytes: number;
  readonly version: string;
  /** Whether it keeps what it has through a restart. */
  readonly isPersistent: boolean;
}

const MINUTES = 5;

/** Of these many active jobs the locks are looked at. */
const MOST_LOOKED_AT = 10_000;

/** What is on a server. Raises EnvironmentError, ConfigError. */
export async function clusterStatus(address: RedisAddress, queue = DEFAULT_QUEUE): Promise<ClusterStatus> {
  checkQueue(queue);
  const { bullmq } = await loadEngine();
  const redis = await connect(address);
  try {
    const queues: QueueStatus[] = [];
    for (const build of await buildsOf(redis, queue)) {
      const own = new bullmq.Queue(nameOfQueue(queue, build), { connection: redis, prefix: PREFIX });
      own.on("error", () => {});
      queues.push(await statusOf(own, build, (keys) => redis.exists(...keys)));
      await own.close();
    }
    const info = await redis.info();
    const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
    return {
      ...{ server: address.shown, queue, queues },
      workers: await workersOf(redis, queue),
      memoryBytes: Number(field("used_memory")),
      version: field("redis_version"),
      isPersistent: field("aof_enabled") === "1",
    };
  } finally {
    redis.disconnect();
  }
}

async function statusOf(
  queue: Queue,
  build: string,
  existing: (keys: string[]) => Promise<number>,
): Promise<QueueStatus> {
  const counts = await queue.getJobCounts("waiting", "active", "completed", "failed", "waiting-children");
  const active = await queue.getRanges(["active"], 0, MOST_LOOKED_AT);
  const locks = active.map((id) => `${PREFIX}:${queue.name}:${id}:lock`);
  const { data } = await queue.getMetrics("completed", 0, MINUTES - 1);
  return {
    build,
    waiting: counts.waiting ?? 0,
    active: counts.active ?? 0,
    waitingForChildren: counts["waiting-children"] ?? 0,
    completed: counts.completed ?? 0,
    failed: counts.failed ?? 0,
    stalled: locks.length === 0 ? 0 : locks.length - (await existing(locks)),
    perMinute: data.map(Number),
  };
}
