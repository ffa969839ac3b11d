import { type Column, hasLevels } from "../table/column.js";
import { Table } from "../table/table.js";
import { Random } from "./random.js";
import type { TargetScores } from "./scores.js";

/** A model, as far as it is asked. */
interface Explained {
  readonly pipeline: { readonly columns: readonly { readonly name: string }[] };
  readonly training: { readonly seed: number };
  evaluate(table: Table): { readonly targets: readonly TargetScores[] };
}

/** What a column's values are worth to a model. */
export interface ColumnImportance {
  readonly column: string;
  /** By how much the score gets worse when the column's values are shuffled among the rows: the mean of the repeats, and their least and most. */
  readonly drop: number;
  readonly range: readonly [number, number];
}

/** Of how often each column is shuffled. */
const REPEATS = 5;

/** More rows say no more, and take their time. */
const MOST_ROWS = 5000;

/**
 * Permutation importance (Breiman 2001): for each column how much worse the model gets on these rows when its values are
 * shuffled among them; the worst column to lose first. The score is the log loss of classes and the root of the mean squared error of
 * numbers. At most 5,000 rows, evenly taken, are looked at.
 */
export function explainModel(model: Explained, table: Table): ColumnImportance[] {
  const rows = table.rows <= MOST_ROWS ? table : table.select(evenly(table.rows));
  const before = lossOf(model, rows);
  const random = new Random(model.training.seed);
  const importance = model.pipeline.columns.map(({ name }): ColumnImportance => {
    const drops = Array.from(
      { length: REPEATS },
      () => lossOf(model, withShuffled(rows, name, random)) - before,
    );
    const drop = drops.reduce((sum, one) => sum + one, 0) / REPEATS;
    return { column: name, drop, range: [Math.min(...drops), Math.max(...drops)] };
  });
  return importance.sort((a, b) => b.drop - a.drop);
}

function evenly(rows: number): Uint32Array {
  return Uint32Array.from({ length: MOST_ROWS }, (_, i) => Math.floor((i * rows) / MOST_ROWS));
}

/** The mean over the targets. */
function lossOf(model: Explained, table: Table): number {
  const { targets } = model.evaluate(table);
  return targets.reduce((sum, target) => sum + lossOfTarget(target), 0) / targets.length;
}

function lossOfTarget(target: TargetScores): number {
  return target.type === "classes" ? target.logLoss : target.rootMeanSquaredError;
}

function withShuffled(table: Table, name: string, random: Random): Table {
  const order = Uint32Array.from({ length: table.rows }, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const at = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = at;
  }
  const columns = table.columns.map((column): Column => {
    if (column.name !== name) return column;
    if (hasLevels(column))
      return { ...column, codes: Int32Array.from(order, (row) => column.codes[row] ?? -1) };
    return { ...column, values: Float64Array.from(order, (row) => column.values[row] ?? Number.NaN) };
  });
  return new Table(columns, table.rows);
}
