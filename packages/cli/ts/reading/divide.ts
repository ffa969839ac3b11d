import type { Table } from "@layerwise/data";
import { ConfigError, DataError, split } from "layerwise";
import type { Values } from "../options/read-options.js";

export interface Divided {
  readonly training: Table;
  /** Undefined where none is kept. */
  readonly test: Table | undefined;
  /** How, in words. */
  readonly how: string;
}

/** Fewer can't be divided, and nothing is learnt from them. */
const LEAST_ROWS = 10;

/** Test rows apart from the others: random, of each class its share, whole groups, or the last ones. Raises ConfigError or DataError. */
export async function divide(
  table: Table,
  target: string,
  isClasses: boolean,
  values: Values,
): Promise<Divided> {
  const {
    test = 0.2,
    groups,
    ordered = false,
    seed = 0,
  } = values as {
    test?: number;
    groups?: string;
    ordered?: boolean;
    seed?: number;
  };
  if (table.rows < LEAST_ROWS) throw new DataError("data", `at least ${LEAST_ROWS} rows`, `${table.rows}`);
  if (test === 0) return { training: table, test: undefined, how: "no rows kept for a test" };
  if (groups !== undefined && ordered) throw new ConfigError("--ordered", "none beside --groups", "both");
  const indices = Array.from({ length: table.rows }, (_, i) => [i]);
  const classes = isClasses ? classesOf(table, target) : undefined;
  const stratify = classes !== undefined && !ordered && groups === undefined;
  const { train, test: kept } = await split(indices, classes ?? new Float64Array(table.rows), {
    test,
    seed,
    ...(stratify && { stratify: true }),
    ...(ordered && { ordered: true }),
    ...(groups !== undefined && { groups: groupsOf(table, groups) }),
  });
  const how = ordered
    ? "the last rows are the test"
    : groups !== undefined
      ? `whole groups of ${groups} drawn for the test`
      : stratify
        ? "test rows drawn, of each class its share"
        : "test rows drawn";
  return { training: table.select(train.indices), test: table.select(kept.indices), how };
}

/** A number for each row's class; undefined where one has a single row, which can't be on both sides. */
function classesOf(table: Table, target: string): Float64Array | undefined {
  const column = table.column(target);
  const codes =
    "codes" in column
      ? Float64Array.from(column.codes)
      : Float64Array.from(column.values, (value) => (Number.isNaN(value) ? -1 : value));
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts.values()].every((count) => count > 1) ? codes : undefined;
}

/** A text for each row: its value, or none where it is missing. */
function groupsOf(table: Table, name: string): string[] {
  return Array.from({ length: table.rows }, (_, i) => String(cellOf(table, name, i)));
}

function cellOf(table: Table, name: string, row: number): unknown {
  const column = table.column(name);
  if ("codes" in column) return column.levels[column.codes[row] ?? -1] ?? "";
  return column.values[row];
}
