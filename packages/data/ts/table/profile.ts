import { counted, listed } from "../platform/describe.js";
import { type Column, hasLevels, type NumberColumn, valueAt } from "./column.js";
import type { Note } from "./note.js";
import { quantileOf, sortedValues } from "./summary.js";

/** Why {@link profileNotes} says that this column is left out: of all rows, of which a table may hold some. */
export function leftOutBecause(notes: readonly Note[], name: string): string | undefined {
  return notes.find(({ kind, column }) => kind === "ignored" && column === name)?.message;
}

/** What in a table is worth a look: columns that say nothing, values far away from all others, rows that are there twice. */
export function profileNotes(columns: readonly Column[], rows: number): Note[] {
  const notes: Note[] = [];
  for (const column of columns) {
    const reason = uselessBecause(column, rows, columns.length);
    if (reason !== undefined) {
      notes.push({ kind: "ignored", column: column.name, message: reason });
    }
    if (column.type === "number") notes.push(...outlierNotes(column));
  }
  const duplicates = duplicateRows(columns, rows);
  if (duplicates > 0) {
    const message = `${counted(duplicates, "row")} the same as another in all columns (kept)`;
    notes.push({ kind: "duplicates", message });
  }
  return notes;
}

/** Names that identify a row. */
const ID_NAME =
  /^(id|index|idx|uuid|guid|key|row|rowid|row_?(id|num|number|name|names)|unnamed.*|.+[_ .-]id|[a-z]+I[Dd])$/i;

/** Fewer rows number nothing: x = 1, 2, 3 is a measurement. */
const LEAST_NUMBERED = 20;

/** Why a column tells a network nothing about other rows; undefined where it may. */
export function uselessBecause(column: Column, rows: number, columns: number): string | undefined {
  const { distinct, missing, example } = kindsOf(column, rows);
  if (distinct === 0) return "no row has a value";
  if (distinct === 1 && missing === 0) return `constant (${JSON.stringify(example)} in every row)`;
  const isUnique = distinct === rows && rows > 1;
  if (column.type === "text") {
    return isUnique
      ? "text that is another in each row"
      : `text of ${distinct} kinds in ${counted(rows, "row")}`;
  }
  if (!isUnique || columns === 1 || column.type === "date") return undefined;
  if (ID_NAME.test(column.name) && isWhole(column))
    return "an id: its name says so, and no value is there twice";
  return column.type === "number" && countsUp(column, rows) ? "it numbers the rows" : undefined;
}

function isWhole(column: Column): boolean {
  return hasLevels(column) || column.values.every((value) => Number.isInteger(value));
}

function kindsOf(column: Column, rows: number): { distinct: number; missing: number; example: unknown } {
  const seen = new Set<number>();
  let missing = 0;
  let example = -1;
  const cells = hasLevels(column) ? column.codes : column.values;
  for (let row = 0; row < rows; row++) {
    const cell = cells[row] ?? Number.NaN;
    if (Number.isNaN(cell) || (hasLevels(column) && cell < 0)) missing += 1;
    else {
      if (example < 0) example = row;
      seen.add(cell);
    }
  }
  return { distinct: seen.size, missing, example: example < 0 ? null : valueAt(column, example) };
}

function countsUp({ values }: NumberColumn, rows: number): boolean {
  const first = values[0] ?? Number.NaN;
  return (
    rows >= LEAST_NUMBERED && (first === 0 || first === 1) && values.every((value, i) => value === first + i)
  );
}

/** A value this many times the median, where others aren't, may have lost its decimal point. */
const FAR = 500;

function outlierNotes({ name, values }: NumberColumn): Note[] {
  const sizes = sortedValues(values.map(Math.abs));
  const median = quantileOf(sizes, 0.5);
  if (!(median > 0) || sizes.length < 5) return [];
  const far = sizes.filter((size) => size >= FAR * median);
  const near = sizes[sizes.length - far.length - 1] ?? 0;
  const areFew = far.length === 1 || far.length * 50 <= sizes.length;
  if (far.length === 0 || !areFew || near > 20 * median) return [];
  const shown = listed([...far.slice(-3)].map(String));
  const message = `${counted(far.length, "value")} ${FAR} times the median (${median}) or more: ${shown}. A lost decimal point? Nothing was changed`;
  return [{ kind: "outlier", column: name, message }];
}

/** How many rows are the same as one before them in all columns, by a hash of 53 bits of each. */
export function duplicateRows(columns: readonly Column[], rows: number): number {
  const high = new Uint32Array(rows).fill(0x811c9dc5);
  const low = new Uint32Array(rows).fill(0x9e3779b9);
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  for (const column of columns) {
    const cells = hasLevels(column) ? column.codes : column.values;
    for (let row = 0; row < rows; row++) {
      number[0] = cells[row] ?? 0;
      const [a = 0, b = 0] = words;
      high[row] = Math.imul((high[row] ?? 0) ^ a, 0x01000193) + Math.imul(b, 0x85ebca6b);
      low[row] = Math.imul((low[row] ?? 0) ^ b, 0xc2b2ae35) + Math.imul(a ^ (a >>> 15), 0x27d4eb2f);
    }
  }
  const seen = new Set<number>();
  for (let row = 0; row < rows; row++) seen.add(((high[row] ?? 0) & 0x1fffff) * 2 ** 32 + (low[row] ?? 0));
  return rows - seen.size;
}
