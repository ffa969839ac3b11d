// npm run bench:cluster [trials [workers jobs [processes…]]]: what the engine costs a trial, and what a server holds and does for many workers and
// trials. Times are of this machine and the load that it has, processor times less so. 10,000 trials on one process alone: 10000 0 0 1.
import { rmSync } from "node:fs";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { KEPT } from "../../ts/runner/bull-runner.js";
import type { TrialJob } from "../../ts/trial/job.js";
import type { TrialResult } from "../../ts/trial/result.js";
import { freePort, newFolder, RedisServer, whyNoProgram, whyNoRedis } from "../servers.js";
import { bareLoop, overhead } from "./overhead.js";

const [trials = 2000, workers = 1000, jobs = 20_000, ...given] = process.argv.slice(2).map(Number);
const processes = given.length > 0 ? given : [1, 2, 4, 8];
const why = whyNoRedis() ?? whyNoProgram();
if (why !== undefined) {
  console.error(`SKIPPED: ${why}`);
  process.exit();
}
const folder = newFolder();
try {
  const bare = await bareLoop(folder);
  console.log(`a job ${bytesOf(bare.job)} bytes, a result ${bytesOf(bare.result)} bytes`);
  await overhead(folder, trials, processes, bare);
  if (jobs > 0) await simulation(bare.job, bare.result);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

function bytesOf(value: unknown): number {
  return JSON.stringify(value).length;
}

/** Many workers that wait instead of training: the server's part alone. */
async function simulation(job: TrialJob, result: TrialResult): Promise<void> {
  const server = new RedisServer(await freePort());
  await server.start();
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const queue = new Queue("scale", { connection: redis, prefix: "layerwise" });
  const idle = await factsOf(redis);
  const options = { removeOnComplete: KEPT, removeOnFail: KEPT };
  for (let i = 0; i < jobs; i += 1000) {
    const some = Array.from({ length: 1000 }, (_, k) => ({
      name: "trial",
      data: job,
      opts: { ...options, jobId: `trial-${i + k}` },
    }));
    await queue.addBulk(some);
  }
  const full = await factsOf(redis);
  const added = (full.cpu - idle.cpu) / jobs;
  console.log(`a waiting trial: ${Math.round((full.memory - idle.memory) / jobs)} bytes on the server`);
  let done = 0;
  const all = new Promise<void>((resolve) => {
    for (let i = 0; i < workers; i++) {
      const own = new Redis(server.url, { maxRetriesPerRequest: null });
      const worker = new Worker(
        "scale",
        async () => {
          await new Promise((later) => setTimeout(later, 500));
          return result;
        },
        { connection: own, prefix: "layerwise", metrics: { maxDataPoints: 60 } },
      );
      worker.on("error", () => {});
      worker.on("completed", () => {
        if (++done === jobs) resolve();
      });
    }
  });
  await all;
  const over = await factsOf(redis);
  const processed = (over.cpu - full.cpu) / jobs;
  console.log(
    `${workers} workers, ${jobs} trials: the server's processor time ${(1e6 * added).toFixed(0)} µs to add and ${(1e6 * processed).toFixed(0)} µs to run a trial, ` +
      `so ${Math.round(1 / (added + processed))} trials a second at most; ${over.clients} connections, ` +
      `${(over.memory / 2 ** 20).toFixed(1)} MiB with ${KEPT.count} records kept`,
  );
  await server.end();
}

async function factsOf(redis: Redis): Promise<{ memory: number; cpu: number; clients: number }> {
  const info = await redis.info();
  const field = (name: string) => Number(new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? 0);
  return {
    memory: field("used_memory"),
    cpu: field("used_cpu_user") + field("used_cpu_sys"),
    clients: field("connected_clients"),
  };
}
