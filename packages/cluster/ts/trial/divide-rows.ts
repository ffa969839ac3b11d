import { kFoldTable, splitTable, type Table, type TableDivision } from "@layerwise/data";
import { hashOf } from "./canonical.js";
import type { Division } from "./job.js";

/** The rows of one training. */
export interface DividedRows {
  readonly training: Table;
  /** On which it is compared with others; undefined where nothing is. */
  readonly evaluation: Table | undefined;
  /** What no trial sees; undefined where nothing is kept. */
  readonly test: Table | undefined;
}

/** Divisions of a table that this process has made: trials share one, and folds take turns. */
const divided = new WeakMap<Table, Map<string, Promise<DividedRows>>>();

/** Training, evaluation and test rows: by the study's seed, each class or whole groups alike. Raises ConfigError or DataError. */
export function divideRows(
  table: Table,
  division: Division,
  fold: number | null,
  stratifyBy: string | null,
): Promise<DividedRows> {
  const key = hashOf([division, fold, stratifyBy]);
  const known = divided.get(table) ?? new Map<string, Promise<DividedRows>>();
  divided.set(table, known);
  const rows = known.get(key) ?? divide(table, division, fold, stratifyBy);
  known.set(key, rows);
  return rows;
}

async function divide(
  table: Table,
  division: Division,
  fold: number | null,
  stratifyBy: string | null,
): Promise<DividedRows> {
  const { test: share, evaluation } = division;
  const first =
    share === 0 ? undefined : await splitTable(table, { ...wayOf(table, division, stratifyBy), test: share });
  const seen = first?.train ?? table;
  const test = first?.test;
  if (evaluation === null) return { training: seen, evaluation: undefined, test };
  const way = wayOf(seen, division, stratifyBy);
  const part =
    "share" in evaluation
      ? await splitTable(seen, { ...way, test: evaluation.share })
      : (await kFoldTable(seen, { ...way, folds: evaluation.folds }))[fold ?? 0];
  if (part === undefined) throw new RangeError(`fold ${fold}`);
  return { training: part.train, evaluation: part.test, test };
}

function wayOf(table: Table, { seed, groups, ordered }: Division, stratifyBy: string | null): TableDivision {
  if (ordered !== false) return { ordered };
  if (groups !== null) return { groups, seed };
  return stratifyBy !== null && hasEnough(table, stratifyBy) ? { stratify: stratifyBy, seed } : { seed };
}

/** Whether each of a column's values has two rows at least: one alone can't be on both sides. */
function hasEnough(table: Table, name: string): boolean {
  const column = table.column(name);
  const counts = new Map<number, number>();
  for (const value of "codes" in column ? column.codes : column.values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts.values()].every((count) => count > 1);
}
