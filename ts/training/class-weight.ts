import { lossName, targetsOf } from "../catalog/losses.js";
import { NOT_NEGATIVE } from "../catalog/ranges.js";
import { checkNumber } from "../config/validation.js";
import type { Examples } from "../data/examples.js";
import { checkSomeWeight } from "../data/weights.js";
import { ConfigError, describe } from "../errors/errors.js";
import type { Layers } from "../model/layers.js";
import { CHUNK } from "../platform/breath.js";
import { asNumberArray } from "../platform/realm.js";
import type { Watch } from "./observer.js";
import type { Reading } from "./reading.js";
import { warnOfMissingClasses } from "./warnings.js";

/**
 * What examples weigh by their class: `"balanced"` is m / (classes · count) of m examples, of which `count` are of the
 * class, so that every class that has any weighs alike and the mean is 1; or a number for each class.
 */
export type ClassWeight = "balanced" | readonly number[];

/** The weights that a call was given. */
export interface WeightSettings {
  /** Not yet looked at: it goes with the data. */
  readonly sampleWeight: unknown;
  readonly classWeight: ClassWeight | undefined;
}

/** Checks the option `classWeight`, apart from how many classes there are. Raises ConfigError. */
export function resolveClassWeight(given: unknown): ClassWeight | undefined {
  if (given === undefined || given === "balanced") return given;
  const array: ArrayLike<unknown> | undefined = Array.isArray(given) ? given : asNumberArray(given);
  if (array === undefined) {
    const expected = '"balanced", or an array with a number for each class, such as [1, 5]';
    throw new ConfigError("classWeight", expected, describe(given));
  }
  const weights = Array.from(array, (weight, k) => checkNumber(`classWeight[${k}]`, weight, ...NOT_NEGATIVE));
  if (weights.some((weight) => weight > 0)) return Object.freeze(weights);
  throw new ConfigError("classWeight", "a class that weighs more than 0", `${weights.length} of 0`);
}

/** Raises ConfigError for a network whose examples aren't each of one class, or of another number of classes. */
export function checkClassWeight(classWeight: ClassWeight, layers: Layers): void {
  const count = classCount(layers);
  if (classWeight === "balanced" || classWeight.length === count) return;
  const expected = `${count} numbers, one for each class`;
  throw new ConfigError("classWeight", expected, `${classWeight.length}`);
}

/** 2 of one yes-or-no unit. Raises ConfigError. */
function classCount({ config, outputs }: Layers): number {
  const { loss } = config;
  const targets = targetsOf(loss);
  if (targets === "classes") return outputs;
  if (targets === "bits" && outputs === 1) return 2;
  const why =
    targets === "bits"
      ? `where each of ${outputs} outputs is a question of its own`
      : targets === "shares" || targets === "distributions"
        ? "with soft labels, of which an example has several"
        : `for ${lossName(loss)}, whose targets are no classes`;
  throw new ConfigError("classWeight", `none ${why}: sampleWeight weighs each example`, "one");
}

/**
 * The examples with weights in which each one's class counts, times those that they have. Warns of classes that have no
 * example. A generator, so that many can be interrupted. Raises ConfigError, and DataError where nothing weighs anything.
 */
export function* weighed(
  examples: Examples,
  layers: Layers,
  classWeight: ClassWeight | undefined,
  warnings = true,
): Generator<void, Examples> {
  if (classWeight === undefined) return examples;
  checkClassWeight(classWeight, layers);
  const { labels, m, weights: given } = examples;
  const each =
    classWeight === "balanced" ? balanced(countsOf(examples, layers), layers, warnings) : classWeight;
  const weights = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    weights[i] = (given?.[i] ?? 1) * (each[labels[i] ?? 0] ?? 0);
    if (i % CHUNK === CHUNK - 1) yield;
  }
  checkSomeWeight(weights, "examples of classes that weigh more than 0");
  return { ...examples, weights };
}

function countsOf({ labels, m }: Examples, layers: Layers): number[] {
  const counts = Array.from({ length: classCount(layers) }, () => 0);
  for (let i = 0; i < m; i++) counts[labels[i] ?? 0] = (counts[labels[i] ?? 0] ?? 0) + 1;
  return counts;
}

/** m / (classes · count) of each class; 0 where it has no example, which is then none of the classes. */
function balanced(counts: readonly number[], layers: Layers, warnings: boolean): number[] {
  const m = counts.reduce((sum, count) => sum + count, 0);
  const missing = counts.flatMap((count, k) => (count === 0 ? [k] : []));
  if (missing.length > 0 && warnings) warnOfMissingClasses(layers, missing);
  const classes = counts.length - missing.length;
  return counts.map((count) => (count === 0 ? 0 : m / (classes * count)));
}

/** Weighs the examples of a fit by their classes, once, behind what holds some of them back. */
export function classWeights(classWeight: ClassWeight): Watch {
  return ({ trainee: { layers }, settings }) => {
    checkClassWeight(classWeight, layers);
    return {
      watchesSteps: false,
      begin: (examples) => weighed(examples, layers, classWeight, settings.warnings),
      beginRead: (reading) => weighedReading(reading, layers, classWeight, settings.warnings),
    };
  };
}

/** The same of data that are read, whose classes are counted first where that is needed. */
export async function weighedReading<Of extends Pick<Reading, "classCounts" | "weighByClass">>(
  reading: Of,
  layers: Layers,
  classWeight: ClassWeight,
  warnings = true,
): Promise<Of | undefined> {
  checkClassWeight(classWeight, layers);
  if (classWeight !== "balanced") {
    reading.weighByClass(classWeight);
    return reading;
  }
  const counts = await reading.classCounts(classCount(layers));
  if (counts === undefined) return undefined;
  reading.weighByClass(balanced(counts, layers, warnings));
  return reading;
}
