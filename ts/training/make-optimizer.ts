import { toHyperparameters, type UpdateRule } from "../catalog/optimizers.js";
import { checkSchedule, type Schedule } from "../config/schedules.js";
import { checkBoolean, checkNumber, readOptions } from "../config/validation.js";
import { ConfigError, describe } from "../errors/errors.js";
import { Optimizer } from "./optimizer.js";
import { highestRate } from "./schedule-facts.js";
import { checkNeeds } from "./update-range.js";

/** An optimizer by a rule's name, with that rule's options. Raises ConfigError. */
export function makeOptimizer(rule: UpdateRule, options: object): Optimizer {
  const given: Readonly<Record<string, unknown>> = readOptions(rule, rule, options);
  const learningRate = scheduleAmong(given);
  const hyperparameters = toHyperparameters(rule, ({ name, range, isSwitch, default: usual }) => {
    if (name === "learningRate" && learningRate !== undefined) return highestRate(learningRate);
    const value = name in given ? given[name] : usual;
    return checkNumber(name, isSwitch && name in given ? Number(checkBoolean(name, value)) : value, ...range);
  });
  checkNeeds(rule, hyperparameters);
  return new Optimizer(rule, hyperparameters, learningRate);
}

function scheduleAmong({ learningRate }: Readonly<Record<string, unknown>>): Schedule | undefined {
  if (typeof learningRate === "number" || learningRate === undefined) return undefined;
  if (typeof learningRate === "object" && learningRate !== null && !Array.isArray(learningRate)) {
    return checkSchedule("learningRate", learningRate);
  }
  const expected = "a finite number > 0, or a schedule such as cosine({ from: 0.01, epochs: 20 })";
  throw new ConfigError("learningRate", expected, describe(learningRate));
}
