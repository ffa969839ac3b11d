import { DataError, describe, ShapeError } from "../errors/errors.js";
import { typedArrayName } from "../platform/realm.js";
import { describeData } from "./advice.js";
import { presentArray } from "./numbers.js";
import { grouped } from "./strata.js";

/** The rows of each group, in the order in which groups first come. Raises ShapeError or DataError. */
export function groupRows(given: unknown, m: number): readonly (readonly number[])[] {
  const groups = Array.isArray(given)
    ? (given as readonly unknown[])
    : typedArrayName(given) === undefined
      ? undefined
      : presentArray("groups", given);
  if (groups === undefined) {
    throw new ShapeError("groups", "an array: the group of each row", describeData(given));
  }
  if (groups.length !== m) throw new ShapeError("groups", `${m}, as many as rows of x`, `${groups.length}`);
  const rows = Array.from({ length: m }, (_, i) => i);
  const groupOf = (row: number): unknown => {
    const group = groups[row];
    if (typeof group === "string" || (typeof group === "number" && !Number.isNaN(group))) return group;
    throw new DataError(`groups[${row}]`, "a number or a text", describe(group));
  };
  return [...grouped(rows, groupOf).values()];
}

/**
 * Whole groups for parts of about these sizes, the last part taking what is left; each part gets at least one. Groups are
 * taken in the order given, into a part as long as that brings it nearer to its size.
 */
export function partsOfGroups(
  groups: readonly (readonly number[])[],
  sizes: readonly number[],
): readonly number[][] {
  let left = groups;
  return sizes.map((size, p) => {
    const partsBehind = sizes.length - 1 - p;
    if (partsBehind === 0) return left.flat();
    const part = new Set(taken(left, size, left.length - partsBehind));
    left = left.filter((group) => !part.has(group));
    return [...part].flat();
  });
}

/** At most so many of the groups: those that bring it nearer to its size, or the smallest where none does. */
function taken(
  groups: readonly (readonly number[])[],
  size: number,
  most: number,
): readonly (readonly number[])[] {
  const part: (readonly number[])[] = [];
  let count = 0;
  for (const group of groups) {
    if (part.length === most) break;
    if (Math.abs(count + group.length - size) >= Math.abs(count - size)) continue;
    part.push(group);
    count += group.length;
  }
  if (part.length > 0) return part;
  return groups
    .slice()
    .sort((a, b) => a.length - b.length)
    .slice(0, 1);
}

/** Whole groups for folds of nearly one size: the largest group first, each into the fold with the fewest rows so far. */
export function foldsOfGroups(groups: readonly (readonly number[])[], count: number): readonly number[][] {
  const folds = Array.from({ length: count }, (): number[] => []);
  for (const group of groups.slice().sort((a, b) => b.length - a.length)) {
    const fewest = folds.reduce((best, fold) => (fold.length < best.length ? fold : best));
    for (const row of group) fewest.push(row);
  }
  return folds;
}
