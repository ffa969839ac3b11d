import type { Dtype } from "../config/dtype.js";
import { DataError, ShapeError } from "../errors/errors.js";
import { CHUNK } from "../platform/breath.js";
import { describeData } from "./advice.js";
import { elementError } from "./matrix.js";
import { countWhere, toFloats } from "./numbers.js";

/** Where weights of examples are given. */
const PATH = "sampleWeight";

/**
 * The weights of m examples: a copy, in float64 whatever the network's dtype, so that products and sums of them are as
 * exact as losses. A generator, so that many can be interrupted. Raises ShapeError or DataError.
 */
export function* toWeights(given: unknown, m: number, dtype: Dtype): Generator<void, Float64Array> {
  const weights = yield* toBatchWeights(given, m, dtype);
  checkSomeWeight(weights, "examples");
  return weights;
}

/** The same of a batch among others, which may all be 0. */
export function* toBatchWeights(given: unknown, m: number, dtype: Dtype): Generator<void, Float64Array> {
  if (typeof given !== "object" || given === null) {
    throw new ShapeError(PATH, `an array or typed array of ${m} numbers`, describeData(given));
  }
  const weights = new Float64Array(toFloats(PATH, given));
  if (weights.length !== m) {
    throw new ShapeError(PATH, `${m} weights, one for each row of x`, `${weights.length}`);
  }
  const kept = (weight: number) => (dtype === "float32" ? Math.fround(weight) : weight);
  const isBad = (weight: number) => !(weight >= 0 && kept(weight) < Number.POSITIVE_INFINITY);
  for (let start = 0; start < m; start += CHUNK) {
    if (start > 0) yield;
    const first = weights.subarray(start, start + CHUNK).findIndex(isBad);
    if (first < 0) continue;
    const count = ` (${countWhere(m, (i) => isBad(weights[i] ?? 0))} such in all)`;
    const expected = "a finite number >= 0 of the network's dtype";
    throw elementError(PATH, given, start + first, 1, expected, `${weights[start + first]}`, count);
  }
  return weights;
}

/** Raises DataError where nothing weighs anything: there is nothing to learn, and no mean. */
export function checkSomeWeight(weights: Float64Array, of: string): void {
  if (weights.some((weight) => weight > 0)) return;
  throw new DataError(PATH, `a weight above 0 among ${of}`, `${weights.length} of 0`);
}
