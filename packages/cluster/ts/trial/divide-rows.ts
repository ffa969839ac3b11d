import type { Table } from "@layerwise/data";
import { kFold, split } from "layerwise";
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
  const first = share === 0 ? undefined : await splitRows(table, division, share, stratifyBy);
  const seen = first?.train ?? table;
  const test = first?.test;
  if (evaluation === null) return { training: seen, evaluation: undefined, test };
  if ("share" in evaluation) {
    const second = await splitRows(seen, division, evaluation.share, stratifyBy);
    return { training: second.train, evaluation: second.test, test };
  }
  const { x, y, options } = waysOf(seen, division, stratifyBy);
  const folds = await kFold(x, y, { ...options, folds: evaluation.folds });
  const { train, test: tested } = folds[fold ?? 0] ?? { train: undefined, test: undefined };
  if (train === undefined) throw new RangeError(`fold ${fold} of ${evaluation.folds}`);
  return { training: seen.select(train.indices), evaluation: seen.select(tested.indices), test };
}

async function splitRows(table: Table, division: Division, share: number, stratifyBy: string | null) {
  const { x, y, options } = waysOf(table, division, stratifyBy);
  const { train, test } = await split(x, y, { ...options, test: share });
  return { train: table.select(train.indices), test: table.select(test.indices) };
}

function waysOf(table: Table, { seed, groups, ordered }: Division, stratifyBy: string | null) {
  const x = Array.from({ length: table.rows }, (_, i) => [i]);
  const classes =
    groups === null && !ordered && stratifyBy !== null ? classesOf(table, stratifyBy) : undefined;
  const options = {
    ...(ordered ? { ordered: true } : { seed }),
    ...(classes !== undefined && { stratify: true }),
    ...(groups !== null && { groups: textsOf(table, groups) }),
  };
  return { x, y: classes ?? new Float64Array(table.rows), options };
}

/** A number for each row's class; undefined where one has a single row, which can't be on both sides. */
function classesOf(table: Table, name: string): Float64Array | undefined {
  const column = table.column(name);
  const codes =
    "codes" in column
      ? Float64Array.from(column.codes)
      : Float64Array.from(column.values, (value) => (Number.isNaN(value) ? -1 : value));
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts.values()].every((count) => count > 1) ? codes : undefined;
}

function textsOf(table: Table, name: string): string[] {
  const column = table.column(name);
  return Array.from({ length: table.rows }, (_, i) =>
    "codes" in column ? (column.levels[column.codes[i] ?? -1] ?? "") : String(column.values[i]),
  );
}
