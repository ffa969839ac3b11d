// A study that takes a moment, and a runner within this process.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Runner } from "../ts/runner/runner.js";
import { FolderStore } from "../ts/store/folder-store.js";
import type { Study } from "../ts/study/study.js";
import { keyOf, type TrialJob } from "../ts/trial/job.js";
import type { TrialResult } from "../ts/trial/result.js";
import { runTrial } from "../ts/trial/run-trial.js";

export const folder = mkdtempSync(join(tmpdir(), "layerwise-study-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 150 rows of three columns, one of them of names, and a number and a class that follow from them. */
export const data = join(folder, "rows.csv");
const rows = Array.from({ length: 150 }, (_, i) => {
  const [a, b, c] = [((i * 37) % 101) / 10, ((i * 53) % 97) / 10, "xyz"[i % 3]];
  const y = a * 0.7 - b * 0.4 + (c === "x" ? 2 : 0) + ((i * 29) % 13) / 20;
  return [a, b, c, y.toFixed(3), y > 3 ? "high" : "low"].join(",");
});
writeFileSync(data, ["a,b,c,y,size", ...rows].join("\n"));

export const study: Study = {
  data,
  target: "y",
  options: { epochs: 9, layers: [6], keepProb: 1, ignore: ["size"] },
  space: {
    learningRate: { from: 1e-3, to: 1e-1, scale: "log" },
    activation: { choices: ["silu", "tanh"] },
    "layers[0]": { from: 3, to: 9, integer: true },
  },
  method: { type: "tpe", startup: 4 },
  budget: { trials: 14 },
};

/** Results by their keys: a job's result is always the same, so tests train each once. */
const known = new Map<string, Promise<TrialResult>>();

/** Runs up to `slots` jobs side by side, which end in the order that `wait` makes. */
export function inlineRunner(
  slots: number,
  wait: (n: number) => number = () => 0,
): Runner & { ran: TrialJob[] } {
  const store = new FolderStore(join(folder, "shared"));
  const ran: TrialJob[] = [];
  return {
    slots,
    ran,
    async run(job, { signal } = {}) {
      const n = ran.push(structuredClone(job));
      await new Promise((resolve) => setTimeout(resolve, wait(n)));
      signal?.throwIfAborted();
      const key = keyOf(job);
      const result = known.get(key) ?? runTrial(job, { store });
      known.set(key, result);
      return { ...(await result), run: { worker: `inline ${n}`, seconds: n } };
    },
    close: async () => {},
  };
}

let count = 0;

/** A place for a journal and a store. */
export function newPlace() {
  const place = join(folder, `study-${count++}`);
  return { journal: join(place, "journal.jsonl"), store: new FolderStore(join(place, "store")) };
}
