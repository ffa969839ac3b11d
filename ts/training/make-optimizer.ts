import { toHyperparameters, UPDATE_RULES, type UpdateRule } from "../catalog/optimizers.js";
import { checkSchedule, type Schedule } from "../config/schedules.js";
import { checkBoolean, checkChoice, checkNumber, readOptions } from "../config/validation.js";
import { ConfigError, describe } from "../errors/errors.js";
import { Optimizer } from "./optimizer.js";
import type { OptimizerData } from "./optimizer-options.js";
import { highestRate } from "./schedule-facts.js";
import { checkNeeds } from "./update-range.js";

/** What stands for an optimizer: itself, or what says how a new one is made. */
export type OptimizerInput = Optimizer | OptimizerData | UpdateRule;

/** The optimizer that was given, or a new one by data or by a rule's name. Raises ConfigError. */
export function toOptimizer(path: string, given: unknown): Optimizer {
  if (Optimizer.is(given)) return given;
  if (typeof given === "string") return makeOptimizer(checkChoice(path, given, UPDATE_RULES), {});
  if (typeof given !== "object" || given === null || Array.isArray(given) || isForeign(given)) {
    throw notAnOptimizer(path, given);
  }
  const { type, ...options } = { ...given } as Readonly<Record<string, unknown>>;
  return makeOptimizer(checkChoice(`${path}.type`, type, UPDATE_RULES), options, path);
}

/** The optimizer that was given: none that would be a new one at each call. Raises ConfigError. */
export function checkOptimizer(path: string, given: unknown): Optimizer {
  if (Optimizer.is(given)) return given;
  const type: unknown = typeof given === "object" && given !== null ? Reflect.get(given, "type") : given;
  const rule = UPDATE_RULES.find((name) => name === type);
  if (rule === undefined) throw notAnOptimizer(path, given);
  const expected = `an optimizer that was made once, by ${rule}(…), since its state lasts from step to step`;
  throw new ConfigError(path, expected, `${describe(given)}, which stands for a new one`);
}

function notAnOptimizer(path: string, given: unknown): ConfigError {
  const got = isForeign(given) ? "an optimizer of another copy of layerwise" : describe(given);
  return new ConfigError(path, "an optimizer such as adam()", got);
}

function isForeign(given: unknown): boolean {
  return typeof given === "object" && given !== null && "hyperparameters" in given && "rule" in given;
}

/** An optimizer by a rule's name, with that rule's options, which stand at `path`. Raises ConfigError. */
export function makeOptimizer(rule: UpdateRule, options: object, path = ""): Optimizer {
  const given: Readonly<Record<string, unknown>> = readOptions(rule, path || rule, options);
  const prefix = path === "" ? "" : `${path}.`;
  const learningRate = scheduleAmong(given, prefix);
  const hyperparameters = toHyperparameters(rule, ({ name, range, isSwitch, default: usual }) => {
    if (name === "learningRate" && learningRate !== undefined) return highestRate(learningRate);
    const [place, value] = [prefix + name, name in given ? given[name] : usual];
    const number = isSwitch && name in given ? Number(checkBoolean(place, value)) : value;
    return checkNumber(place, number, ...range);
  });
  checkNeeds(rule, hyperparameters, prefix);
  return new Optimizer(rule, hyperparameters, learningRate);
}

function scheduleAmong(
  { learningRate }: Readonly<Record<string, unknown>>,
  prefix: string,
): Schedule | undefined {
  if (typeof learningRate === "number" || learningRate === undefined) return undefined;
  if (typeof learningRate === "object" && learningRate !== null && !Array.isArray(learningRate)) {
    return checkSchedule(`${prefix}learningRate`, learningRate);
  }
  const expected = "a finite number > 0, or a schedule such as cosine({ from: 0.01, epochs: 20 })";
  throw new ConfigError(`${prefix}learningRate`, expected, describe(learningRate));
}
