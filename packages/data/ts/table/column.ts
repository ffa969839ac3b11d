import type { DateOrder } from "../values/dates.js";

/**
 * `category` is a text of few kinds, which the preparation turns into a column for each; `text` one of so many that it
 * can't.
 */
export type ColumnType = "number" | "boolean" | "date" | "category" | "text";

export const COLUMN_TYPES = ["number", "boolean", "date", "category", "text"] as const;

/** What a cell holds: `null` where it is missing. */
export type Value = number | boolean | string | Date | null;

interface AnyColumn {
  readonly name: string;
  /**
   * Texts that count as missing here besides the usual ones: those of the reader's options, and what is no number or date
   * where all others are.
   */
  readonly missingTexts: readonly string[];
}

/** A number for each row, NaN where it is missing. */
export interface NumberColumn extends AnyColumn {
  readonly type: "number";
  readonly values: Float64Array;
}

/** Milliseconds since 1970, in UTC, for each row; NaN where it is missing. */
export interface DateColumn extends AnyColumn {
  readonly type: "date";
  readonly values: Float64Array;
  /** How it was written. */
  readonly order: DateOrder;
}

/** For each row the index of its text in `levels`, −1 where it is missing. A boolean's levels are "false" and "true". */
export interface LevelColumn extends AnyColumn {
  readonly type: "boolean" | "category" | "text";
  readonly codes: Int32Array;
  readonly levels: readonly string[];
}

export type Column = NumberColumn | DateColumn | LevelColumn;

export function hasLevels(column: Column): column is LevelColumn {
  return "levels" in column;
}

export function isMissing(column: Column, row: number): boolean {
  return hasLevels(column) ? (column.codes[row] ?? -1) < 0 : Number.isNaN(column.values[row] ?? Number.NaN);
}

/** What stands in a row; null where it is missing. */
export function valueAt(column: Column, row: number): Value {
  if (hasLevels(column)) {
    const level = column.levels[column.codes[row] ?? -1];
    if (level === undefined) return null;
    return column.type === "boolean" ? level === "true" : level;
  }
  const value = column.values[row] ?? Number.NaN;
  if (Number.isNaN(value)) return null;
  return column.type === "date" ? new Date(value) : value;
}

/** The rows of these indices, in their order. */
export function selectRows(column: Column, rows: ArrayLike<number>): Column {
  if (hasLevels(column)) {
    return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row] ?? -1) };
  }
  return { ...column, values: Float64Array.from(rows, (row) => column.values[row] ?? Number.NaN) };
}

export function missingCount(column: Column): number {
  let count = 0;
  const rows = hasLevels(column) ? column.codes.length : column.values.length;
  for (let row = 0; row < rows; row++) if (isMissing(column, row)) count += 1;
  return count;
}
