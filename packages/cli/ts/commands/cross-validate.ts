import { basename, join, resolve } from "node:path";
import { runStudy, type Study, type TrialDone } from "@layerwise/cluster";
import { shownPlace } from "@layerwise/data";
import type { Command } from "commander";
import { ConfigError, StateError } from "layerwise";
import { EXIT } from "../exit-codes.js";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readConfigFile, readValues, type Values } from "../options/read-options.js";
import { COLUMNS, READING, SAYING, SPLIT, TRAINING } from "../options/rows.js";
import { openOutput } from "../output/open-output.js";
import { number } from "../report/number.js";
import { sayingOf } from "../terminal/saying.js";
import { boardOf } from "../terminal/study-board.js";
import { tableText } from "../terminal/table.js";
import { interruptible, PROCESSES, placeOf } from "./study-runner.js";
import { withWhatIsKept } from "./what-is-kept.js";

/** Those of `train` that a study has too. */
export const STUDY_ROWS: readonly OptionRow[] = [...COLUMNS, ...SPLIT, ...TRAINING, ...READING];

const ROWS: readonly OptionRow[] = [
  { key: "folds", value: { kind: "integer", least: 2 }, help: "how many parts take turns", default: "5" },
  {
    key: "repeats",
    value: { kind: "integer", least: 1, most: 1000 },
    help: "trainings of each, from other seeds",
    default: "1",
  },
  { key: "metric", value: { kind: "text" }, help: "the first of the scores", default: "by the task" },
  ...STUDY_ROWS.map((row) => (row.key === "networks" ? { ...row, default: "1" } : row)),
  ...PROCESSES,
  ...SAYING,
  {
    key: "output",
    value: { kind: "text" },
    help: "folder for cross-validation.jsonl, from which it goes on",
    default: "this one",
    letter: "o",
  },
];

const READING_KEYS = new Set(READING.map(({ key }) => key));
const OWN_KEYS = new Set(["target", "seed", "test", "groups", "ordered"]);

/** What is given as a study whose options are fixed. */
export function studyOf(data: readonly string[], values: Values, more: Partial<Study> = {}): Study {
  const given = STUDY_ROWS.flatMap(({ key }) =>
    values[key] === undefined ? [] : [[key, values[key]] as const],
  );
  const target = values.target as readonly string[] | undefined;
  if (target === undefined) throw new ConfigError("--target", "the name of the column to predict", "none");
  const pick = (has: (key: string) => boolean) => Object.fromEntries(given.filter(([key]) => has(key)));
  return {
    data,
    target,
    reading: pick((key) => READING_KEYS.has(key)),
    options: pick((key) => !READING_KEYS.has(key) && !OWN_KEYS.has(key)) as NonNullable<Study["options"]>,
    ...pick((key) => OWN_KEYS.has(key) && key !== "target"),
    ...more,
  };
}

/** `layerwise cross-validate data.csv --target price --folds 5` */
export function addCrossValidate(program: Command): void {
  const command = program
    .command("cross-validate")
    .description("train on all folds but one, score on that one, by turns: mean and spread of the scores")
    .argument("<data...>", "files of one format")
    .option("-c, --config <file>", "JSON with the options' names as keys; flags come first");
  addOptions(command, ROWS).action(async (data: readonly string[], options: { config?: string }) => {
    const config = options.config === undefined ? {} : readConfigFile(options.config, ROWS);
    process.exitCode = await crossValidate(data, readValues(command, ROWS, config));
  });
}

async function crossValidate(data: readonly string[], values: Values): Promise<number> {
  const [json, quiet] = [values.json === true, values.quiet === true];
  const saying = sayingOf({ json, quiet });
  const {
    folds = 5,
    repeats = 1,
    metric,
    test = 0,
  } = values as { folds?: number; repeats?: number; metric?: string; test?: number };
  const study = studyOf(data, values, {
    folds,
    repeats,
    test,
    method: "grid",
    ...(metric !== undefined && { metric }),
  });
  const folder = resolve((values.output as string | undefined) ?? ".");
  const journal = "cross-validation.jsonl";
  using _output = await openOutput(folder, [journal]);
  const board = boardOf({ json, quiet, saying });
  const { runner, store, storeData } = await placeOf(join(folder, ".layerwise-store"), values, saying);
  try {
    const outcome = await interruptible(board, "ending; the same command goes on from here", (signal) =>
      runStudy(study, {
        ...{ runner, store, storeData, signal, journal: join(folder, journal) },
        failFast: true,
        onProgress: (progress) => board.show(progress),
        onNote: (text) => board.say(text),
      }),
    );
    board.rest();
    if (outcome === undefined) return EXIT.interrupted;
    const results = outcome.trials[0]?.results.filter((one): one is TrialDone => one.state === "done") ?? [];
    if (results.length === 0) throw new StateError("cross-validation", "folds that train", "none");
    const scores = spreadOf(results);
    const rows = scores.map(({ name, mean, deviation, values: each }) => [
      name,
      number(mean),
      number(deviation),
      each.map(number).join("  "),
    ]);
    const times = repeats === 1 ? `${folds} folds` : `${folds} folds, ${repeats} seeds`;
    const title = `${data.map((path) => basename(shownPlace(path))).join(", ")} → ${study.target}, ${times}`;
    saying.result(
      "cross-validated",
      { folds, repeats, scores },
      `${title}\n\n${tableText(["", "mean", "deviation", "each"], rows, [1, 2])}`,
    );
    return EXIT.done;
  } catch (error) {
    throw withWhatIsKept(error, [join(folder, journal)], "the same command");
  } finally {
    await runner.close();
  }
}

/** Of each score the mean and the deviation (n − 1) over folds and seeds. */
function spreadOf(results: readonly TrialDone[]) {
  return Object.keys(results[0]?.scores ?? {}).map((name) => {
    const values = results.map(({ scores }) => scores[name] ?? Number.NaN);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { name, mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)), values };
  });
}
