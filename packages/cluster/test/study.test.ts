// The promise: a study's content doesn't depend on who ran it, in which order, or how often it was killed.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadModel } from "@layerwise/data";
import { describe, expect, it } from "vitest";
import {
  contentOf,
  FolderStore,
  keyOf,
  LocalRunner,
  modelName,
  type Runner,
  readJournal,
  runStudy,
  runTrial,
  type Study,
  type TrialJob,
} from "../ts/index.js";
import { hashOfBytes } from "../ts/trial/canonical.js";
import { data, folder, inlineRunner, newPlace, study } from "./small-study.js";

async function contentAt(journal: string) {
  return contentOf((await readJournal(journal)).records);
}

async function ranBy(runner: Runner, of: Study = study, place = newPlace()) {
  const outcome = await runStudy(of, { runner, ...place });
  return { outcome, place, content: await contentAt(place.journal) };
}

const halving: Study = {
  ...study,
  method: { type: "hyperband", factor: 3, leastEpochs: 1 },
  budget: { trials: 9 },
};
const folds: Study = { ...study, method: "random", budget: { trials: 3 }, folds: 3, repeats: 2 };

describe.each<[string, Study]>([
  ["tpe", study],
  ["hyperband", halving],
  ["folds and repeats", folds],
])("%s", (_, of) => {
  it("has the same content on one worker and on four that end in another order", async () => {
    const one = await ranBy(inlineRunner(1), of);
    const four = await ranBy(
      inlineRunner(4, (n) => (n * 7919) % 23),
      of,
    );
    expect(four.content).toEqual(one.content);
    expect(four.outcome.best).toMatchObject({
      trial: one.outcome.best?.trial,
      configuration: one.outcome.best?.configuration,
      value: one.outcome.best?.value,
    });
    expect(one.outcome.failed).toBe(0);
  });

  it("goes on from any byte of its journal", async () => {
    const whole = await ranBy(inlineRunner(2), of);
    // As a coordinator that was killed leaves it: its session isn't closed, and its process is gone.
    const text = readFileSync(whole.place.journal, "utf8").replace(/"process":"[^"]*"/, '"process":"gone"');
    const bytes = Buffer.from(text);
    for (const share of [0.15, 0.5, 0.83, 0.97]) {
      const place = newPlace();
      mkdirSync(dirname(place.journal), { recursive: true });
      writeFileSync(place.journal, bytes.subarray(0, 6 + bytes.lastIndexOf("\n", share * bytes.length)));
      const notes: string[] = [];
      await runStudy(of, { runner: inlineRunner(3), ...place, onNote: (text) => notes.push(text) });
      expect(await contentAt(place.journal)).toEqual(whole.content);
      expect(notes.join()).toMatch(/cut off, and left out/);
    }
  });
});

it("a study that is done runs nothing again, and goes on for a larger budget", async () => {
  const { place, content } = await ranBy(inlineRunner(2));
  const again = inlineRunner(2);
  await ranBy(again, study, place);
  expect(again.ran).toEqual([]);
  expect(await contentAt(place.journal)).toEqual(content);
  const more: Study = { ...study, budget: { trials: 18 } };
  const { outcome, content: grown } = await ranBy(again, more, place);
  expect(again.ran).toHaveLength(4);
  expect(outcome.trials).toHaveLength(18);
  expect(grown).toEqual((await ranBy(inlineRunner(1), more)).content);
  const other: Study = { ...study, seed: 1 };
  await expect(ranBy(again, other, place)).rejects.toThrow(/began|begun with.*another seed/);
});

it("a budget of epochs ends a study before the first training that would be too many", async () => {
  const { outcome } = await ranBy(inlineRunner(4), { ...study, budget: { trials: 14, epochs: 9 * 5 + 8 } });
  expect(outcome.trials).toHaveLength(5);
});

it("a job is plain data, and whoever runs it, however often, comes to one result", async () => {
  const runner = inlineRunner(2);
  await ranBy(runner, halving);
  const [job] = runner.ran.filter(({ rung }) => rung === 1) as [TrialJob];
  expect(JSON.parse(JSON.stringify(job))).toEqual(job);
  const renumbered: TrialJob = { ...job, trial: 99 };
  expect(keyOf(renumbered)).toBe(keyOf(job));
  const store = new FolderStore(join(folder, "twice"));
  const first = await runTrial(job, { store, threads: 2 });
  const second = await runTrial(JSON.parse(JSON.stringify(job)), { store });
  expect({ ...second, run: 0 }).toEqual({ ...first, run: 0 });
  await expect(runTrial({ ...job, build: "0.0.1+other" }, { store })).rejects.toThrow(
    /0\.0\.1\+other.*0\.1\.0\+/,
  );
  const lost = {
    ...job,
    data: { ...job.data, files: [{ from: data, sha256: "0".repeat(64), isStored: false }] },
  };
  await expect(runTrial(lost, { store })).rejects.toThrow(/SHA-256 0000000000000000/);
});

it("a rung goes on from the one before, to the bit of a training that never stopped", async () => {
  const runner = inlineRunner(1);
  await ranBy(runner, halving);
  const [last] = runner.ran.filter(({ rung }) => rung === 2) as [TrialJob];
  const earlier = runner.ran.filter(({ trial, rung }) => trial === last.trial && rung < 2);
  expect(earlier.length).toBeGreaterThan(0);
  const store = new FolderStore(join(folder, "rungs"));
  for (const job of earlier) await runTrial(job, { store });
  const reports: number[] = [];
  const warm = await runTrial(last, { store, onProgress: ({ epoch }) => reports.push(epoch) });
  const cold = await runTrial(last, { store: new FolderStore(join(folder, "cold")) });
  expect(reports).not.toContain(1);
  expect({ ...warm, run: 0 }).toEqual({ ...cold, run: 0 });
  expect(warm).toMatchObject({ state: "done", epochs: 9 });
});

it("a training that is given up leaves where it was, and goes on to the same bits", async () => {
  const runner = inlineRunner(1);
  await ranBy(runner, {
    ...halving,
    options: { ...study.options, epochs: 60 },
    method: { type: "halving", leastEpochs: 20 },
  });
  const job: TrialJob = { ...(runner.ran[0] as TrialJob), until: 20 };
  const store = new FolderStore(join(folder, "given-up"));
  const stop = new AbortController();
  const onProgress = ({ epoch }: { epoch: number }) => epoch === 8 && stop.abort(new Error("SIGTERM"));
  await expect(runTrial(job, { store, signal: stop.signal, onProgress })).rejects.toThrow("SIGTERM");
  const reports: number[] = [];
  const resumed = await runTrial(job, { store, onProgress: ({ epoch }) => reports.push(epoch) });
  expect(reports[0]).toBe(9);
  expect({ ...resumed, run: 0 }).toEqual({
    ...(await runTrial(job, { store: new FolderStore(join(folder, "straight")) })),
    run: 0,
  });
});

it("a failed training keeps its error, takes no part, and ends the study if that is asked for", async () => {
  const failing: Study = {
    ...study,
    method: "grid",
    options: { ...study.options, clipNorm: 1e30 },
    space: { learningRate: { choices: [0.01, 1e20] }, scaling: { choices: ["standard", "none"] } },
    budget: {},
  };
  const { outcome, place } = await ranBy(inlineRunner(2), failing);
  expect(outcome.failed).toBeGreaterThan(0);
  expect(outcome.best?.configuration.learningRate).toBe(0.01);
  const failed = outcome.trials.find(({ value }) => value === undefined);
  expect(failed?.results[0]).toMatchObject({ state: "failed", error: { name: "ConfigError" } });
  expect(readFileSync(place.journal, "utf8")).toContain('"name":"ConfigError"');
  const fast = runStudy(failing, { runner: inlineRunner(1), ...newPlace(), failFast: true });
  await expect(fast).rejects.toThrow(/trial \d: expected one that trains, got ConfigError/);
});

it("is the same when processes are killed at random, and the best model's bytes are the journal's", async () => {
  const of: Study = {
    ...halving,
    options: { ...study.options, epochs: 270 },
    method: { type: "hyperband", leastEpochs: 30 },
  };
  const alone = await ranBy(inlineRunner(1), of);
  const place = newPlace();
  const runner = new LocalRunner({ store: place.store.folder, processes: 2 });
  let kills = 0;
  try {
    const killer = setInterval(() => {
      const pid = runner.busyPids[kills % 2];
      if (pid === undefined || kills >= 3) return;
      process.kill(pid, "SIGKILL");
      kills += 1;
    }, 500);
    const { outcome, content } = await ranBy(runner, of, place);
    clearInterval(killer);
    expect(content).toEqual(alone.content);
    const [best] = outcome.best?.results ?? [];
    const job = inlineRunner(1);
    await ranBy(job, of);
    const of1 = job.ran.find((one) => keyOf(one) === best?.key) as TrialJob;
    await runner.run({ ...of1, keepModel: true });
    const bytes = await place.store.get(modelName(best?.key ?? ""));
    expect(best?.state === "done" && best.model).toBe(hashOfBytes(bytes ?? new Uint8Array()));
    using model = await loadModel(bytes ?? new Uint8Array());
    expect(model.networks).toHaveLength(1);
  } finally {
    await runner.close();
  }
  expect(kills).toBeGreaterThan(0);
}, 120_000);
