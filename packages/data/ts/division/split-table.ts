import { ConfigError, DataError, kFold, split } from "layerwise";
import { asLevels } from "../pipeline/convert.js";
import { describe } from "../platform/describe.js";
import { checkOptions } from "../platform/options.js";
import { isMissing } from "../table/column.js";
import type { Table } from "../table/table.js";

/** How a table's rows are divided; at most one of `stratify`, `groups` and `ordered`. */
export interface TableDivision {
  /** A column of which each part has each value's share, to within one row; missing is a value too. */
  readonly stratify?: string;
  /** A column whose values are groups, none of which is divided. */
  readonly groups?: string;
  /** Whether what is tested comes after what is trained on: `true`, in the rows' order, or a column of dates or numbers to order by. */
  readonly ordered?: boolean | string;
  /** Which rows go where: an integer in [0, 2⁵³). Default 0. Not with `ordered`, which draws nothing. */
  readonly seed?: number;
}

/** What {@link splitTable} takes. */
export interface TableSplitOptions extends TableDivision {
  /** The share of the rows to test on, in (0, 1). Default 0.2. */
  readonly test?: number;
  /** The share of the rows to validate on, in (0, 1). Default: none. */
  readonly validation?: number;
}

/** What {@link kFoldTable} takes. */
export interface TableFoldOptions extends TableDivision {
  /** How many: an integer in [2, rows]. Default 5. */
  readonly folds?: number;
}

export interface TableFold {
  readonly train: Table;
  readonly test: Table;
}

export interface TableSplit extends TableFold {
  /** Where a share was asked for. */
  readonly validation?: Table;
}

const DIVISION = ["stratify", "groups", "ordered", "seed"] as const;

/**
 * Rows to train on and rows to test on, and if asked to validate on, as the core's `split` divides them: each row is in one part,
 * in the table's order, and the same seed gives the same parts everywhere. Raises ConfigError or DataError.
 */
export async function splitTable(table: Table, options?: TableSplitOptions): Promise<TableSplit> {
  const { test, validation, ...division } = checkOptions("splitTable", options, [
    "test",
    "validation",
    ...DIVISION,
  ]);
  const { rows, labels, settings } = divided(table, division);
  const given = { ...settings, ...(test !== undefined && { test }) };
  if (validation === undefined) {
    const parts = await split(rows, labels, given);
    return { train: taken(table, parts.train.x), test: taken(table, parts.test.x) };
  }
  const parts = await split(rows, labels, { ...given, validation });
  return {
    train: taken(table, parts.train.x),
    validation: taken(table, parts.validation.x),
    test: taken(table, parts.test.x),
  };
}

/** For each of some folds its rows and those to train on before, as the core's `kFold` divides them. Raises ConfigError or DataError. */
export async function kFoldTable(table: Table, options?: TableFoldOptions): Promise<TableFold[]> {
  const { folds, ...division } = checkOptions("kFoldTable", options, ["folds", ...DIVISION]);
  const { rows, labels, settings } = divided(table, division);
  const parts = await kFold(rows, labels, { ...settings, ...(folds !== undefined && { folds }) });
  return parts.map(({ train, test }) => ({ train: taken(table, train.x), test: taken(table, test.x) }));
}

function taken(table: Table, rows: readonly (readonly number[])[]): Table {
  return table.select(rows.map(([row = 0]) => row));
}

/** The rows' numbers in the order in which they are divided, the classes, and the core's options. */
function divided(table: Table, { stratify, groups, ordered, seed }: TableDivision) {
  for (const [name, value] of Object.entries({ stratify, groups })) {
    if (value !== undefined && typeof value !== "string")
      throw new ConfigError(name, "a column's name", describe(value));
  }
  if (ordered !== undefined && typeof ordered !== "boolean" && typeof ordered !== "string")
    throw new ConfigError("ordered", "true, false or a column's name", describe(ordered));
  const order =
    typeof ordered === "string" ? orderBy(table, ordered) : Array.from({ length: table.rows }, (_, i) => i);
  const settings = {
    ...(stratify !== undefined && { stratify: true }),
    ...(groups !== undefined && { groups: groupsOf(table, groups) }),
    ...(ordered !== undefined && ordered !== false && { ordered: true }),
    ...(seed !== undefined && { seed }),
  };
  const labels = stratify === undefined ? new Float64Array(table.rows) : classesOf(table, stratify);
  return { rows: order.map((row) => [row]), labels, settings };
}

function orderBy(table: Table, name: string): number[] {
  const column = table.column(name);
  if (!("values" in column)) throw new DataError(`ordered, column ${name}`, "dates or numbers", column.type);
  const { values } = column;
  checkWhole(table, "ordered", name);
  return Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}

function groupsOf(table: Table, name: string): readonly string[] {
  checkWhole(table, "groups", name);
  const { codes, levels } = asLevels(table.column(name));
  return Array.from(codes, (code) => levels[code] ?? "");
}

/** Raises DataError where a row has no value. */
function checkWhole(table: Table, option: string, name: string): void {
  const column = table.column(name);
  for (let row = 0; row < table.rows; row++) {
    if (isMissing(column, row))
      throw new DataError(`${option}, column ${name}, row ${row}`, "a value", "none");
  }
}

function classesOf(table: Table, name: string): Float64Array {
  return Float64Array.from(asLevels(table.column(name)).codes, (code) => code + 1);
}
