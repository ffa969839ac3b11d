import { ConfigError, DataError } from "../errors/errors.js";
import { toLabelMatrix } from "./mini-batches.js";

/** Dividing rows so that each part has every class's share. */

/**
 * The rows of each class, in this order. y has a class a row: a number, or a one-hot row. Raises ConfigError for other
 * rows, DataError for what is no number and for a class of a single row.
 */
export function classRows(y: unknown, order: Uint32Array): readonly Uint32Array[] {
  const { data, cols } = toLabelMatrix(y);
  const classOf = (row: number): number => {
    if (cols > 1) return indexOfOne(data.subarray(row * cols, (row + 1) * cols), row);
    const value = data[row] ?? Number.NaN;
    if (Number.isNaN(value)) throw new DataError(`y[${row}]`, "a class to stratify by", "NaN");
    return value;
  };
  return checkClasses(grouped(order, classOf));
}

/** The rows of each key, in this order, the keys as they first come. */
export function grouped<Key>(order: Iterable<number>, keyOf: (row: number) => Key): Map<Key, number[]> {
  const groups = new Map<Key, number[]>();
  for (const row of order) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** Raises DataError for a class of one row, which can't be on both sides. */
export function checkClasses(classes: ReadonlyMap<number, readonly number[]>): readonly Uint32Array[] {
  for (const [value, [row, second]] of classes) {
    if (second !== undefined) continue;
    const got = `one row (row ${row}) of class ${value}`;
    throw new DataError("y", "at least 2 rows of each class, to stratify by", got);
  }
  return [...classes.values()].map((rows) => Uint32Array.from(rows));
}

function indexOfOne(labels: Float32Array | Float64Array, row: number): number {
  const one = labels.indexOf(1);
  if (one >= 0 && labels.every((label, i) => label === Number(i === one))) return one;
  throw new ConfigError(
    "stratify",
    "one class a row to stratify by: a number, or a one-hot row",
    `${labels.length} numbers in row ${row} that aren't one-hot`,
  );
}

/**
 * How many rows of each class go into each part: count · size / m rounded down or up, so that the parts have their sizes
 * and all rows a part. The sizes sum to m, as the counts do. The largest remainders are rounded up first; where a part is
 * full before, one of its classes moves on (an augmenting path, as in Ford & Fulkerson 1956: there always is one, since
 * the shares themselves are a flow).
 */
export function quotas(counts: readonly number[], sizes: readonly number[]): readonly (readonly number[])[] {
  const m = sizes.reduce((sum, size) => sum + size, 0);
  const shares = counts.map((count) => sizes.map((size) => share(count, size, m)));
  const rounded = counts.map(() => sizes.map(() => 0));
  const room = sizes.map((size, p) => size - shares.reduce((sum, of) => sum + (of[p]?.whole ?? 0), 0));

  /** Rounds a share of this class up. */
  const roundUp = (c: number, seen: Set<number>): boolean => {
    const [of, mine] = [shares[c] ?? [], rounded[c] ?? []];
    const parts = [...of.keys()]
      .filter((p) => (of[p]?.rest ?? 0) > 0 && mine[p] === 0)
      .sort((p, q) => (of[q]?.rest ?? 0) - (of[p]?.rest ?? 0));
    for (const p of parts) {
      if (seen.has(p)) continue;
      seen.add(p);
      const isFree = (room[p] ?? 0) > 0;
      if (!isFree && !rounded.some((other, d) => other[p] === 1 && movesOn(d, p, seen))) continue;
      if (isFree) room[p] = (room[p] ?? 0) - 1;
      mine[p] = 1;
      return true;
    }
    return false;
  };
  const movesOn = (d: number, from: number, seen: Set<number>): boolean => {
    if (!roundUp(d, seen)) return false;
    const theirs = rounded[d];
    if (theirs !== undefined) theirs[from] = 0;
    return true;
  };

  counts.forEach((count, c) => {
    const left = count - (shares[c] ?? []).reduce((sum, { whole }) => sum + whole, 0);
    for (let i = 0; i < left; i++) roundUp(c, new Set());
  });
  return shares.map((of, c) => of.map(({ whole }, p) => whole + (rounded[c]?.[p] ?? 0)));
}

/** count · size / m: the whole rows, and m times what is left; exact, whatever their product. */
function share(count: number, size: number, m: number): { readonly whole: number; readonly rest: number } {
  const product = BigInt(count) * BigInt(size);
  return { whole: Number(product / BigInt(m)), rest: Number(product % BigInt(m)) };
}
