// What train leaves: model.safetensors, report.html and metrics.json.
import { basename, join } from "node:path";
import { shownPlace, writeFile } from "@layerwise/data";
import { flagOf, isOnByDefault, offFlagOf } from "../options/option-row.js";
import { quoted } from "../options/quoted.js";
import type { Values } from "../options/read-options.js";
import { TRAINING } from "../options/rows.js";
import { shownValues } from "../options/shown-values.js";
import { allScores, reportOf, type Trained } from "../report/make-report.js";
import { number } from "../report/number.js";
import { curveText } from "../terminal/curve.js";
import { duration, type Saying, sayNowAndThen } from "../terminal/saying.js";
import { plainScores, scoreTable } from "../terminal/score-table.js";
import { columnsOf } from "../terminal/width.js";
import { VERSION } from "../version.js";
import type { planOf } from "./plan.js";

/** A training that is over, and what it was of. */
export interface Written
  extends Pick<Trained, "model" | "whole" | "training" | "test" | "curves" | "decisions"> {
  readonly data: readonly string[];
  readonly targets: readonly string[];
  readonly values: Values;
  readonly plan: ReturnType<typeof planOf>;
  /** For the files. */
  readonly folder: string;
  readonly seconds: number;
  readonly saying: Saying;
}

/** The files, in the order in which they are written. */
export const TRAINED_FILES = ["model.safetensors", "report.html", "metrics.json"] as const;

/** What is to be said of it, for programs and for people. */
export interface Said {
  readonly data: object;
  readonly text: string;
}

/** Writes the model, the report and the scores. Raises StorageError. */
export async function writeTraining(written: Written): Promise<Said> {
  const { model, test, values, data, targets, plan, whole, folder } = written;
  const paths = TRAINED_FILES.map((name) => join(folder, name));
  const [modelPath = "", reportPath = "", metricsPath = ""] = paths;
  await model.save(modelPath);
  const evaluation = test === undefined ? undefined : model.evaluate(test);
  const tested = evaluation?.predictions.rows ?? 0; // Those without a target aren't.
  const scores = evaluation === undefined ? [] : allScores(evaluation, model.training.seed);
  const trained: Trained = {
    ...written,
    title: `${data.map((path) => basename(shownPlace(path))).join(", ")} → ${targets.join(", ")}`,
    lead: `${plan.task}, from ${number(model.pipeline.columns.length)} columns of ${number(whole.rows)} rows, in ${duration(written.seconds)}.`,
    command: commandOf(data, values),
    configuration: { ...shownValues(values), data: data.map(shownPlace) },
    version: VERSION,
    validationShare: (values.validation as number | undefined) ?? 0.15,
    onColumn: sayNowAndThen(
      written.saying,
      (done, columns) => `what columns are worth: ${done} of ${columns}`,
    ),
  };
  const { reportPage } = await import("../report/page.js"); // With its charts: other commands start without them.
  await writeFile(reportPath, reportPage(reportOf(trained, evaluation)));
  const { training } = model;
  const metrics = {
    task: plan.task,
    targets,
    rows: { all: whole.rows, training: training.rows, test: tested },
    scores: plainScores(scores),
    training,
    seconds: written.seconds,
    options: shownValues(values),
  };
  await writeFile(metricsPath, `${JSON.stringify(metrics, null, 2)}\n`);
  const left = (evaluation?.notes ?? []).filter(
    ({ kind, column }) => kind === "dropped" && column !== undefined,
  );
  const notes = left.map(({ column, message }) => `the test's ${column}: ${message}`);
  const text = summaryText(written, scores, tested, paths);
  return { data: { ...metrics, files: paths }, text: [...notes, text].join("\n") };
}

function summaryText(
  { curves, seconds, model }: Written,
  scores: ReturnType<typeof allScores>,
  tested: number,
  paths: readonly string[],
): string {
  const table =
    tested === 0 ? "no rows were kept for a test" : `\n${scoreTable(scores, `${number(tested)} test rows`)}`;
  const networks =
    model.networks.length === 1 ? "one network" : `${model.networks.length} networks, averaged`;
  const curve = curveText(curves, columnsOf(process.stdout) ?? 80);
  return `${curve}\n${table}\n\n${networks}, ${duration(seconds)}\n${paths.join("\n")}`;
}

const ON_BY_DEFAULT = TRAINING.filter(isOnByDefault).map(({ key }) => key);

/** What makes the same model again, where passwords and tokens of addresses are given too. */
export function commandOf(data: readonly string[], values: Values): string {
  const flags = Object.entries(shownValues(values)).flatMap(([key, value]) => {
    if (key === "output" || key === "json" || key === "quiet") return [];
    const flag = flagOf(key);
    if (ON_BY_DEFAULT.includes(key)) return value === false ? [offFlagOf(key)] : [];
    if (value === true) return [flag];
    if (value === false) return [];
    if (Array.isArray(value)) return [flag, quoted(value.join(","))];
    if (typeof value === "object" && value !== null)
      return Object.entries(value).flatMap(([name, type]) => [flag, quoted(`${name}=${type}`)]);
    return [flag, quoted(String(value))];
  });
  return ["layerwise train", ...data.map((path) => quoted(shownPlace(path))), ...flags].join(" ");
}
