import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Runner } from "../ts/runner/runner.js";
import type { BlobStore } from "../ts/store/blob-store.js";
import type { Study } from "../ts/study/study.js";
import { runTrial } from "../ts/trial/run-trial.js";

/** A study of many short trainings over a table that it writes into the folder. */
export function smallStudy(folder: string, trials: number, options: object = {}): Study {
  const path = join(folder, "data.csv");
  const rows = Array.from({ length: 160 }, (_, i) => {
    const [a, b] = [Math.sin(i * 1.7), Math.cos(i * 0.9)];
    return `${a.toFixed(4)},${b.toFixed(4)},${["x", "y", "z"][i % 3]},${(a * b + (i % 3)).toFixed(4)}`;
  });
  writeFileSync(path, `a,b,kind,value\n${rows.join("\n")}\n`);
  return {
    data: path,
    target: "value",
    options: { epochs: 6, layers: [12], batchSize: 16, ...options },
    space: { learningRate: { from: 0.001, to: 0.05, scale: "log" }, keepProb: { choices: [0.8, 1] } },
    method: { type: "halving", leastEpochs: 2 },
    budget: { trials },
    seed: 3,
  };
}

/** One after the other, here. */
export function inline(store: BlobStore): Runner {
  return { slots: 1, run: (job) => runTrial(job, { store }), close: async () => {} };
}

/** What a journal says, order and sessions aside; each line once, or it was counted twice. */
export function contentOf(journal: string): string[] {
  const lines = readFileSync(journal, "utf8").trim().split("\n");
  return lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ type }) => type !== "session" && type !== "closed")
    .map(({ run: _, ...rest }) => JSON.stringify(rest))
    .sort();
}
