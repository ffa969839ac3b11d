import { type Column, hasLevels, type LevelColumn } from "../table/column.js";

/** A column as texts: a number becomes its shortest decimal, a date its ISO form. */
export function asLevels(column: Column): LevelColumn {
  if (hasLevels(column)) return column;
  const { name, missingTexts, type } = column;
  const levels = new Map<string, number>();
  const codes = Int32Array.from(column.values, (value) => {
    if (Number.isNaN(value)) return -1;
    const text = type === "date" ? new Date(value).toISOString() : String(Object.is(value, -0) ? 0 : value);
    const known = levels.get(text);
    if (known !== undefined) return known;
    levels.set(text, levels.size);
    return levels.size - 1;
  });
  return { name, type: "category", codes, levels: [...levels.keys()], missingTexts };
}

const YEAR_DAYS = 365.2425;
const DAY = 86_400_000;

/** A date as a year and its fraction, by years of 365.2425 days. */
export function yearOf(milliseconds: number): number {
  return 1970 + milliseconds / DAY / YEAR_DAYS;
}
