import { type Column, hasLevels } from "../table/column.js";
import type { Note } from "../table/note.js";
import type { Table } from "../table/table.js";
import { asLevels } from "./convert.js";

/** Fewer rows may agree by chance. */
const LEAST_ROWS = 4;

/** The share of rows in which it must hold: data have their slips. */
const NEARLY = 0.95;

/** Misses that may come first: then what misses a quarter of the rows so far is given up, since there are many pairs of columns. */
const FIRST_MISSES = 20;

/** Where it doesn't hold in every row, so many different values must follow: of few, most agree by chance. */
const LEAST_KINDS = 10;

/** Columns that already hold the target: the same or another name for it, a multiple of it, or two that it is the sum of. */
export function findLeaks(table: Table, target: string): Note[] {
  const column = table.column(target);
  if (table.rows < LEAST_ROWS) return [];
  const others = table.columns.filter(({ name }) => name !== target);
  const notes: Note[] = [];
  const said = (name: string, what: string) => notes.push({ kind: "leak", column: name, message: what });
  const numbers = others.flatMap((other) => (other.type === "number" ? [other] : []));
  if (column.type === "number") {
    for (const { name, values } of numbers) {
      const where = lineHolds(values, column.values);
      if (where !== undefined)
        said(name, `${target} follows from it in ${where}: is it known when you predict?`);
    }
    for (const [i, a] of numbers.entries()) {
      for (const b of numbers.slice(i + 1)) {
        const found = sumHolds(a.values, b.values, column.values);
        if (found === undefined) continue;
        const { sign, where } = found;
        said(
          a.name,
          `${a.name} ${sign} ${b.name} is ${target} in ${where}: are they known when you predict?`,
        );
      }
    }
  }
  for (const other of others) {
    if (isRenamed(other, column))
      said(other.name, `it names the classes of ${target} one by one: is it known when you predict?`);
  }
  return notes;
}

/** Where y is a·x + b, a ≠ 0. A line through two rows, of which one may be a slip: so others are tried. */
function lineHolds(x: Float64Array, y: Float64Array): string | undefined {
  const middle = Math.floor(x.length / 2);
  return firstOf([0, middle, x.length - 1], (start) => {
    const line = lineFrom(x, y, start);
    return line && whereHolds(y, (i) => close(line(x[i] ?? Number.NaN), y[i] ?? 0));
  });
}

/** Through the first two rows from `start` on, and round to it, that have two values of x. */
function lineFrom(x: Float64Array, y: Float64Array, start: number): ((x: number) => number) | undefined {
  let first = -1;
  for (let step = 0; step < x.length; step++) {
    const i = (start + step) % x.length;
    if (Number.isNaN(x[i]) || Number.isNaN(y[i])) continue;
    if (first < 0) first = i;
    if (x[i] === x[first]) continue;
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [x[first], y[first], x[i], y[i]];
    if (y1 === y0) return undefined;
    const slope = (y1 - y0) / (x1 - x0);
    return (x) => y0 + slope * (x - x0);
  }
  return undefined;
}

function sumHolds(a: Float64Array, b: Float64Array, y: Float64Array) {
  if (!variesIn(a) || !variesIn(b)) return undefined;
  return firstOf([1, -1], (factor) => {
    const where = whereHolds(y, (i) => close((a[i] ?? 0) + factor * (b[i] ?? 0), y[i] ?? 0));
    return where === undefined ? undefined : { sign: factor === 1 ? "+" : "−", where };
  });
}

/** Of a constant one the line tells. */
function variesIn(values: Float64Array): boolean {
  return values.some((value) => value !== values[0] && value !== 0);
}

/** "every row", "81 of 83 rows"; undefined where it is too few of them. */
function whereHolds(y: Float64Array, holds: (row: number) => boolean): string | undefined {
  const most = y.length * (1 - NEARLY);
  let misses = 0;
  for (let i = 0; i < y.length; i++) {
    if (holds(i)) continue;
    misses += 1;
    if (misses > most || misses > FIRST_MISSES + i / 4) return undefined;
  }
  if (misses === 0) return "every row";
  const kinds = new Set(y.filter((_, i) => holds(i)));
  return kinds.size < LEAST_KINDS ? undefined : `${y.length - misses} of ${y.length} rows`;
}

function firstOf<In, Out>(all: readonly In[], of: (one: In) => Out | undefined): Out | undefined {
  for (const one of all) {
    const found = of(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) || (Number.isNaN(a) && Number.isNaN(b));
}

/** Whether levels and classes go together one by one, each in several rows. */
function isRenamed(column: Column, target: Column): boolean {
  const isClass = hasLevels(target);
  if (!isClass && !hasLevels(column)) return false;
  const [a, b] = [asLevels(column), asLevels(target)];
  if (a.levels.length !== b.levels.length || a.levels.length * 2 > a.codes.length || a.levels.length < 2)
    return false;
  const there = new Map<number, number>();
  for (let i = 0; i < a.codes.length; i++) {
    const [from = -1, to = -1] = [a.codes[i], b.codes[i]];
    if (!there.has(from)) there.set(from, to);
    else if (there.get(from) !== to) return false;
  }
  return new Set(there.values()).size === there.size;
}
