import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "../ts/journal/read-journal.js";
import { contentOf as contentOfRecords } from "../ts/journal/records.js";
import type { Runner } from "../ts/runner/runner.js";
import type { BlobStore } from "../ts/store/blob-store.js";
import type { Method, Study } from "../ts/study/study.js";
import { runTrial } from "../ts/trial/run-trial.js";

/** A study of many short trainings over a table that it writes into the folder. */
export function smallStudy(
  folder: string,
  trials: number,
  options: object = {},
  method: Method = { type: "halving", leastEpochs: 2 },
): Study {
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
    method,
    budget: { trials },
    seed: 3,
  };
}

/** One after the other, here. */
export function inline(store: BlobStore): Runner {
  return { slots: 1, run: (job) => runTrial(job, { store }), close: async () => {} };
}

/** What a journal says, order and sessions aside; each record once, or it was counted twice. */
export async function contentOf(journal: string): Promise<string[]> {
  return contentOfRecords((await readJournal(journal)).records);
}
