import Papa from "papaparse";
import { MAX_CLASSES, MAX_POINTS, onGrid, type Point } from "./points.js";
import { Random } from "./random.js";

/** A CSV file as a table of texts. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The columns whose cells are numbers, by index. */
  readonly numeric: readonly number[];
}

/** Which columns make a data set. */
export interface Choice {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

export interface TablePoints {
  readonly points: readonly Point[];
  /** The class column's values, in the order of the classes. */
  readonly classNames: readonly string[];
  /** Rows that had no numbers there, or were too many. */
  readonly leftOut: number;
}

/** A file that can't be used, and why. */
export class CsvError extends Error {}

/** The table in a text: any delimiter, with or without a header. Raises CsvError. */
export function readTable(text: string): Table {
  const parsed = Papa.parse<string[]>(text.trim(), { skipEmptyLines: "greedy" });
  const [first, ...others] = parsed.data;
  if (first === undefined || others.length === 0) throw new CsvError("The file holds no rows.");
  const hasHeader = first.every((cell) => !isNumber(cell));
  const rows = hasHeader ? others : parsed.data;
  const columns = first.map((cell, i) => (hasHeader && cell.trim() !== "" ? cell.trim() : `column ${i + 1}`));
  const numeric = [...columns.keys()].filter((i) => {
    const numbers = rows.filter((row) => isNumber(row[i])).length;
    return numbers > 0.9 * rows.length;
  });
  if (columns.length < 3) throw new CsvError("Three columns are needed: two of numbers, and one of classes.");
  if (numeric.length < 2) throw new CsvError("Two columns of numbers are needed; the file has fewer.");
  return { columns, rows, numeric };
}

/** The first two columns of numbers, and the last column for the class. */
export function likelyChoice({ columns, numeric }: Table): Choice {
  const label = columns.length - 1;
  const [x = 0, y = 1] = numeric.filter((i) => i !== label);
  return { x, y, label };
}

/**
 * The rows as points: each coordinate moved and scaled so that it fills −1.8 … 1.8, and rounded so that a
 * link can carry it. Of more than MAX_POINTS rows, random ones are taken, always the same. Raises CsvError.
 */
export function toPoints({ columns, rows }: Table, choice: Choice): TablePoints {
  const usable = rows.filter((row) => isNumber(row[choice.x]) && isNumber(row[choice.y]));
  const taken = sample(usable, MAX_POINTS);
  const classNames = [...new Set(taken.map((row) => (row[choice.label] ?? "").trim()))].sort();
  if (classNames.length < 2 || classNames.length > MAX_CLASSES) {
    const name = columns[choice.label] ?? "";
    throw new CsvError(
      `The class column “${name}” has ${classNames.length} different values; 2 to ${MAX_CLASSES} can be shown.`,
    );
  }
  const x = scaled(taken.map((row) => Number(row[choice.x])));
  const y = scaled(taken.map((row) => Number(row[choice.y])));
  const points = taken.map((row, i) =>
    onGrid({ x: x[i] ?? 0, y: y[i] ?? 0, label: classNames.indexOf((row[choice.label] ?? "").trim()) }),
  );
  return { points, classNames, leftOut: rows.length - taken.length };
}

/** At most `most` of the rows, in their order. */
function sample<Row>(rows: readonly Row[], most: number): Row[] {
  const random = new Random(0);
  let wanted = Math.min(most, rows.length);
  return rows.filter((_, i) => {
    const isTaken = random.below(rows.length - i) < wanted; // Knuth's algorithm S
    if (isTaken) wanted -= 1;
    return isTaken;
  });
}

function scaled(values: readonly number[]): number[] {
  const min = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return values.map((value) => (max > min ? ((value - min) / (max - min)) * 3.6 - 1.8 : 0));
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && cell.trim() !== "" && Number.isFinite(Number(cell));
}
