import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Model, type Table, type TrainOptions, trainModel } from "@layerwise/data";
import type { Command } from "commander";
import { ConfigError } from "layerwise";
import { EXIT } from "../exit-codes.js";
import { flagOf, type OptionRow } from "../options/option-row.js";
import { addOptions, readConfigFile, readValues, type Values } from "../options/read-options.js";
import { COLUMNS, OUTPUT, READING, SAYING, SPLIT, TRAINING } from "../options/rows.js";
import { divide } from "../reading/divide.js";
import { readTable } from "../reading/read-table.js";
import { allScores, reportOf, type Trained } from "../report/make-report.js";
import { number } from "../report/number.js";
import type { Curve, Decision } from "../report/report-data.js";
import { curveText } from "../terminal/curve.js";
import { duration, type Saying, sayingOf } from "../terminal/saying.js";
import { plainScores, scoreTable } from "../terminal/score-table.js";
import { VERSION } from "../version.js";
import { planOf } from "./plan.js";

export const TRAIN_ROWS: readonly OptionRow[] = [
  ...COLUMNS,
  ...SPLIT,
  ...TRAINING,
  ...READING,
  ...SAYING,
  OUTPUT,
];

/** `layerwise train data.csv --target price` */
export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .description("learn a column from the others, and write model.safetensors, report.html and metrics.json")
    .argument(
      "<data...>",
      "files of one format: CSV, TSV, JSON lines or Parquet, .gz too; * and ? in their names",
    )
    .option("-c, --config <file>", "JSON with the options' names as keys; flags come first")
    .option("--dry-run", "print what would be done, and end");
  addOptions(command, TRAIN_ROWS).action(
    async (data: readonly string[], options: { config?: string; dryRun?: boolean }) => {
      const config = options.config === undefined ? {} : readConfigFile(options.config, TRAIN_ROWS);
      process.exitCode = await train(data, readValues(command, TRAIN_ROWS, config), options.dryRun === true);
    },
  );
}

/** Resolves to the exit code. */
async function train(data: readonly string[], values: Values, isDryRun: boolean): Promise<number> {
  const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
  const targets = values.target as readonly string[] | undefined;
  if (targets === undefined) throw new ConfigError("--target", "the name of the column to predict", "none");
  const begun = performance.now();
  const whole = await readTable(data, values);
  const plan = planOf(whole, targets, values);
  const { training, test, how } = await divide(whole, targets[0] ?? "", plan.isClasses, values);
  const decisions: Decision[] = [...plan.decisions, { what: "test", why: how }];
  for (const { what, why } of decisions) saying.say(`${what}: ${why}`);
  if (isDryRun) {
    saying.result(
      "plan",
      { decisions, options: plan.options, rows: { training: training.rows, test: test?.rows ?? 0 } },
      planText(plan.options),
    );
    return EXIT.done;
  }
  const stop = new AbortController();
  const onInterrupt = () => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted); // Twice: whoever asks means it.
    saying.say("\nending at the next step; what is best so far is kept (again: end at once)");
    stop.abort();
  };
  process.on("SIGINT", onInterrupt);
  try {
    const curves: MutableCurve[] = [];
    using model = await trainModel(training, {
      ...plan.options,
      signal: stop.signal,
      onEpoch: watcher(saying, curves),
    });
    saying.rest();
    curves.forEach((curve, k) => {
      curve.best = model.training.networks[k]?.bestEpoch;
    });
    const kept = curves.slice(0, model.networks.length);
    const said = new Set(decisions.map(({ why }) => why));
    for (const note of model.training.notes) {
      const message = note.slice(note.indexOf(": ") + 2);
      if (!said.has(note) && ![...said].some((why) => why.startsWith(message))) saying.say(note);
    }
    const seconds = (performance.now() - begun) / 1000;
    await write(
      { model, whole, training, test, curves: kept, decisions, data, targets, values, plan, seconds },
      saying,
    );
    return stop.signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

type MutableCurve = { -readonly [Key in keyof Curve]: Curve[Key] } & {
  loss: number[];
  validation: { epoch: number; loss: number }[];
};

/** Shows each epoch, and keeps its losses. */
function watcher(saying: Saying, curves: MutableCurve[]): NonNullable<TrainOptions["onEpoch"]> {
  let last = performance.now();
  return ({ network, networks, epoch, epochs, loss, validation, rows }) => {
    const now = performance.now();
    const examplesPerSecond = (1000 * rows) / Math.max(0.01, now - last);
    last = now;
    curves[network] ??= { loss: [], validation: [], best: undefined };
    curves[network].loss.push(loss);
    const validationLoss = validation?.loss;
    if (validationLoss !== undefined) curves[network].validation.push({ epoch, loss: validationLoss });
    saying.progress({ network, networks, epoch, epochs, loss, validationLoss, examplesPerSecond });
  };
}

interface Written {
  readonly model: Model;
  readonly whole: Table;
  readonly training: Table;
  readonly test: Table | undefined;
  readonly curves: readonly Curve[];
  readonly decisions: readonly Decision[];
  readonly data: readonly string[];
  readonly targets: readonly string[];
  readonly values: Values;
  readonly plan: ReturnType<typeof planOf>;
  readonly seconds: number;
}

async function write(written: Written, saying: Saying): Promise<void> {
  const { model, test, values, data, targets, plan, whole } = written;
  const folder = resolve((values.output as string | undefined) ?? ".");
  mkdirSync(folder, { recursive: true });
  const paths = ["model.safetensors", "report.html", "metrics.json"].map((name) => join(folder, name));
  const [modelPath = "", reportPath = "", metricsPath = ""] = paths;
  await model.save(modelPath);
  const evaluation = test === undefined ? undefined : model.evaluate(test);
  const scores = evaluation === undefined ? [] : allScores(evaluation, model.training.seed);
  const trained: Trained = {
    ...written,
    title: `${data.map((path) => basename(path)).join(", ")} → ${targets.join(", ")}`,
    lead: `${plan.task}, from ${number(model.pipeline.columns.length)} columns of ${number(whole.rows)} rows, in ${duration(written.seconds)}.`,
    command: commandOf(data, values),
    configuration: { ...values, data },
    version: VERSION,
    validationShare: (values.validation as number | undefined) ?? 0.15,
  };
  const { reportPage } = await import("../report/page.js"); // With its charts: other commands start without them.
  writeFileSync(reportPath, reportPage(reportOf(trained, evaluation)));
  const { training } = model;
  const metrics = {
    task: plan.task,
    targets,
    rows: { all: whole.rows, training: training.rows, test: test?.rows ?? 0 },
    scores: plainScores(scores),
    training,
    seconds: written.seconds,
    options: values,
  };
  writeFileSync(metricsPath, `${JSON.stringify(metrics, null, 2)}\n`);
  saying.result("trained", { ...metrics, files: paths }, summaryText(written, scores, paths));
}

function summaryText(
  { curves, test, seconds, model }: Written,
  scores: ReturnType<typeof allScores>,
  paths: readonly string[],
): string {
  const table =
    test === undefined
      ? "no rows were kept for a test"
      : `\n${scoreTable(scores, `${number(test.rows)} test rows`)}`;
  const networks =
    model.networks.length === 1 ? "one network" : `${model.networks.length} networks, averaged`;
  const curve = curveText(curves, process.stdout.columns ?? 80);
  return `${curve}\n${table}\n\n${networks}, ${duration(seconds)}\n${paths.join("\n")}`;
}

/** What makes the same model again. */
function commandOf(data: readonly string[], values: Values): string {
  const flags = Object.entries(values).flatMap(([key, value]) => {
    if (key === "output" || key === "json" || key === "quiet") return [];
    const flag = flagOf(key);
    if (value === true) return [flag];
    if (value === false) return [];
    if (Array.isArray(value)) return [flag, quoted(value.join(","))];
    if (typeof value === "object" && value !== null)
      return Object.entries(value).flatMap(([name, type]) => [flag, quoted(`${name}=${type}`)]);
    return [flag, quoted(String(value))];
  });
  return ["layerwise train", ...data.map(quoted), ...flags].join(" ");
}

function quoted(text: string): string {
  return /^[\w./,=:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function planText(options: object): string {
  return `\n${JSON.stringify(options, null, 2)}`;
}
