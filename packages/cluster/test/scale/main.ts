// npm run bench:cluster: what the engine costs a trial, and what a server holds and does for many workers and trials. First the study's
// content is compared with that of one process; times are of this machine and the load that it has, the server's processor time isn't.
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { runStudy } from "../../ts/coordinator/run-study.js";
import { readAddress } from "../../ts/redis/address.js";
import { BullRunner, KEPT } from "../../ts/runner/bull-runner.js";
import type { Study } from "../../ts/study/study.js";
import type { TrialJob } from "../../ts/trial/job.js";
import type { TrialResult } from "../../ts/trial/result.js";
import { runTrial } from "../../ts/trial/run-trial.js";
import { MemoryBlobs } from "../memory-blobs.js";
import { freePort, newFolder, RedisServer, WorkerProcess, whyNoProgram, whyNoRedis } from "../servers.js";
import { contentOf, inline, smallStudy } from "../study-in-folder.js";

/** Trials before the processes have their data and their code is warm. */
const WARM = 50;

const [trials = 1000, workers = 1000, jobs = 20_000] = process.argv.slice(2).map(Number);
const why = whyNoRedis() ?? whyNoProgram();
if (why !== undefined) {
  console.error(`SKIPPED: ${why}`);
  process.exit();
}
const folder = newFolder();
try {
  const { job, result } = await sample();
  for (const processes of [1, 2]) await overhead(processes);
  await simulation(job, result);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

function studyOf(count: number): Study {
  return { ...smallStudy(folder, count, { epochs: 12, layers: [16] }), method: "random" };
}

/** A real job and its result. */
async function sample(): Promise<{ job: TrialJob; result: TrialResult }> {
  const store = new MemoryBlobs();
  const seen: TrialJob[] = [];
  const run = (job: TrialJob) => {
    seen.push(job);
    return runTrial(job, { store });
  };
  const runner = { ...inline(store), run };
  await runStudy(studyOf(3), { runner, store, journal: join(folder, "sample.jsonl") });
  const [job] = seen;
  if (job === undefined) throw new Error("no job");
  const result = await runTrial(job, { store });
  console.log(`a job ${bytesOf(job)} bytes, a result ${bytesOf(result)} bytes`);
  return { job, result };
}

function bytesOf(value: unknown): number {
  return JSON.stringify(value).length;
}

/** Short trials on so many processes of one worker. */
async function overhead(processes: number): Promise<void> {
  const server = new RedisServer(await freePort());
  await server.start();
  const worker = new WorkerProcess(server.url, processes);
  await worker.ready;
  const runner = await BullRunner.open({ address: readAddress(server.url, {}) });
  let [training, begun, count] = [0, 0, 0];
  let cpu = process.cpuUsage();
  const timed = {
    get slots() {
      return runner.slots;
    },
    async run(...args: Parameters<BullRunner["run"]>) {
      const result = await runner.run(...args);
      if (++count === WARM) {
        begun = performance.now();
        cpu = process.cpuUsage();
      } else if (count > WARM) training += result.run.seconds;
      return result;
    },
    close: () => runner.close(),
  };
  const journal = join(folder, `journal-${processes}.jsonl`);
  await runStudy(studyOf(trials), { runner: timed, store: runner.store, storeData: true, journal });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const timedTrials = trials - WARM;
  const store = new MemoryBlobs();
  const plain = join(folder, `plain-${processes}.jsonl`);
  if (processes === 1) {
    await runStudy(studyOf(trials), { runner: inline(store), store, journal: plain });
    const isSame = (await contentOf(plain)).join() === (await contentOf(journal)).join();
    if (!isSame) throw new Error("another content");
  }
  const perTrial = (processes * seconds - training) / timedTrials;
  console.log(
    `${processes} at a time: ${timedTrials} trials of ${((1000 * training) / timedTrials).toFixed(1)} ms, ` +
      `${((100 * training) / (processes * seconds)).toFixed(1)} % of the processes' time is training, ` +
      `${(1000 * perTrial).toFixed(2)} ms a trial besides; the coordinator's processor time ${((user + system) / 1000 / timedTrials).toFixed(2)} ms a trial; journal ${Math.round(statSync(journal).size / trials)} bytes a trial`,
  );
  await runner.close();
  await worker.stop();
  await server.end();
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
