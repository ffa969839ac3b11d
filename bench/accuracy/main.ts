// node scripts/program.mjs bench/accuracy/main.ts [--seeds 5] [--python python3] [--peers sklearn,realmlp,xgboost] file:target …
// What trainModel's defaults are worth on tables of one's own, beside others on the same rows: medians over the seeds, and in how many
// of them ours is no worse than scikit-learn's. bench/accuracy/sets.py writes public tables.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Model, readCsv, splitTable, type Table, trainModel } from "@layerwise/data";

const TEST_SHARE = 0.25;
const PEERS = fileURLToPath(new URL("peers.py", import.meta.url));

const { values, positionals } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    python: { type: "string", default: "python3" },
    peers: { type: "string", default: "sklearn,realmlp,xgboost" },
    options: { type: "string", default: "{}" },
  },
  allowPositionals: true,
});

type Scores = Readonly<Record<string, number>>;

const peers = values.peers.split(",").filter((name) => name !== "");
console.log(
  `| data | rows | score | layerwise | ${peers.join(" | ")} | no worse than ${peers[0]} | its own time |`,
);
console.log(`| --- | --- | --- | --- | ${peers.map(() => "---").join(" | ")} | --- | --- |`);
for (const job of positionals) {
  const at = job.lastIndexOf(":");
  await compare(job.slice(0, at), job.slice(at + 1));
}

/** A row of the table for each score. */
async function compare(path: string, target: string): Promise<void> {
  const table = await readCsv(path);
  const ours: Scores[] = [];
  const splits: unknown[] = [];
  let task = "";
  const { user } = process.cpuUsage();
  for (let seed = 0; seed < Number(values.seeds); seed++) {
    const { train, test } = await splitTable(table, { test: TEST_SHARE, seed });
    const model = await trainModel(train, { target, seed, ...JSON.parse(values.options) });
    ours.push(scoresOf(model, test));
    task = model.pipeline.targets[0]?.type === "number" ? "numbers" : "classes";
    const used = model.pipeline.columns.map(({ name }) => name);
    splits.push({ train: columnsOf(train, used, target), test: columnsOf(test, used, target), seed });
    model.dispose();
  }
  const seconds = Math.round(process.cpuUsage({ user, system: 0 }).user / 1e6);
  const theirs = asked({ peers, task, splits });
  for (const name of Object.keys(ours[0] ?? {})) {
    const own = ours.map((scores) => scores[name] ?? Number.NaN);
    const others = peers.map((peer) => theirs[peer]?.map((scores) => scores[name] ?? Number.NaN));
    const isLess = name === "rootMeanSquaredError";
    const wins = own.filter((value, i) => {
      const other = others[0]?.[i] ?? Number.NaN;
      return isLess ? value <= other : value >= other;
    });
    const cells = [path.split("/").at(-1), table.rows, name, shown(own), ...others.map(shown)];
    console.log(`| ${cells.join(" | ")} | ${wins.length} of ${own.length} | ${seconds} s |`);
  }
}

function scoresOf(model: Model, test: Table): Scores {
  const [scores] = model.evaluate(test).targets;
  if (scores === undefined) return {};
  return scores.type === "numbers"
    ? { rootMeanSquaredError: scores.rootMeanSquaredError }
    : { accuracy: scores.accuracy, rocAuc: scores.rocAuc };
}

/** The median; nothing where a peer isn't installed. */
function shown(numbers: readonly number[] | undefined): string {
  if (numbers === undefined) return "";
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toPrecision(4);
}

function asked(job: object): Readonly<Record<string, Scores[]>> {
  const { stdout, stderr, status } = spawnSync(values.python, [PEERS], {
    input: JSON.stringify(job),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${values.python} ${PEERS}: ${stderr}`);
  if (stderr !== "") console.error(stderr);
  return JSON.parse(stdout);
}

function columnsOf(table: Table, used: readonly string[], target: string) {
  const rows = table.toRows().filter((row) => row[target] !== null);
  const isNumber = (name: string) => table.column(name).type === "number";
  const cells = (name: string) => rows.map((row) => row[name] ?? null);
  return {
    numbers: used.filter(isNumber).map(cells),
    texts: used.filter((name) => !isNumber(name)).map(cells),
    target: cells(target),
  };
}
