// node scripts/program.mjs bench/accuracy/main.ts [--seeds 5] [--python python3] file:target …
// What trainModel's defaults are worth on tables of one's own, beside scikit-learn's MLP with its defaults on the same rows.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readCsv, type Table, trainModel } from "@layerwise/data";
import { split } from "layerwise";

const TEST_SHARE = 0.25;
const SKLEARN = fileURLToPath(new URL("sklearn_mlp.py", import.meta.url));

const { values, positionals } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    python: { type: "string", default: "python3" },
    networks: { type: "string", default: "4" },
  },
  allowPositionals: true,
});

type Scores = Readonly<Record<string, number>>;

for (const job of positionals) {
  const at = job.lastIndexOf(":");
  await compare(job.slice(0, at), job.slice(at + 1));
}

/** A row of the table for each score: medians over the seeds, and how often ours is the better. */
async function compare(path: string, target: string): Promise<void> {
  const table = await readCsv(path);
  const ours: Scores[] = [];
  const theirs: Scores[] = [];
  const start = performance.now();
  for (let seed = 0; seed < Number(values.seeds); seed++) {
    const { train, test } = await divided(table, seed);
    const model = await trainModel(train, { target, seed, networks: Number(values.networks) });
    const [scores] = model.evaluate(test).targets;
    const isNumber = scores?.type === "numbers";
    ours.push(
      scores === undefined || scores.type === "numbers"
        ? { rootMeanSquaredError: scores?.rootMeanSquaredError ?? Number.NaN }
        : { accuracy: scores.accuracy, rocAuc: scores.rocAuc },
    );
    const used = model.pipeline.columns.map(({ name }) => name);
    theirs.push(ofSklearn(train, test, used, target, isNumber ? "numbers" : "classes", seed));
    model.dispose();
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  for (const name of Object.keys(ours[0] ?? {})) {
    const [a, b] = [ours, theirs].map((all) => all.map((scores) => scores[name] ?? Number.NaN));
    const isLess = name === "rootMeanSquaredError";
    const wins = a?.filter((value, i) => (isLess ? value <= (b?.[i] ?? 0) : value >= (b?.[i] ?? 0))).length;
    const file = path.split("/").at(-1);
    console.log(`| ${file} | ${name} | ${shown(a)} | ${shown(b)} | ${wins} of ${a?.length} | ${seconds} s |`);
  }
}

async function divided(table: Table, seed: number): Promise<{ train: Table; test: Table }> {
  const rows = Array.from({ length: table.rows }, (_, i) => [i]);
  const { train, test } = await split(rows, new Float64Array(table.rows), { test: TEST_SHARE, seed });
  return { train: table.select(train.indices), test: table.select(test.indices) };
}

function shown(values: readonly number[] | undefined): string {
  const sorted = [...(values ?? [])].sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toPrecision(4);
}

function ofSklearn(
  train: Table,
  test: Table,
  used: readonly string[],
  target: string,
  task: string,
  seed: number,
): Scores {
  const job = { train: columnsOf(train, used, target), test: columnsOf(test, used, target), task, seed };
  const { stdout, stderr, status } = spawnSync(values.python, [SKLEARN], {
    input: JSON.stringify(job),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${values.python} ${SKLEARN}: ${stderr}`);
  return JSON.parse(stdout) as Scores;
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
