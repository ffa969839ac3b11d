// What may befall a cluster. Each resolves to how often it did.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StateError, StorageError } from "layerwise";
import { readAddress } from "../../ts/redis/address.js";
import { connect } from "../../ts/redis/connection.js";
import type { Method } from "../../ts/study/study.js";
import { contentOf } from "../study-in-folder.js";
import { type Cluster, pause, until } from "./cluster.js";
import { run } from "./hosts.js";
import { childOf, killAtRandom } from "./kills.js";

export interface Scenario {
  readonly name: string;
  /** 0: it is no study, and `run` compares itself. */
  readonly trials: number;
  readonly options: object;
  readonly isPersistent?: boolean;
  /** Default: halving. */
  readonly method?: Method;
  readonly workers: readonly string[];
  /** Runs the study and what befalls it; the journal is looked at afterwards. */
  run(cluster: Cluster, scenario: Scenario): Promise<string>;
}

const WORKERS = ["a", "b", "c"];
const SHORT = { epochs: 6 };
const LONG = { epochs: 40 };
const KILLS = 100;

/** Runs the study while `disturb` goes on; both are waited for. */
async function whileStudying(
  cluster: Cluster,
  { trials, options }: Scenario,
  disturb: () => Promise<string>,
): Promise<string> {
  const study = cluster.study(trials, options).finally(() => {
    cluster.isOver = true;
  });
  const [, text] = await Promise.all([study, disturb()]);
  return text;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "killed",
    trials: 120,
    options: SHORT,
    workers: WORKERS,
    run: (cluster, scenario) =>
      whileStudying(cluster, scenario, () => killAtRandom(cluster, (scenario.trials * 4) / 3, KILLS)),
  },
  ...[["a"], ["a", "b", "c", "c"]].map(
    (workers): Scenario => ({
      name: `2,000 trials, workers: ${workers.length}`,
      trials: 2000,
      options: SHORT,
      method: { type: "tpe" },
      workers,
      run: (cluster, scenario) =>
        whileStudying(cluster, scenario, () => killAtRandom(cluster, scenario.trials, 20)),
    }),
  ),
  {
    name: "server restarts, append-only file",
    trials: 40,
    options: SHORT,
    isPersistent: true,
    workers: WORKERS,
    run: (cluster, scenario) =>
      whileStudying(cluster, scenario, async () => {
        for (const part of [0.2, 0.5, 0.8]) {
          await until(() => cluster.isOver || cluster.done > part * scenario.trials);
          await cluster.server.stop("SIGKILL");
          await pause(1);
          await cluster.server.start();
        }
        return "killed -9 and started three times";
      }),
  },
  {
    name: "server begins anew with nothing",
    trials: 40,
    options: SHORT,
    workers: WORKERS,
    run: (cluster, scenario) =>
      whileStudying(cluster, scenario, async () => {
        for (const part of [0.3, 0.7]) {
          await until(() => cluster.isOver || cluster.done > part * scenario.trials);
          await cluster.server.stop("SIGKILL");
          await cluster.server.start();
        }
        const lost = cluster.notes.filter((note) => note.includes("lost jobs")).length;
        return `twice; jobs were put there again ${lost} times`;
      }),
  },
  {
    name: "network cut and healed",
    trials: 40,
    options: SHORT,
    workers: WORKERS,
    run: (cluster, scenario) =>
      whileStudying(cluster, scenario, async () => {
        for (const [part, host] of [
          [0.2, "a"],
          [0.4, "b"],
          [0.6, "redis"],
        ] as const) {
          await until(() => cluster.isOver || cluster.done > part * scenario.trials);
          cluster.hosts.cut(host);
          await pause(5);
          cluster.hosts.heal(host);
        }
        return "two workers and the server, 5 s each";
      }),
  },
  {
    name: "slow worker",
    trials: 30,
    options: LONG,
    workers: WORKERS,
    run: (cluster, scenario) =>
      whileStudying(cluster, scenario, async () => {
        let stops = 0;
        while (!cluster.isOver && stops < 5) {
          const worker = cluster.workers[stops % cluster.workers.length];
          const pids = [worker?.process.pid, childOf(worker?.process.pid)].filter((pid) => pid !== undefined);
          for (const pid of pids) process.kill(pid, "SIGSTOP");
          await pause(5); // longer than its locks last
          for (const pid of pids) process.kill(pid, "SIGCONT");
          stops++;
          await pause(1);
        }
        return `${stops} times a worker stood still for 5 s, its locks lasting 2`;
      }),
  },
  {
    name: "workers asked to end",
    trials: 6,
    options: { epochs: 2000, patience: 2000, layers: [256, 128] },
    method: { type: "random" },
    workers: WORKERS,
    run: (cluster, scenario) =>
      whileStudying(cluster, scenario, async () => {
        const redis = await connect(readAddress(cluster.url, {}));
        let [ends, clean, checkpoints] = [0, 0, 0];
        while (!cluster.isOver && ends < 6) {
          await pause(2);
          const worker = cluster.workers[0];
          if (worker === undefined || childOf(worker.process.pid) === undefined) continue;
          const ended = new Promise((resolve) => worker.process.once("exit", resolve));
          worker.process.kill("SIGTERM");
          await ended;
          ends++;
          clean += worker.process.exitCode === 0 ? 1 : 0;
          checkpoints += (await redis.keys("layerwise:store:checkpoints/*.running")).length;
          await cluster.kill(worker);
          await cluster.startWorker(worker.host).ready;
        }
        redis.disconnect();
        if (clean < ends || checkpoints === 0)
          return `NOT all: ${clean} of ${ends} ended with 0, ${checkpoints} checkpoints`;
        return `${ends} SIGTERMs in mid-training, each exit code 0; ${checkpoints} checkpoints lay ready for others`;
      }),
  },
  {
    name: "two coordinators",
    trials: 40,
    options: SHORT,
    workers: WORKERS,
    run: async (cluster, { trials, options }) => {
      const other = join(cluster.folder, "other.jsonl");
      const first = cluster.study(trials, options);
      await until(() => existsSync(cluster.journal) && cluster.done > 2);
      const refused = await cluster.study(trials, options).then(
        () => "not refused",
        (error: unknown) => (error instanceof StateError ? "refused" : String(error)),
      );
      await Promise.all([first, cluster.study(trials, options, { journal: other })]);
      const same = (await contentOf(other)).join() === (await cluster.content()).join();
      return `a second one at the same journal ${refused}; one with a journal of its own ends ${same ? "with the same content" : "OTHERWISE"}`;
    },
  },
  {
    name: "clocks an hour off",
    trials: 30,
    options: SHORT,
    workers: [],
    run: async (cluster, scenario) => {
      const library = readdirSync("/usr/lib")
        .map((folder) => join("/usr/lib", folder, "faketime/libfaketime.so.1"))
        .find((path) => existsSync(path));
      if (library === undefined) return "SKIPPED: no libfaketime (apt-get install faketime)";
      for (const [host, clock] of [
        ["a", "+3600"],
        ["b", "-3600"],
      ] as const) {
        const env = {
          LD_PRELOAD: library,
          FAKETIME: clock,
          DONT_FAKE_MONOTONIC: "1",
        };
        cluster.startWorker(host, { env });
      }
      return whileStudying(cluster, scenario, async () => {
        for (const part of [0.2, 0.5]) {
          await until(() => cluster.isOver || cluster.done > part * scenario.trials);
          const [worker] = cluster.workers;
          if (worker !== undefined) await cluster.kill(worker);
          cluster.startWorker("c");
        }
        return "one worker an hour ahead, one an hour behind, both killed";
      });
    },
  },
  {
    name: "full disk under the journal",
    trials: 40,
    options: SHORT,
    workers: WORKERS,
    run: async (cluster, { trials, options }) => {
      const disk = join(cluster.folder, "disk");
      mkdirSync(disk);
      run("mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", disk);
      try {
        const journal = join(disk, "journal.jsonl");
        writeFileSync(join(disk, "filler"), Buffer.alloc(80 * 1024));
        const error = await cluster.study(trials, options, { journal }).catch((one: unknown) => one);
        const how = error instanceof StorageError ? "a StorageError" : `NOT A StorageError: ${error}`;
        rmSync(join(disk, "filler"));
        await cluster.study(trials, options, { journal });
        writeFileSync(cluster.journal, readFileSync(journal));
        return `${how}; the same command went on when there was room`;
      } finally {
        run("umount", disk);
      }
    },
  },
];
