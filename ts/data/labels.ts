import { type Loss, lossName, targetsOf } from "../catalog/losses.js";
import { architectureOf } from "../config/architecture.js";
import type { NetworkConfig } from "../config/network-config.js";
import type { Floats } from "../engine/memory.js";
import { DataError, ShapeError } from "../errors/errors.js";
import { CHUNK } from "../platform/breath.js";
import { describeData, hasRows } from "./advice.js";
import { asMatrix, elementError, toMatrix } from "./matrix.js";
import { checkPresent, countWhere, newFloats, readRows, toFloats } from "./numbers.js";

/** Shares in float32 sum to 1 so nearly. */
const SUM_SLACK = 1e-6;

/** A class per example: integers, since a float32 holds only those up to 2²⁴ exactly. */
export type ClassIndices = Uint32Array;

/**
 * What the loss compares with: numbers for each unit, in the network's dtype, or an example's class. Always a copy.
 * A generator, so that many can be interrupted. Raises ShapeError or DataError.
 */
export function* toLabels(
  y: unknown,
  m: number,
  config: NetworkConfig,
): Generator<void, Floats | ClassIndices> {
  const { loss, dtype } = config;
  const { outputs } = architectureOf(config);
  const targets = targetsOf(loss);
  const isClass = targets === "classes";
  const read = Array.isArray(y) && hasRows(y) ? toMatrix(yield* readRows("y", y)) : asMatrix("y", y);
  const data = read === undefined ? toVector(y) : read.data;
  const cols = read?.cols ?? 1;
  checkShape(read?.rows ?? data.length, cols, m, isClass ? [1, outputs] : [outputs]);
  if (isClass && cols > 1) return yield* fromOneHot(y, data, m, cols);
  const labels = isClass ? new Uint32Array(m) : newFloats("y", data.length, dtype);
  const rule = ruleOf(loss, outputs);
  for (let start = 0; start < labels.length; start += CHUNK) {
    checkPresent("y", data, labels.length);
    const end = Math.min(start + CHUNK, labels.length);
    for (let i = start; i < end; i++) {
      const value = data[i];
      if (value !== undefined) labels[i] = value;
      if (!rule.holds(value, labels[i])) throw notATarget(y, data, cols, i, rule, config);
    }
    if (end < labels.length) yield;
  }
  if (targets === "distributions") yield* checkSums(y, data, m, cols);
  return labels;
}

/** Every row of shares sums to 1, as near as rounding to float32 leaves it. */
function* checkSums(y: unknown, data: Floats, rows: number, cols: number): Generator<void> {
  let next = CHUNK;
  for (let i = 0; i < rows; i++) {
    if ((i + 1) * cols > next) {
      next += CHUNK;
      yield;
      checkPresent("y", data, rows * cols);
    }
    const row = data.subarray(i * cols, (i + 1) * cols);
    let sum = 0;
    for (const share of row) sum += share;
    if (Math.abs(sum - 1) <= SUM_SLACK) continue;
    throw wrongRow(y, row, i, "a row of shares that sum to 1 (within 1e-6)", ` with the sum ${sum}`);
  }
}

function toVector(y: unknown): Floats {
  if (typeof y !== "object" || y === null) {
    throw new ShapeError("y", "a Matrix, an array or a typed array", describeData(y));
  }
  return toFloats("y", y);
}

function checkShape(rows: number, cols: number, m: number, widths: readonly number[]): void {
  if (rows === m && widths.includes(cols)) return;
  const shapes = widths.map((width) => `${m}×${width}`).join(" or ");
  const transposed = cols === m && widths.includes(rows) ? " (one example per row: transpose it)" : "";
  throw new ShapeError("y", `${shapes}, as many rows as x`, `${rows}×${cols}${transposed}`);
}

/** What every target of a loss must be. */
interface TargetRule {
  readonly words: string;
  /** Of a target, and of what it became in the network's dtype. */
  holds(value: number | undefined, kept: number | undefined): boolean;
}

function ruleOf(loss: Loss, outputs: number): TargetRule {
  const targets = targetsOf(loss);
  if (targets === "numbers") {
    return { words: "a finite number of the network's dtype", holds: (_, kept) => Number.isFinite(kept) };
  }
  if (targets === "counts") {
    const holds = (value: number | undefined, kept: number | undefined) =>
      Number.isInteger(value) && Number(value) >= 0 && Number.isFinite(kept);
    return { words: "a count: an integer >= 0 within the network's dtype", holds };
  }
  if (targets === "shares" || targets === "distributions") {
    return { words: "a number in [0, 1]", holds: (value) => value !== undefined && value >= 0 && value <= 1 };
  }
  const highest = targets === "classes" ? outputs - 1 : 1;
  return {
    words: targets === "classes" ? `a class index: an integer in [0, ${highest}]` : "0 or 1",
    holds: (value) => value !== undefined && Number.isInteger(value) && value >= 0 && value <= highest,
  };
}

function notATarget(
  y: unknown,
  data: Floats,
  cols: number,
  at: number,
  { words, holds }: TargetRule,
  { loss, dtype }: NetworkConfig,
): DataError {
  const kept = (value: number | undefined) =>
    value !== undefined && dtype === "float32" ? Math.fround(value) : value;
  const wrong = countWhere(data.length, (i) => !holds(data[i], kept(data[i])));
  const expected = `${words}, for ${lossName(loss)}`;
  return elementError("y", y, at, cols, expected, `${data[at]}`, ` (${wrong} such in all)`);
}

/** The index of the 1 in each row. */
function* fromOneHot(y: unknown, data: Floats, rows: number, cols: number): Generator<void, ClassIndices> {
  const classes = new Uint32Array(rows);
  let next = CHUNK;
  for (let i = 0; i < rows; i++) {
    if ((i + 1) * cols > next) {
      next += CHUNK;
      yield;
      checkPresent("y", data, rows * cols);
    }
    const row = data.subarray(i * cols, (i + 1) * cols);
    const ones = countWhere(cols, (j) => row[j] === 1);
    const zeros = countWhere(cols, (j) => row[j] === 0);
    if (ones !== 1 || zeros !== cols - 1) throw wrongRow(y, row, i, "a one-hot row: a single 1, else 0");
    classes[i] = row.indexOf(1);
  }
  return classes;
}

/** An array of rows has a place for the row; in a Matrix it is the place where it begins. */
function wrongRow(y: unknown, row: Floats, i: number, expected: string, what = ""): DataError {
  const numbers = `[${[...row.subarray(0, 10)].join(", ")}${row.length > 10 ? ", …" : ""}]${what}`;
  if (Array.isArray(y)) return new DataError(`y[${i}]`, expected, numbers);
  return elementError("y", y, i * row.length, row.length, expected, numbers);
}
