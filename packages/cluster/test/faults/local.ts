/**
 * Studies on this machine's processes, through kills: `npm run test:studies [kills [tpe | hyperband | thousands]]`. The same study on one process, on four whose
 * workers are killed -9 at random 100 times, and with its coordinator killed -9 at random besides: the journals must say the same.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contentOf, readJournal, type Study } from "@layerwise/cluster";
import { smallStudy } from "../study-in-folder.js";

const KILLS = Number(process.argv[2] ?? 100);
/** One of the studies alone, by its name. */
const ONLY = process.argv[3];
const folder = mkdtempSync(join(tmpdir(), "layerwise-faults-"));

const common: Study = {
  data: fileURLToPath(new URL("../../../../examples/data/telco_churn.csv.gz", import.meta.url)),
  target: "Churn",
  options: { epochs: 18, patience: 30, layers: [16] },
  space: {
    learningRate: { from: 1e-4, to: 3e-2, scale: "log" },
    keepProb: { from: 0.6, to: 1 },
    activation: { choices: ["silu", "relu", "tanh"] },
    "layers[0]": { from: 8, to: 48, integer: true },
  },
};

const STUDIES: Readonly<Record<string, Study>> = {
  tpe: { ...common, method: "tpe", budget: { trials: 60 } },
  hyperband: { ...common, method: "hyperband", budget: { trials: 60 } },
  thousands: smallStudy(folder, 2000, {}, { type: "tpe" }),
};

interface Kills {
  readonly workers: number;
  readonly coordinators: number;
}

interface Ran {
  readonly content: readonly string[];
  readonly killed: { workers: number; coordinators: number };
  readonly seconds: number;
}

/** Runs a study to its end, through kills. */
async function ran(name: string, of: Study, processes: number, kills: Kills): Promise<Ran> {
  const place = join(folder, name);
  const [study, journal, store] = [`${place}.json`, `${place}.journal.jsonl`, `${place}.store`];
  writeFileSync(study, JSON.stringify(of));
  const killed = { workers: 0, coordinators: 0 };
  const begun = performance.now();
  for (;;) {
    const child = fork(
      fileURLToPath(new URL("study-process.ts", import.meta.url)),
      [study, journal, store, `${processes}`],
      {
        execArgv: ["--import", "tsx"],
      },
    );
    const code = await through(child, kills, killed);
    if (code === 0) break;
    if (code !== null) throw new Error(`${name}: a coordinator ended with code ${code}`);
  }
  const { records } = await readJournal(journal);
  return { content: contentOf(records), killed, seconds: (performance.now() - begun) / 1000 };
}

interface Word {
  readonly pids: readonly number[];
  readonly done: number;
}

/** Resolves to a coordinator's exit code; null where it was killed. Each kill waits for a result, so that the study gets on. */
function through(child: ChildProcess, kills: Kills, killed: Ran["killed"]): Promise<number | null> {
  let last = -1;
  child.on("message", ({ pids, done }: Word) => {
    const left = {
      workers: kills.workers - killed.workers,
      coordinators: kills.coordinators - killed.coordinators,
    };
    if (done <= last || Math.random() < 0.5 || left.workers + left.coordinators <= 0) return;
    const pid = pids[Math.floor(Math.random() * pids.length)];
    if (pid === undefined) return;
    last = done;
    if (Math.random() * (left.workers + left.coordinators) < left.coordinators) {
      killed.coordinators += 1;
      child.kill("SIGKILL");
    } else if (isEnded(pid)) killed.workers += 1;
  });
  return new Promise((resolve) => child.on("exit", (code) => resolve(code)));
}

/** Ends a process; false where it had ended. */
function isEnded(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

let failed = false;
try {
  for (const [name, study] of Object.entries(STUDIES)) {
    if (ONLY !== undefined && name !== ONLY) continue;
    const alone = await ran(`${name}-alone`, study, 1, { workers: 0, coordinators: 0 });
    console.log(`${name}: ${alone.content.length} records on one process, ${alone.seconds.toFixed(0)} s`);
    for (const kills of [
      { workers: Math.ceil(KILLS / 2), coordinators: 0 },
      { workers: 5, coordinators: Math.ceil(KILLS / 10) },
    ]) {
      const through = await ran(`${name}-${kills.coordinators}`, study, 4, kills);
      const same = JSON.stringify(through.content) === JSON.stringify(alone.content);
      const { workers, coordinators } = through.killed;
      failed ||= !same;
      console.log(
        `${name}: four processes, ${workers} workers and ${coordinators} coordinators killed, ${through.seconds.toFixed(0)} s: ${same ? "the same" : "ANOTHER JOURNAL"}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
