// What a study may be, as the check and the schema say.
import { expect, it } from "vitest";
import { checkStudy, OPTION_NAMES, STUDY_SCHEMA } from "../ts/index.js";
import { study } from "./small-study.js";

it.each<[string, object, string]>([
  ["a misspelt key", { targt: "y" }, "study.targt: expected target (did you mean it?)"],
  ["no data", { data: undefined }, "study.data"],
  ["an option that isn't one", { options: { learningrate: 1 } }, "learningRate (did you mean it?)"],
  ["a parameter that isn't one", { space: { learnRate: { from: 1, to: 2 } } }, "study.space.learnRate"],
  [
    "a log range from 0",
    { space: { learningRate: { from: 0, to: 1, scale: "log" } } },
    "above 0, since its scale is log",
  ],
  [
    "a range upside down",
    { space: { learningRate: { from: 1, to: 0.1 } } },
    "study.space.learningRate.to: expected a number of at least 1",
  ],
  ["a range beyond an option's", { space: { keepProb: { from: 0.5, to: 1.5 } } }, "study.space.keepProb"],
  ["no choices", { space: { activation: { choices: [] } } }, "study.space.activation.choices"],
  ["a choice twice", { space: { activation: { choices: ["silu", "silu"] } } }, "different values"],
  [
    "a choice that is none",
    { space: { activation: { choices: ["silu", "sulu"] } } },
    '"silu" (did you mean it?)',
  ],
  [
    "a condition on what comes later",
    {
      space: {
        keepProb: { from: 0.5, to: 1, when: { activation: "silu" } },
        activation: { choices: ["silu"] },
      },
    },
    "study.space.keepProb.when",
  ],
  ["a method that is none", { method: "tpee" }, '"tpe" (did you mean it?)'],
  ["another method's option", { method: { type: "tpe", factor: 3 } }, "study.method.factor"],
  ["a factor of 1", { method: { type: "halving", factor: 1 } }, "study.method.factor"],
  ["no trials", { budget: { trials: 0 } }, "study.budget.trials"],
  ["NaN minutes", { budget: { minutes: Number.NaN } }, "study.budget.minutes"],
  ["a fractional seed", { seed: 1.5 }, "study.seed"],
  ["one fold", { folds: 1 }, "study.folds"],
  ["folds and a share", { folds: 3, evaluation: 0.2 }, "none beside folds"],
  ["order and groups", { ordered: true, groups: "c" }, "none beside groups"],
  ["a test of all", { test: 1 }, "study.test"],
])("%s is refused, by its place", (_, change, text) => {
  expect(() => checkStudy({ ...study, ...change })).toThrow(text);
});

it("the schema has the keys and the options that the check has", () => {
  const { properties } = STUDY_SCHEMA;
  const every = Object.fromEntries(Object.keys(properties).map((key) => [key, undefined]));
  expect(() => checkStudy({ ...every, data: "a", target: "b" })).not.toThrow(/unknown key/);
  expect(() => checkStudy({ ...every, other: 1 })).toThrow(/unknown key/);
  expect(Object.keys(properties.options.properties).sort()).toEqual([...OPTION_NAMES].sort());
});
