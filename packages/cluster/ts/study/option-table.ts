// The training options that a study may fix or search: names and meanings are those of layerwise.json.
import { ConfigError } from "layerwise";
import { checkNumber, checkOneOf, checkSwitch, checkTexts, checkWhole, nearest, shown } from "./checks.js";
import type { TrainingOptions } from "./study.js";

type Check = (path: string, value: unknown) => unknown;

const positive: Check = (path, value) => checkNumber(path, value, (x) => x > 0, "a number above 0");
const notNegative: Check = (path, value) => checkNumber(path, value, (x) => x >= 0, "a number of 0 or more");
export const below1: Check = (path, value) =>
  checkNumber(path, value, (x) => x >= 0 && x < 1, "a number in [0, 1)");
const whole =
  (least: number, most?: number): Check =>
  (path, value) =>
    checkWhole(path, value, least, most);
const oneOf =
  (...names: readonly string[]): Check =>
  (path, value) =>
    checkOneOf(path, value, names);

const COLUMN_TYPES = ["number", "category", "boolean", "date", "ignore"];

export const OPTION_CHECKS: Readonly<Record<string, Check>> = {
  task: oneOf("numbers", "classes"),
  ignore: (path, value) => checkTexts(path, value, "names of columns"),
  type: checkTypes,
  log: checkSwitch,
  scaling: oneOf("standard", "robust", "minMax", "quantileNormal", "none"),
  softLimit: notNegative,
  rareBelow: whole(0),
  maxLevels: whole(1, 10_000),
  networks: whole(1, 64),
  layers: checkLayers,
  activation: oneOf("relu", "silu", "gelu", "mish", "selu", "tanh", "softplus"),
  keepProb: (path, value) => checkNumber(path, value, (p) => p > 0 && p <= 1, "a number in (0, 1]"),
  skip: checkSwitch,
  loss: oneOf("meanSquaredError", "meanAbsoluteError", "huber", "logCosh"),
  labelSmoothing: below1,
  epochs: whole(1),
  batchSize: whole(1),
  learningRate: positive,
  weightDecay: notNegative,
  l2: notNegative,
  clipNorm: notNegative,
  validation: below1,
  patience: whole(0),
  dtype: oneOf("float32", "float64"),
};

export const OPTION_NAMES = Object.keys(OPTION_CHECKS);

/** A trial is the same to the bit wherever it runs: what computes it is no part of a study, and other math can't be. */
const OF_EACH_WORKER = ["engine", "threads", "math"];

/** `layers[0]`: the width of one hidden layer. */
const LAYER = /^layers\[(\d)\]$/;

/** A parameter's value where it is an option's; names with $ before them are nobody's. Raises ConfigError. */
export function checkOption(path: string, name: string, value: unknown): void {
  if (name.startsWith("$")) return;
  if (LAYER.test(name)) {
    checkWhole(path, value, 1);
    return;
  }
  if (OF_EACH_WORKER.includes(name)) {
    const expected = 'none in a study: trials are math "exact", on each worker\'s engine and threads';
    throw new ConfigError(path, expected, shown(value));
  }
  const check = OPTION_CHECKS[name];
  if (check !== undefined) {
    check(path, value);
    return;
  }
  const guess = nearest(name, OPTION_NAMES);
  const expected = guess === undefined ? `one of ${OPTION_NAMES.join(", ")}` : `${guess} (did you mean it?)`;
  throw new ConfigError(path, expected, "an unknown option");
}

/** The study's options with a configuration's in their places. */
export function mergedOptions(options: TrainingOptions, configuration: TrainingOptions): TrainingOptions {
  const merged: Record<string, TrainingOptions[string]> = { ...options };
  const widths: TrainingOptions[string][] = [];
  for (const [name, value] of Object.entries(configuration)) {
    const layer = LAYER.exec(name)?.[1];
    if (layer !== undefined) widths[Number(layer)] = value;
    else if (!name.startsWith("$")) merged[name] = value;
  }
  if (widths.length > 0) merged.layers = widths.filter((width) => width !== undefined);
  return merged;
}

function checkLayers(path: string, value: unknown): unknown {
  if (Array.isArray(value) && value.length > 0)
    return value.map((width, i) => checkWhole(`${path}[${i}]`, width, 1));
  throw new ConfigError(path, "a list of widths such as [256, 128]", shown(value));
}

function checkTypes(path: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(path, "an object with columns as keys", shown(value));
  }
  for (const [name, type] of Object.entries(value)) checkOneOf(`${path}.${name}`, type, COLUMN_TYPES);
  return value;
}
