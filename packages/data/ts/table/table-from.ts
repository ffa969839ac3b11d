import { DataError, ShapeError } from "layerwise";
import { resolveTextOptions, type TextOptions } from "../csv/options.js";
import { describe } from "../platform/describe.js";
import { checkOptions } from "../platform/options.js";
import { MISSING_MARKS } from "../values/missing.js";
import { type PlacedRow, type Row, RowAssembler } from "./row-assembler.js";
import type { Table } from "./table.js";

/** What {@link tableFrom} takes. */
export type RowOptions = Pick<
  TextOptions,
  | "types"
  | "schema"
  | "missing"
  | "columnMissing"
  | "dateOrder"
  | "skipBadRows"
  | "sampleRows"
  | "maxRows"
  | "optionText"
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
  "optionText",
] as const satisfies readonly (keyof RowOptions)[];

/**
 * A table of objects. Texts are read as those of a CSV file are, so that "1.5" is a number, if all are; numbers, booleans
 * and dates are what they are. Raises ConfigError, ShapeError or DataError.
 */
export function tableFrom(rows: readonly Row[], options?: RowOptions): Table {
  const settings = resolveTextOptions(checkOptions("tableFrom", options, ROW_NAMES), MISSING_MARKS);
  if (!Array.isArray(rows)) throw new ShapeError("rows", "an array of objects", describe(rows));
  if (rows.length === 0) throw new ShapeError("rows", "at least one row", "none");
  const placed = rows.slice(0, settings.maxRows).map((row: Row, i): PlacedRow => {
    checkRow(row, `rows[${i}]`);
    return { row, file: "rows", line: i + 1 };
  });
  const cellPlace = ({ line }: PlacedRow, column: string) => `rows[${line - 1}].${column}`;
  return new RowAssembler(placed, { settings, notes: [], cellPlace }).whole();
}

export function checkRow(row: unknown, path: string): void {
  const isRow = typeof row === "object" && row !== null && !Array.isArray(row) && !ArrayBuffer.isView(row);
  if (!isRow) throw new DataError(path, "an object whose keys are columns", describe(row));
}
