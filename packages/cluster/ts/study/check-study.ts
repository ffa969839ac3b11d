import { ConfigError } from "layerwise";
import {
  checkKeys,
  checkNumber,
  checkOneOf,
  checkSwitch,
  checkText,
  checkTexts,
  checkWhole,
  type Json,
  shown,
} from "./checks.js";
import { below1, checkOption } from "./option-table.js";
import { STUDY_SCHEMA } from "./schema.js";
import type { Budget, Method, Parameter, Space, Study, TrainingOptions, Value } from "./study.js";

export const METHOD_NAMES = ["grid", "random", "sobol", "halton", "tpe", "halving", "hyperband"] as const;

/** Keys of a study, in the order of the schema. */
const STUDY_NAMES = [
  "$schema",
  "name",
  "data",
  "reading",
  "target",
  "metric",
  "direction",
  "options",
  "space",
  "method",
  "budget",
  "seed",
  "repeats",
  "folds",
  "test",
  "evaluation",
  "groups",
  "ordered",
] as const satisfies readonly (keyof Study)[];

const READING_NAMES = Object.keys(STUDY_SCHEMA.properties.reading.properties);

/** The most seeds that a study's repeats take, 64 apart. */
const MOST_REPEATS = 1000;

/** What was read of a file or given by a program, as a study. Raises ConfigError naming the place. */
export function checkStudy(given: unknown): Study {
  const json = checkKeys("study", given, STUDY_NAMES);
  checkTexts("study.data", json.data, "a path, or several");
  checkTexts("study.target", json.target, "a column's name, or several");
  if (json.reading !== undefined) checkKeys("study.reading", json.reading, READING_NAMES);
  for (const name of ["name", "metric", "groups"]) {
    if (json[name] !== undefined) checkText(`study.${name}`, json[name]);
  }
  if (json.direction !== undefined) checkOneOf("study.direction", json.direction, ["minimize", "maximize"]);
  checkOptions(json.options);
  checkSpace(json.space);
  checkMethod(json.method);
  checkBudget(json.budget);
  checkRows(json);
  return json as unknown as Study;
}

function checkRows(json: Json): void {
  const { seed = 0, repeats = 1, folds = 2, test = 0, evaluation = 0.5, ordered = false } = json;
  checkWhole("study.seed", seed, 0, Number.MAX_SAFE_INTEGER - 64 * MOST_REPEATS);
  checkWhole("study.repeats", repeats, 1, MOST_REPEATS);
  checkWhole("study.folds", folds, 2);
  below1("study.test", test);
  checkNumber("study.evaluation", evaluation, (x) => x > 0 && x < 1, "a number in (0, 1)");
  if (typeof ordered !== "boolean") checkText("study.ordered", ordered);
  if (ordered !== false && json.groups !== undefined) {
    throw new ConfigError("study.ordered", "none beside groups", "both");
  }
  if (json.folds !== undefined && json.evaluation !== undefined) {
    throw new ConfigError("study.evaluation", "none beside folds", shown(evaluation));
  }
}

function checkOptions(options: unknown): asserts options is TrainingOptions | undefined {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError("study.options", "an object", shown(options));
  }
  for (const [name, value] of Object.entries(options)) checkOption(`study.options.${name}`, name, value);
}

function checkSpace(space: unknown): asserts space is Space | undefined {
  if (space === undefined) return;
  if (typeof space !== "object" || space === null || Array.isArray(space)) {
    throw new ConfigError("study.space", "an object with parameters' names as keys", shown(space));
  }
  const before: string[] = [];
  for (const [name, parameter] of Object.entries(space)) {
    checkParameter(`study.space.${name}`, name, parameter, before);
    before.push(name);
  }
}

function checkParameter(path: string, name: string, given: unknown, before: readonly string[]): void {
  const isChoice = typeof given === "object" && given !== null && "choices" in given;
  const names = isChoice ? ["choices", "when"] : ["from", "to", "scale", "integer", "points", "when"];
  const parameter = checkKeys(path, given, names);
  const values = isChoice ? choicesOf(path, parameter) : endsOf(path, parameter);
  for (const value of values) checkOption(path, name, value);
  if (parameter.when === undefined) return;
  for (const other of Object.keys(checkKeys(`${path}.when`, parameter.when, before))) checkText(path, other);
}

function choicesOf(path: string, { choices }: Json): readonly unknown[] {
  if (!Array.isArray(choices) || choices.length === 0) {
    throw new ConfigError(`${path}.choices`, "a list of values", shown(choices));
  }
  const texts = new Set(choices.map((choice) => JSON.stringify(choice)));
  if (texts.size < choices.length)
    throw new ConfigError(`${path}.choices`, "different values", shown(choices));
  return choices;
}

function endsOf(path: string, json: Json): readonly unknown[] {
  const { scale = "linear", integer = false, points = 5 } = json;
  checkOneOf(`${path}.scale`, scale, ["linear", "log"]);
  checkSwitch(`${path}.integer`, integer);
  checkWhole(`${path}.points`, points, 1, 1000);
  const least = scale === "log" ? "a number above 0, since its scale is log" : "a number";
  const from = checkNumber(`${path}.from`, json.from, (x) => scale !== "log" || x > 0, least);
  const to = checkNumber(`${path}.to`, json.to, (x) => x >= from, `a number of at least ${from}`);
  if (integer === true)
    for (const [end, x] of Object.entries({ from, to })) checkWhole(`${path}.${end}`, x, -(2 ** 31), 2 ** 31);
  return [from, to];
}

function checkMethod(method: unknown): asserts method is Study["method"] {
  if (method === undefined) return;
  if (typeof method === "string") {
    checkOneOf("study.method", method, METHOD_NAMES);
    return;
  }
  const { type, ...options } = checkKeys("study.method", method, [
    ...["type", "startup", "candidates", "generation", "factor", "leastEpochs", "sampler"],
  ]);
  const of: Method["type"] = checkOneOf("study.method.type", type, METHOD_NAMES);
  const own =
    of === "tpe"
      ? ["startup", "candidates", "generation"]
      : of === "halving" || of === "hyperband"
        ? ["factor", "leastEpochs", "sampler"]
        : [];
  checkKeys("study.method", options, own);
  const {
    startup = 0,
    candidates = 1,
    generation = 1,
    factor = 2,
    leastEpochs = 1,
    sampler = "random",
  } = options;
  checkWhole("study.method.startup", startup, 0);
  for (const [name, value] of Object.entries({ candidates, generation, leastEpochs })) {
    checkWhole(`study.method.${name}`, value, 1);
  }
  checkWhole("study.method.factor", factor, 2, 1000);
  checkOneOf("study.method.sampler", sampler, ["random", "sobol", "halton"]);
}

function checkBudget(budget: unknown): asserts budget is Budget | undefined {
  if (budget === undefined) return;
  const {
    trials = 1,
    epochs = 1,
    minutes = 1,
  } = checkKeys("study.budget", budget, ["trials", "epochs", "minutes"]);
  checkWhole("study.budget.trials", trials, 1);
  checkWhole("study.budget.epochs", epochs, 1);
  checkNumber("study.budget.minutes", minutes, (x) => x > 0, "a number above 0");
}

/** What a parameter's values may be, for error texts and reports. */
export function parameterText(parameter: Parameter): string {
  if ("choices" in parameter)
    return parameter.choices.map((value: Value) => JSON.stringify(value)).join(" | ");
  const { from, to, scale = "linear", integer = false } = parameter;
  return `${from} … ${to}${scale === "log" ? ", log" : ""}${integer ? ", whole" : ""}`;
}
