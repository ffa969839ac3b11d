import { isOfNumbers, type Loss, lossName, lossRow } from "../catalog/losses.js";
import { checkNumber, readOptions } from "../config/validation.js";
import type { Floats } from "../engine/memory.js";
import { ConfigError, describe } from "../errors/errors.js";

/** What {@link Network.classify} takes. */
export interface ClassifyOptions {
  /** Of sigmoid outputs: the probability in [0, 1] above which a unit says 1. Default 0.5. */
  readonly threshold?: number;
}

/** How classes are read off a network's answers. */
export interface ClassRule {
  /** Whether off its probabilities, and not the argument of its output activation. */
  readonly ofProbabilities: boolean;
  /** Above which a unit says 1; undefined: a row says where its first largest is. */
  readonly above: number | undefined;
}

/** The rule of a network's loss. Raises ConfigError. */
export function classRule(loss: Loss, options: ClassifyOptions): ClassRule {
  const { threshold } = readOptions("classify", "options", options);
  if (isOfNumbers(loss)) {
    const expected = "a network that answers by classes (of one that answers by numbers, take predict)";
    throw new ConfigError("classify", expected, `one with the loss ${lossName(loss)}`);
  }
  const { of } = lossRow(loss);
  if (threshold !== undefined && of !== "sigmoid") {
    const instead =
      of === "softmax" ? "a softmax's class is its likeliest" : `${lossName(loss)}'s class is z > 0`;
    throw new ConfigError("threshold", `none (${instead}: compare what predict gives)`, describe(threshold));
  }
  if (of === "softmax") return { ofProbabilities: false, above: undefined };
  const above = threshold ?? 1 / 2;
  checkNumber("threshold", above, "a number in [0, 1]", (p) => p >= 0 && p <= 1);
  // p > 1/2 is z > 0, also where p rounds to 1/2: as evaluate counts.
  return above === 1 / 2 ? { ofProbabilities: false, above: 0 } : { ofProbabilities: true, above };
}

/** Classes ← answers, rows of `outputs`: 1 for each that is above, or where each row's first largest is. */
export function classesOf(
  answers: Floats | Uint32Array,
  outputs: number,
  above: number | undefined,
): Uint32Array<ArrayBuffer> {
  if (above !== undefined) return Uint32Array.from(answers, (answer) => Number(answer > above));
  const classes = new Uint32Array(answers.length / outputs);
  for (let i = 0; i < classes.length; i++) classes[i] = firstLargest(answers, i * outputs, outputs);
  return classes;
}

function firstLargest(numbers: Floats | Uint32Array, start: number, count: number): number {
  let largest = 0;
  for (let j = 1; j < count; j++) {
    if ((numbers[start + j] ?? 0) > (numbers[start + largest] ?? 0)) largest = j;
  }
  return largest;
}
