import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "vitest";
import { type AnyLayerParameters, type LayerParameters, Matrix } from "../ts/index.js";

/** Distances between numbers that were computed and numbers that are known. A NaN is infinitely far from all. */

/** max |aᵢ − eᵢ| / max |eᵢ|; 0 where both are 0 throughout. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  return ratio(actual, expected, (values) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  );
}

/** ‖a − e‖ / ‖e‖; 0 where both are 0 throughout. */
export function normError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  return ratio(actual, expected, (values) => Math.hypot(...values));
}

/** max |aᵢ − eᵢ| / |eᵢ|, number by number. */
export function entryError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const errors = Array.from(expected, (value, i) => largestError([actual[i] ?? Number.NaN], [value]));
  return Math.max(0, ...errors);
}

function ratio(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  size: (values: number[]) => number,
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const distance = size(Array.from(expected, (value, i) => (actual[i] ?? Number.NaN) - value));
  const error = distance === 0 ? 0 : distance / size(Array.from(expected));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** The largest error of any W_l or b_l, by norm and number by number against the block's largest. */
export function blocksError(
  actual: readonly LayerParameters[],
  expected: readonly { readonly weights: readonly number[][]; readonly biases: readonly number[] }[],
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const errors = expected.flatMap(({ weights, biases }, i) => {
    const layer = actual[i];
    return [
      { got: layer?.weights.data ?? [], known: weights.flat() },
      { got: layer?.biases ?? [], known: biases },
    ].flatMap(({ got, known }) => [normError(got, known), largestError(got, known)]);
  });
  return Math.max(0, ...errors);
}

/** Each error must be within the bound of its name. */
export function expectWithin<Name extends string>(
  errors: Readonly<Record<Name, number>>,
  bounds: Readonly<Record<Name, number>>,
  of: string,
): void {
  const names = Object.keys(bounds) as Name[];
  const outside = names.filter((name) => !(errors[name] <= bounds[name]));
  const told = outside.map((name) => `${name}: ${errors[name]} > ${bounds[name]}`);
  expect(told, of).toEqual([]);
}

/** W_1, b_1, W_2, …, or a norm's scale, shift and running statistics. */
export function blocksOf(parameters: readonly AnyLayerParameters[]): (Float32Array | Float64Array)[] {
  return parameters.flatMap((layer) => {
    if ("weights" in layer)
      return [layer.weights.data, ...(layer.biases === undefined ? [] : [layer.biases])];
    const { scale, shift, runningMean, runningVariance } = layer;
    return [scale, shift, runningMean, runningVariance].filter((block) => block !== undefined);
  });
}

/** The largest error of any block of any layers, against the block's largest number. `expected` may be JSON. */
export function layersError(actual: readonly AnyLayerParameters[], expected: readonly object[]): number {
  const known = expected.flatMap((layer) => Object.values(layer).map(flat));
  const got = blocksOf(actual);
  if (got.length !== known.length) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...got.map((block, i) => largestError(block, known[i] ?? [])));
}

function flat(block: ArrayLike<number> | Matrix | number[][]): number[] {
  return block instanceof Matrix ? [...block.data] : Array.from<number | number[]>(block).flat();
}

/**
 * The SHA-256 of all bits of all parameters, W_1, b_1, W_2, … in the machine's (little-endian) order.
 * Throws where one isn't finite: two NaNs are never equal.
 */
export function hashOf(parameters: readonly AnyLayerParameters[]): string {
  const hash = sha256.create();
  for (const block of blocksOf(parameters)) {
    if (!block.every(Number.isFinite)) throw new RangeError("a parameter isn't finite");
    hash.update(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
  }
  return bytesToHex(hash.digest());
}
