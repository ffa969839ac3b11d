/**
 * What a study costs besides its trainings: `npm run bench:studies [trials]`. Trainings of some 10 ms on 1, 2, 4 and 8 processes, the numbers of
 * processes in turn; each row tells the share of the processes' time that was training, and the coordinator's processor time a trial.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { FolderStore, LocalRunner, readJournal, runStudy, type Study } from "@layerwise/cluster";

const TRIALS = Number(process.argv[2] ?? 400);
const ROUNDS = 3;
const PROCESSES = [1, 2, 4, 8];

const folder = mkdtempSync(join(tmpdir(), "layerwise-overhead-"));
const data = join(folder, "rows.csv");
const rows = Array.from({ length: 200 }, (_, i) => {
  const [a, b, c] = [((i * 37) % 101) / 10, ((i * 53) % 97) / 10, ((i * 71) % 89) / 10];
  return `${a},${b},${c},${(a * 0.7 - b * 0.4 + Math.abs(c - 4) + ((i * 29) % 13) / 20).toFixed(3)}`;
});
writeFileSync(data, ["a,b,c,y", ...rows].join("\n"));

const study = (trials: number, seed: number): Study => ({
  data,
  target: "y",
  options: { epochs: 26, patience: 40, layers: [24, 12], keepProb: 1 },
  space: { learningRate: { from: 1e-3, to: 1e-1, scale: "log" }, weightDecay: { from: 0, to: 0.1 } },
  method: "random",
  budget: { trials },
  seed,
});

interface Measured {
  readonly wall: number;
  readonly training: number;
  readonly coordinator: number;
  readonly bytes: number;
}

let count = 0;

async function measure(processes: number): Promise<Measured> {
  const place = join(folder, `${count++}`);
  const store = join(place, "store");
  const runner = new LocalRunner({ store, processes });
  const run = (trials: number, name: string) =>
    runStudy(study(trials, count), { runner, store: new FolderStore(store), journal: join(place, name) });
  try {
    await run(8 * processes, "warm.jsonl"); // processes start, and their code is compiled
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    await run(TRIALS, "journal.jsonl");
    const wall = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const { records } = await readJournal(join(place, "journal.jsonl"));
    const training = records.reduce((sum, one) => sum + (one.type === "result" ? one.run.seconds : 0), 0);
    const { size } = statSync(join(place, "journal.jsonl"));
    return { wall, training, coordinator: (user + system) / 1e6, bytes: size };
  } finally {
    await runner.close();
  }
}

console.log(`${availableParallelism()} processors, ${TRIALS} trials a row, ${ROUNDS} rounds in turn`);
console.log(
  "processes  trials/s  ms of training  training's share  coordinator's ms a trial  bytes of journal a trial",
);
const all = new Map<number, Measured[]>();
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const processes of PROCESSES)
      all.set(processes, [...(all.get(processes) ?? []), await measure(processes)]);
  }
  for (const [processes, measured] of all) {
    const middle = (of: (one: Measured) => number) =>
      measured.map(of).sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
    const cells = [
      `${processes}`.padStart(9),
      middle(({ wall }) => TRIALS / wall)
        .toFixed(1)
        .padStart(8),
      middle(({ training }) => (1000 * training) / TRIALS)
        .toFixed(1)
        .padStart(14),
      `${middle(({ wall, training }) => (100 * training) / (wall * processes)).toFixed(1)} %`.padStart(16),
      middle(({ coordinator }) => (1000 * coordinator) / TRIALS)
        .toFixed(2)
        .padStart(24),
      middle(({ bytes }) => bytes / TRIALS)
        .toFixed(0)
        .padStart(24),
    ];
    console.log(cells.join("  "));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
