// What the engine costs a trial: real trainings of some 10 ms on workers of 1 to 8 processes, against what a bare loop of them takes.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { runStudy } from "../../ts/coordinator/run-study.js";
import { readAddress } from "../../ts/redis/address.js";
import { BullRunner } from "../../ts/runner/bull-runner.js";
import type { Study } from "../../ts/study/study.js";
import type { TrialJob } from "../../ts/trial/job.js";
import type { TrialResult } from "../../ts/trial/result.js";
import { runTrial } from "../../ts/trial/run-trial.js";
import { MemoryBlobs } from "../memory-blobs.js";
import { freePort, RedisServer, WorkerProcess } from "../servers.js";
import { contentOf, inline, smallStudy } from "../study-in-folder.js";

/** Trials before the processes have their data and their code is warm, for each process. */
const WARM = 60;

/** Of Linux's clock in /proc. */
const TICKS_PER_SECOND = 100;

const HEAD = [
  "processes  trials/s  of the ideal  training's share  besides, ms a trial",
  "processor ms a trial: coordinator  worker  server  trainings  commands a trial",
].join("  |  ");

export interface Bare {
  readonly job: TrialJob;
  readonly result: TrialResult;
  /** Of a training by itself. */
  readonly seconds: number;
}

export function studyOf(folder: string, count: number): Study {
  return { ...smallStudy(folder, count, { epochs: 26, layers: [24, 12] }), method: "random" };
}

/** A real job, its result, and what such trainings take in a loop without any engine. */
export async function bareLoop(folder: string): Promise<Bare> {
  const store = new MemoryBlobs();
  const seen: TrialJob[] = [];
  const run = (job: TrialJob) => {
    seen.push(job);
    return runTrial(job, { store });
  };
  const runner = { ...inline(store), run };
  await runStudy(studyOf(folder, 2 * WARM), { runner, store, journal: join(folder, "bare.jsonl") });
  const timed = seen.slice(WARM);
  const begun = performance.now();
  let result: TrialResult | undefined;
  for (const job of timed) result = await runTrial(job, { store });
  const seconds = (performance.now() - begun) / 1000 / timed.length;
  const [job] = seen;
  if (job === undefined || result === undefined) throw new Error("no job");
  return { job, result, seconds };
}

/** A row for each number of processes; the first one's content is compared with that of a loop. */
export async function overhead(
  folder: string,
  trials: number,
  processes: readonly number[],
  { seconds: bare }: Bare,
): Promise<void> {
  console.log(
    `${availableParallelism()} processors; a training by itself takes ${(1000 * bare).toFixed(1)} ms`,
  );
  console.log(HEAD);
  for (const count of processes) {
    const journal = join(folder, `journal-${count}.jsonl`);
    const { wall, training, cpu, commands } = await measure(folder, trials, count, journal);
    const ideal = Math.min(count, availableParallelism()) / bare;
    const cells = [
      `${count}`.padStart(9),
      (trials / wall).toFixed(1).padStart(8),
      `${((100 * trials) / wall / ideal).toFixed(0)} %`.padStart(12),
      `${((100 * training) / (wall * count)).toFixed(1)} %`.padStart(16),
      ((1000 * (wall * count - training)) / trials).toFixed(2).padStart(20),
      "",
      ...[cpu.coordinator, cpu.worker, cpu.server, cpu.trainings].map((one) =>
        ((1000 * one) / trials).toFixed(2).padStart(8),
      ),
      (commands / trials).toFixed(2).padStart(8),
    ];
    console.log(cells.join("  "));
    if (count !== processes[0]) continue;
    console.log(`journal ${Math.round(statSync(journal).size / trials)} bytes a trial`);
    await compare(folder, trials, journal);
  }
}

async function compare(folder: string, trials: number, journal: string): Promise<void> {
  const [store, plain] = [new MemoryBlobs(), join(folder, "plain.jsonl")];
  await runStudy(studyOf(folder, trials), { runner: inline(store), store, journal: plain });
  if ((await contentOf(plain)).join() !== (await contentOf(journal)).join())
    throw new Error("another content than one process's");
}

async function measure(folder: string, trials: number, processes: number, journal: string) {
  const server = new RedisServer(await freePort());
  await server.start();
  const redis = new Redis(server.url);
  const worker = new WorkerProcess(server.url, { processes });
  try {
    await worker.ready;
    const runner = await BullRunner.open({ address: readAddress(server.url, {}) });
    const facts = () => costs(redis, worker.process.pid ?? 0);
    const run = (count: number, into: string, seed: number) =>
      runStudy(
        { ...studyOf(folder, count), seed },
        { runner, store: runner.store, storeData: true, journal: into },
      );
    await run(WARM * processes, `${journal}.warm`, 4);
    const before = await facts();
    const begun = performance.now();
    const { trials: done } = await run(trials, journal, 3);
    const wall = (performance.now() - begun) / 1000;
    const after = await facts();
    const training = done.reduce((sum, { results }) => sum + (results[0]?.run.seconds ?? 0), 0);
    await runner.close();
    const cpu = {
      coordinator: after.coordinator - before.coordinator,
      worker: after.worker - before.worker,
      server: after.server - before.server,
      trainings: after.trainings - before.trainings,
    };
    return { wall, training, cpu, commands: after.commands - before.commands };
  } finally {
    redis.disconnect();
    await worker.stop();
    await server.end();
  }
}

/** Processor time in seconds that each has had so far, and commands that the server ran. */
async function costs(redis: Redis, worker: number) {
  const info = await redis.info();
  const field = (name: string) => Number(new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? 0);
  const { user, system } = process.cpuUsage();
  const children = readdirSync(`/proc/${worker}/task`).flatMap((task) =>
    readFileSync(`/proc/${worker}/task/${task}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );
  return {
    coordinator: (user + system) / 1e6,
    worker: secondsOf(worker),
    server: field("used_cpu_user") + field("used_cpu_sys"),
    trainings: children.reduce((sum, pid) => sum + secondsOf(pid), 0),
    commands: field("total_commands_processed"),
  };
}

function secondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
