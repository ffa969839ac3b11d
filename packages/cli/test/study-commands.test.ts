// sweep, study, cross-validate and ensemble, each as its command.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OPTION_NAMES } from "@layerwise/cluster";
import { afterAll, expect, it, vi } from "vitest";
import { COLUMNS, TRAINING } from "../ts/options/rows.js";
import { programOf } from "../ts/program.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-sweep-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = join(folder, "rows.csv");
const rows = Array.from({ length: 160 }, (_, i) => {
  const [a, b] = [(i * 37) % 101, (i * 53) % 97];
  return `${a},${b},${a + 0.3 * b > 60 ? "high" : "low"}`;
});
writeFileSync(data, ["a,<b>b</b>,size", ...rows].join("\n"));

/** What a command writes to standard output. */
async function said(...args: string[]): Promise<string> {
  const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const errors = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    await programOf().parseAsync(args, { from: "user" });
    return output.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    output.mockRestore();
    errors.mockRestore();
  }
}

const last = (text: string) => JSON.parse(text.trim().split("\n").at(-1) ?? "");

it("a sweep leaves its journal, a report and the best options, which train takes; study tells of it", async () => {
  const study = join(folder, "small.json");
  writeFileSync(
    study,
    JSON.stringify({
      data: "rows.csv",
      target: "size",
      options: { epochs: 4, layers: [4], keepProb: 1 },
      space: {
        learningRate: { from: 0.001, to: 0.1, scale: "log" },
        activation: { choices: ["silu", "tanh"] },
      },
      budget: { trials: 9 },
    }),
  );
  const swept = last(await said("sweep", study, "--processes", "1", "--json"));
  expect(swept).toMatchObject({ type: "swept", trials: 9, failed: 0, endedBy: "trials", metric: "logLoss" });
  const report = readFileSync(join(folder, "small.report.html"), "utf8");
  for (const title of ["Train it", "How the search went", "Parameters", "Trials", "The study"]) {
    expect(report).toContain(`<h2>${title}</h2>`);
  }
  expect(report).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org)/);
  const best = join(folder, "small.best.json");
  const plan = await said("train", data, "--config", best, "--dry-run", "--json");
  expect(last(plan).options.learningRate).toBe(swept.best.configuration.learningRate);

  const shown = last(await said("study", "show", study, "--json"));
  expect(shown.trials).toHaveLength(9);
  expect(shown.best).toBe(swept.best.trial);
  const csv = await said("study", "show", study, "--export", "csv");
  expect(csv.split("\n")[0]).toBe("trial,rung,state,logLoss,learningRate,activation,epochs,seconds,error");
  expect(csv.trim().split("\n")).toHaveLength(10);
  const optuna = (await said("study", "show", study, "--export", "optuna")).trim().split("\n");
  const operations = optuna.map((line) => JSON.parse(line));
  expect(operations.filter(({ op_code }) => op_code === 6).map(({ values: [value] }) => value)).toEqual(
    shown.trials.map(({ value }: { value: number }) => value),
  );
  expect(last(await said("study", "best", study, "--json")).options).toEqual(
    JSON.parse(readFileSync(best, "utf8")),
  );
  const again = last(
    await said("study", "rerun", study, "--trial", "3", "--json", "-o", join(folder, "three")),
  );
  expect(again.value).toBe(shown.trials[3].value);
  const compared = last(await said("study", "compare", study, study, "--json"));
  expect(compared.studies[1].sameAsFirst).toBe(true);
}, 120_000);

it("an ensemble is train's model, to the byte, of networks of all kinds too; cross-validate scores each fold", async () => {
  const options = ["--target", "size", "--epochs", "3", "--layers", "4", "--seed", "2"];
  const [one, two, three] = ["one", "two", "folds"].map((name) => join(folder, name));
  const few = ["--target", "size", "--epochs", "1", "--seed", "2"];
  await said("ensemble", data, ...few, "-p", "1", "-o", one ?? "", "--quiet");
  await said("train", data, ...few, "-o", two ?? "", "--quiet");
  const [a, b] = [one, two].map((place) => readFileSync(join(place ?? "", "model.safetensors")));
  expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  const scored = last(
    await said("cross-validate", data, ...options, "--folds", "3", "-p", "1", "-o", three ?? "", "--json"),
  );
  const accuracy = scored.scores.find(({ name }: { name: string }) => name === "accuracy");
  expect(accuracy.values).toHaveLength(3);
  expect(accuracy.mean).toBeCloseTo(accuracy.values.reduce((sum: number, x: number) => sum + x, 0) / 3, 12);
}, 120_000);

it("a study has the options that train has", () => {
  const ofTrain = [...COLUMNS, ...TRAINING].map(({ key }) => key);
  const notSearched = ["target", "seed", "threads"];
  expect([...OPTION_NAMES].sort()).toEqual(ofTrain.filter((key) => !notSearched.includes(key)).sort());
});
