import { DataError, ShapeError } from "layerwise";
import { resolveTextOptions, type TextOptions } from "../csv/options.js";
import { describe } from "../platform/describe.js";
import { checkOptions } from "../platform/options.js";
import { MISSING_MARKS } from "../values/missing.js";
import { Assembler } from "./assembler.js";
import type { Value } from "./column.js";
import type { Note } from "./note.js";
import type { Table } from "./table.js";

/** A row as an object: its keys are names of columns. `undefined`, and a key that isn't there, are missing values. */
export type Row = Readonly<Record<string, Value | bigint | undefined>>;

/** What {@link tableFrom} takes. */
export type RowOptions = Pick<
  TextOptions,
  "types" | "schema" | "missing" | "columnMissing" | "dateOrder" | "skipBadRows" | "sampleRows" | "maxRows"
>;

export const ROW_NAMES = [
  "types",
  "schema",
  "missing",
  "columnMissing",
  "dateOrder",
  "skipBadRows",
  "sampleRows",
  "maxRows",
] as const satisfies readonly (keyof RowOptions)[];

/** Where rows come from: in errors, and in what is skipped. */
export interface RowPlaces {
  file(row: number): string;
  line(row: number): number;
  cell(row: number, column: string): string;
}

const AS_GIVEN: RowPlaces = {
  file: () => "rows",
  line: (row) => row + 1,
  cell: (row, column) => `rows[${row}].${column}`,
};

/**
 * A table of objects. Texts are read as those of a CSV file are, so that "1.5" is a number, if all are; numbers, booleans
 * and dates are what they are. Raises ConfigError, ShapeError or DataError.
 */
export function tableFrom(rows: readonly Row[], options?: RowOptions): Table {
  return tableOfRows(rows, checkOptions("tableFrom", options, ROW_NAMES), AS_GIVEN);
}

/** The same of rows from elsewhere, whose places errors name. */
export function tableOfRows(rows: readonly Row[], options: RowOptions, places: RowPlaces): Table {
  const settings = resolveTextOptions(options, MISSING_MARKS);
  if (!Array.isArray(rows)) throw new ShapeError("rows", "an array of objects", describe(rows));
  if (rows.length === 0) throw new ShapeError("rows", "at least one row", "none");
  const names = new Map<string, number>();
  rows.forEach((row, i) => {
    checkRow(row, `rows[${i}]`);
    for (const name of Object.keys(row)) if (!names.has(name)) names.set(name, names.size);
  });
  const notes: Note[] = [];
  const list = [...names.keys()];
  const facts = {
    names: list,
    unnamed: new Set<number>(),
    decimal: "." as const,
    preferredOrder: "dmy" as const,
  };
  const assembler = new Assembler({ ...facts, settings, keepsEmptyRows: true, notes });
  rows.slice(0, settings.maxRows).forEach((row, i) => {
    const [file, line] = [places.file(i), places.line(i)];
    try {
      const cells = list.map((name) => textOf(row[name], () => places.cell(i, name)));
      assembler.add({ cells, line, file });
    } catch (error) {
      if (!settings.skipBadRows || !(error instanceof DataError)) throw error;
      assembler.skip(file, line, `${error.path}: expected ${error.expected}, got ${error.got}`);
    }
  });
  return assembler.whole();
}

export function checkRow(row: unknown, path: string): void {
  const isRow = typeof row === "object" && row !== null && !Array.isArray(row) && !ArrayBuffer.isView(row);
  if (!isRow) throw new DataError(path, "an object whose keys are columns", describe(row));
}

/** The text that a CSV file would have; "" where it is missing. Raises DataError, at a place that is asked for then. */
function textOf(value: unknown, place: () => string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value.trim();
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "";
    if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : plain(value);
    throw new DataError(place(), "a finite number", String(value));
  }
  if (value instanceof Date) {
    const isDate =
      !Number.isNaN(value.getTime()) && value.getUTCFullYear() >= 1000 && value.getUTCFullYear() <= 9999;
    if (isDate) return value.toISOString();
    throw new DataError(place(), "a date of the years 1000 to 9999", describe(value));
  }
  throw new DataError(place(), "a number, a text, true, false, a Date or null", describe(value));
}

/** Not as an integer of more than 2⁵³, which a text would be taken for an id. */
function plain(value: number): string {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}
