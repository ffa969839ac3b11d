import { type Column, hasLevels } from "../table/column.js";
import type { Note } from "../table/note.js";
import type { Table } from "../table/table.js";
import { asLevels } from "./convert.js";

/** Fewer rows may agree by chance. */
const LEAST_ROWS = 4;

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
      if (isLine(values, column.values))
        said(name, `${target} follows from it in every row: is it known when you predict?`);
    }
    for (const [i, a] of numbers.entries()) {
      for (const b of numbers.slice(i + 1)) {
        const sign = sumSign(a.values, b.values, column.values);
        if (sign !== undefined)
          said(
            a.name,
            `${a.name} ${sign} ${b.name} is ${target} in every row: are they known when you predict?`,
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

/** Whether y is a·x + b in every row, a ≠ 0. */
function isLine(x: Float64Array, y: Float64Array): boolean {
  let first = -1;
  let second = -1;
  for (let i = 0; i < x.length && second < 0; i++) {
    if (Number.isNaN(x[i]) || Number.isNaN(y[i])) continue;
    if (first < 0) first = i;
    else if (x[i] !== x[first]) second = i;
  }
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [x[first], y[first], x[second], y[second]];
  if (second < 0 || y1 === y0) return false;
  const slope = (y1 - y0) / (x1 - x0);
  return everywhere(x.length, (i) => close(y0 + slope * ((x[i] ?? 0) - x0), y[i] ?? 0));
}

function sumSign(a: Float64Array, b: Float64Array, y: Float64Array): "+" | "−" | undefined {
  if (!variesIn(a) || !variesIn(b)) return undefined;
  if (everywhere(y.length, (i) => close((a[i] ?? 0) + (b[i] ?? 0), y[i] ?? 0))) return "+";
  return everywhere(y.length, (i) => close((a[i] ?? 0) - (b[i] ?? 0), y[i] ?? 0)) ? "−" : undefined;
}

/** Of a constant one the line tells. */
function variesIn(values: Float64Array): boolean {
  return values.some((value) => value !== values[0] && value !== 0);
}

function everywhere(rows: number, holds: (row: number) => boolean): boolean {
  for (let i = 0; i < rows; i++) if (!holds(i)) return false;
  return true;
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
