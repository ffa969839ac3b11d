import { type ClusterStatus, clusterStatus, readAddress, startWorker } from "@layerwise/cluster";
import type { Command } from "commander";
import { SERVER, STORE } from "../options/cluster-rows.js";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readValues } from "../options/read-options.js";
import { SAYING } from "../options/rows.js";
import { number } from "../report/number.js";
import { duration, type Saying, sayingOf } from "../terminal/saying.js";
import { tableText } from "../terminal/table.js";

const WORKER_ROWS: readonly OptionRow[] = [
  ...SERVER,
  {
    key: "threads",
    value: { kind: "integer", least: 1, most: 1024 },
    help: "trainings at a time, each on a thread of its own",
    default: "one a processor",
  },
  STORE,
  {
    key: "lockSeconds",
    value: { kind: "integer", least: 1, most: 3600 },
    help: "after how long without a sign of life a job is another worker's",
    default: "30",
  },
  ...SAYING,
];

/** `layerwise worker --redis redis://host:6379` */
export function addWorker(program: Command): void {
  const command = program
    .command("worker")
    .description("train what others put into a queue, until it is ended; SIGTERM gives what runs back");
  addOptions(command, WORKER_ROWS).action(async () => {
    const values = readValues(command, WORKER_ROWS);
    const { redis, queue, threads, store, lockSeconds } = values as {
      redis?: string;
      queue?: string;
      threads?: number;
      store?: string;
      lockSeconds?: number;
    };
    const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
    const address = readAddress(redis);
    const worker = await startWorker({
      address,
      ...(queue !== undefined && { queue }),
      ...(threads !== undefined && { processes: threads }),
      ...(store !== undefined && { store }),
      ...(lockSeconds !== undefined && { lockSeconds }),
      onNote: (text) => saying.say(text),
    });
    saying.say(
      `worker of build ${worker.build}: ${worker.processes} at a time from ${address.shown}, queue ${queue ?? "default"}`,
    );
    await ending(saying);
    await worker.close();
    // A server that is away would keep the process: what it had is known to be lost by the locks.
    process.exit(process.exitCode ?? 0);
  });
}

/** Resolves when the worker is asked to end; asked twice, it ends at once. */
function ending(saying: Saying): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    const onSignal = () => {
      if (isAsked) process.exit(130);
      isAsked = true;
      saying.say("ending: what runs goes back into the queue, with its checkpoint (again: end at once)");
      resolve();
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

const STATUS_ROWS: readonly OptionRow[] = [...SERVER, ...SAYING];

/** `layerwise cluster status` */
export function addCluster(program: Command): void {
  const cluster = program.command("cluster").description("look at a server with a queue");
  const command = cluster.command("status").description("workers, queues, throughput, stalled jobs");
  addOptions(command, STATUS_ROWS).action(async () => {
    const values = readValues(command, STATUS_ROWS);
    const { redis, queue } = values as { redis?: string; queue?: string };
    const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
    const status = await clusterStatus(readAddress(redis), queue);
    saying.result("status", status, statusText(status));
  });
}

function statusText({
  server,
  queue,
  version,
  memoryBytes,
  isPersistent,
  workers,
  queues,
}: ClusterStatus): string {
  const memory = `${(memoryBytes / 2 ** 20).toFixed(1)} MiB`;
  const kept = isPersistent ? "kept through a restart" : "lost with a restart (appendonly yes keeps it)";
  const head = `${server}, version ${version}, ${memory}, ${kept}\nqueue ${queue}`;
  const rows = queues.map((one) => [
    one.build,
    ...[one.waiting, one.active, one.stalled, one.waitingForChildren, one.completed, one.failed].map(number),
    one.perMinute.map(number).join(" "),
  ]);
  const ofQueues = tableText(
    ["build", "waiting", "active", "stalled", "rounds", "completed", "failed", "a minute, last first"],
    rows,
    [1, 2, 3, 4, 5, 6],
  );
  const ofWorkers = tableText(
    ["worker", "process", "build", "store", "at a time", "running", "done", "failed", "since"],
    workers.map((one) => [
      one.host,
      `${one.pid}`,
      one.build,
      one.store,
      ...[one.processes, one.running, one.done, one.failed].map(number),
      duration(one.seconds),
    ]),
    [1, 4, 5, 6, 7],
  );
  return `${head}\n\n${queues.length === 0 ? "no jobs" : ofQueues}\n\n${workers.length === 0 ? "no workers" : ofWorkers}`;
}
