import {
  type Evaluation,
  type Model,
  outputsOf,
  scoreIntervals,
  type Table,
  type TargetScores,
} from "@layerwise/data";
import type { Matrix } from "layerwise";
import { binaryCurves, calibration } from "../scores/curves.js";
import { networkKinds } from "./network-kinds.js";
import { number } from "./number.js";
import type {
  ClassesReport,
  ColumnRow,
  Curve,
  Decision,
  NumbersReport,
  ReportData,
  Score,
  WorstExamples,
} from "./report-data.js";

/** What a training leaves for its report. */
export interface Trained {
  readonly model: Model;
  readonly whole: Table;
  readonly training: Table;
  readonly test: Table | undefined;
  readonly curves: readonly Curve[];
  readonly decisions: readonly Decision[];
  readonly title: string;
  readonly lead: string;
  readonly command: string;
  readonly configuration: object;
  readonly version: string;
  readonly validationShare: number;
  /** Called behind each column whose worth is known. */
  readonly onColumn: (done: number, columns: number) => void;
}

/** Of the first target, whose scores head the report; others' scores stand behind them. */
export function reportOf(trained: Trained, evaluation: Evaluation | undefined): ReportData {
  const { model, test, training, curves } = trained;
  const [first] = evaluation?.targets ?? [];
  const importance =
    test === undefined || test.rows < 2 ? [] : model.explain(test, { onColumn: trained.onColumn });
  const columns =
    importance.length > 0
      ? importance.map(({ column }) => column)
      : model.pipeline.columns.map(({ name }) => name);
  const validation = Math.round(trained.validationShare * training.rows);
  return {
    title: trained.title,
    lead: trained.lead,
    command: trained.command,
    math: model.networks[0]?.runtime.math ?? "exact",
    decisions: trained.decisions,
    columns: columnRows(model, trained.whole),
    rows: { training: training.rows - validation, validation, test: evaluation?.predictions.rows ?? 0 },
    scores: evaluation === undefined ? [] : allScores(evaluation, model.training.seed),
    curves,
    classes: evaluation && first?.type === "classes" ? classesReport(evaluation, first) : undefined,
    numbers: evaluation && first?.type === "numbers" ? numbersReport(evaluation, first) : undefined,
    importance,
    importanceOf: first?.type === "numbers" ? "RMSE" : "log loss",
    worst:
      evaluation === undefined || test === undefined ? undefined : worstExamples(evaluation, columns, test),
    networks: networkKinds(model.networks),
    configuration: JSON.stringify(trained.configuration, null, 2),
    version: trained.version,
  };
}

/** Of every target, with its name where there are several. */
export function allScores({ targets, predictions }: Evaluation, seed: number): Score[] {
  return targets.flatMap((target, t) => {
    const prediction = predictions.targets[t];
    const scores = prediction === undefined ? [] : scoreIntervals(target, prediction, seed);
    const prefix = targets.length === 1 ? "" : `${target.name}: `;
    return scores.map(({ metric, value, interval }) => ({
      name: prefix + (SCORE_NAMES[metric] ?? metric),
      value,
      interval,
    }));
  });
}

/** For people. */
const SCORE_NAMES: Readonly<Record<string, string>> = {
  accuracy: "accuracy",
  rocAuc: "ROC AUC",
  balancedAccuracy: "balanced accuracy",
  logLoss: "log loss",
  matthews: "Matthews correlation",
  rootMeanSquaredError: "RMSE",
  meanAbsoluteError: "mean absolute error",
  r2: "R²",
};

function classesReport(
  {
    predictions: {
      targets: [prediction],
    },
  }: Evaluation,
  target: Extract<TargetScores, { type: "classes" }>,
): ClassesReport | undefined {
  if (prediction === undefined) return undefined;
  const outputs = outputsOf(prediction);
  const isBinary = target.classes.length === 2;
  const curves = isBinary ? binaryCurves(target.right, outputs.data) : undefined;
  const chosen =
    prediction.type === "classes" ? prediction.labels.map((label) => prediction.classes.indexOf(label)) : [];
  return {
    names: target.classes,
    counts: target.confusionMatrix,
    roc: curves?.roc,
    precisionRecall: curves?.precisionRecall,
    calibration: isBinary
      ? calibration(outputs.data, (i) => target.right[i] === 1)
      : calibration(
          chosen.map((k, i) => outputs.data[i * outputs.cols + k] ?? 0),
          (i) => target.right[i] === chosen[i],
        ),
  };
}

/** So many dots are drawn, evenly taken. */
const MOST_DOTS = 1500;

function numbersReport(
  { predictions }: Evaluation,
  { name, right }: Extract<TargetScores, { type: "numbers" }>,
): NumbersReport {
  const [prediction] = predictions.targets;
  const values = prediction === undefined ? [] : outputsOf(prediction).data;
  const shown = Math.min(MOST_DOTS, right.length);
  const rows = Array.from({ length: shown }, (_, i) => Math.floor((i * right.length) / shown));
  return { target: name, predictions: rows.map((row) => ({ x: right[row] ?? 0, y: values[row] ?? 0 })) };
}

const MOST_WORST = 10;
const MOST_COLUMNS = 6;

/** The predictions that were furthest off: of classes those that were wrong, whose true class was thought least likely. */
function worstExamples(
  { targets, predictions, indices }: Evaluation,
  columns: readonly string[],
  test: Table,
): WorstExamples | undefined {
  const [target] = targets;
  const [prediction] = predictions.targets;
  if (target === undefined || prediction === undefined) return undefined;
  const outputs = outputsOf(prediction);
  const chance = (i: number): number => {
    const right = target.right[i] ?? 0;
    if (outputs.cols > 1) return outputs.data[i * outputs.cols + right] ?? 0;
    return right === 1 ? (outputs.data[i] ?? 0) : 1 - (outputs.data[i] ?? 0);
  };
  const error = (i: number): number => (outputs.data[i] ?? 0) - (target.right[i] ?? 0);
  const isNumber = prediction.type === "numbers";
  const off = (i: number): number => (isNumber ? Math.abs(error(i)) : 1 - chance(i));
  const isWrong = (i: number): boolean =>
    isNumber ? error(i) !== 0 : prediction.classes.indexOf(prediction.labels[i] ?? "") !== target.right[i];
  const wrong = Array.from({ length: target.rows }, (_, i) => i).filter(isWrong);
  const order = [...wrong].sort((a, b) => off(b) - off(a)).slice(0, MOST_WORST);
  const names = columns.slice(0, MOST_COLUMNS);
  const rows = order.map((i) => {
    const values = test.row(indices[i] ?? 0);
    const said = isNumber
      ? [number(outputs.data[i] ?? Number.NaN), number(error(i))]
      : [
          `${prediction.labels[i]}`,
          Math.max(...rowOf(prediction.probabilities, i)).toFixed(2),
          chance(i).toFixed(2),
        ];
    return [shown(values[target.name]), ...said, ...names.map((name) => shown(values[name]))];
  });
  const head = isNumber
    ? ["predicted", "too high by"]
    : ["predicted", "its probability", "that of the true one"];
  return {
    of: target.rows,
    wrong: wrong.length,
    isNumber,
    columns: [`true ${target.name}`, ...head, ...names],
    rows,
  };
}

function rowOf({ data, cols }: Matrix, i: number): number[] {
  return Array.from(data.subarray(i * cols, (i + 1) * cols));
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return typeof value === "number" ? number(value) : String(value);
}

function columnRows({ pipeline }: Model, table: Table): ColumnRow[] {
  return table.describe().map((column): ColumnRow => {
    const ignored = pipeline.ignored.find(({ name }) => name === column.name);
    const used = pipeline.columns.find(({ name }) => name === column.name);
    const features = pipeline.features.filter(
      (name) =>
        name === column.name || name.startsWith(`${column.name}:`) || name.startsWith(`${column.name} `),
    );
    const use =
      ignored !== undefined
        ? `left out: ${ignored.reason}`
        : used === undefined
          ? "target"
          : `${features.length || 1} ${features.length > 1 ? "numbers" : "number"}: ${used.steps.map(({ type }) => type).join(", ")}`;
    return {
      name: column.name,
      type: column.type,
      use,
      missing: column.missing,
      summary: summaryText(column),
    };
  });
}

function summaryText(column: ReturnType<Table["describe"]>[number]): string {
  if ("levels" in column) {
    const most = column.levels.slice(0, 4).map(({ level, count }) => `${level} ${number(count)}`);
    return most.join(", ") + (column.distinct > 4 ? ` and ${number(column.distinct - 4)} more` : "");
  }
  const { type, lowest, highest, mean, quantiles } = column;
  if (type === "date") return `${shown(new Date(lowest))} … ${shown(new Date(highest))}`;
  return `${number(lowest)} … ${number(highest)}, mean ${number(mean)}, median ${number(quantiles.median)}`;
}
