import type { Matrix } from "layerwise";
import type { ColumnNumbers } from "../pipeline/pipeline.js";
import type { Target } from "../pipeline/plan.js";
import { classIndices, plainNumbers } from "../pipeline/target-numbers.js";
import type { Table } from "../table/table.js";
import { predictionsOf, type TargetPrediction } from "./predictions.js";
import { Random } from "./random.js";
import { logLoss, rootMeanSquaredError } from "./scores.js";

/** What a column's values are worth to a model. */
export interface ColumnImportance {
  readonly column: string;
  /** By how much the score gets worse when the column's values are shuffled among the rows: the mean of the repeats, and their least and most. */
  readonly drop: number;
  readonly range: readonly [number, number];
  /** How often it was shuffled. */
  readonly repeats: number;
}

/** What {@link Model.explain} takes. */
export interface ExplainOptions {
  /** Called behind each column: how many are done, of how many. */
  readonly onColumn?: (done: number, columns: number) => void;
}

/** A model, as far as it is asked. */
export interface Explained {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Where each column's numbers stand in a row of x. */
  readonly columns: readonly ColumnNumbers[];
  readonly outputs: (x: Matrix) => Matrix;
}

/** How often each column is shuffled; of many columns less often, since each time all networks predict all rows. */
const REPEATS = { few: 5, many: 2 };
const MANY_COLUMNS = 100;

/** More rows say no more, and take their time. */
const MOST_ROWS = 5000;

/** At most so many rows, evenly taken. */
export function rowsToExplain(table: Table): Table {
  if (table.rows <= MOST_ROWS) return table;
  return table.select(
    Uint32Array.from({ length: MOST_ROWS }, (_, i) => Math.floor((i * table.rows) / MOST_ROWS)),
  );
}

/**
 * Permutation importance (Breiman 2001): for each column how much worse the model gets on these rows when its values are
 * shuffled among them; the worst column to lose first. The score is the log loss of classes and the root of the mean squared error of
 * numbers. x holds the same rows as the networks take them: a column's numbers in it are shuffled, and in the end put back.
 */
export function columnImportance(
  model: Explained,
  table: Table,
  x: Matrix,
  { onColumn }: ExplainOptions,
): ColumnImportance[] {
  const losses = model.targets.map((target) => lossOn(target, table));
  const loss = () => {
    const { targets } = predictionsOf(model.targets, model.outputs(x), []);
    return losses.reduce((sum, lossOf, t) => sum + lossOf(targets[t]), 0) / losses.length;
  };
  const before = loss();
  const repeats = model.columns.length > MANY_COLUMNS ? REPEATS.many : REPEATS.few;
  const random = new Random(model.seed);
  const importance = model.columns.map((column, done): ColumnImportance => {
    const numbers = numbersOf(x, column);
    const drops = Array.from({ length: repeats }, () => {
      writeNumbers(x, column, numbers, shuffled(x.rows, random));
      return loss() - before;
    });
    writeNumbers(x, column, numbers, inOrder(x.rows));
    onColumn?.(done + 1, model.columns.length);
    const drop = drops.reduce((sum, one) => sum + one, 0) / repeats;
    return { column: column.name, drop, range: [Math.min(...drops), Math.max(...drops)], repeats };
  });
  return importance.sort((a, b) => b.drop - a.drop);
}

/** What predictions of these rows' target cost. */
function lossOn(target: Target, table: Table): (prediction: TargetPrediction | undefined) => number {
  if (target.type === "classes") {
    const right = classIndices(target, table);
    return (prediction) => (prediction?.type === "classes" ? logLoss(right, prediction) : Number.NaN);
  }
  const right = plainNumbers(target, table);
  return (prediction) =>
    prediction?.type === "numbers" ? rootMeanSquaredError(right, prediction) : Number.NaN;
}

/** A column's numbers, one row behind the other. */
function numbersOf({ data, rows, cols }: Matrix, { at, width }: ColumnNumbers): Float64Array {
  return Float64Array.from({ length: rows * width }, (_, i) => {
    const row = Math.floor(i / width);
    return data[row * cols + at + i - row * width] ?? Number.NaN;
  });
}

/** Row i gets those that are `order[i]`'s. */
function writeNumbers(
  { data, cols }: Matrix,
  { at, width }: ColumnNumbers,
  numbers: Float64Array,
  order: Uint32Array,
): void {
  order.forEach((from, row) => {
    for (let k = 0; k < width; k++) data[row * cols + at + k] = numbers[from * width + k] ?? Number.NaN;
  });
}

function inOrder(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, i) => i);
}

/** Fisher & Yates. */
function shuffled(rows: number, random: Random): Uint32Array {
  const order = inOrder(rows);
  for (let i = rows - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
