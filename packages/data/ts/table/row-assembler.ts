import { DataError } from "layerwise";
import type { TextSettings } from "../csv/options.js";
import { describe, listed } from "../platform/describe.js";
import { Assembler } from "./assembler.js";
import type { Value } from "./column.js";
import { ALL_ROWS } from "./in-chunks.js";
import type { Note } from "./note.js";
import type { Table } from "./table.js";

/** A row as an object: its keys are names of columns. `undefined`, and a key that isn't there, are missing values. */
export type Row = Readonly<Record<string, Value | bigint | undefined>>;

/** Where something stands: in errors, and in what is skipped. */
export interface RowPlace {
  readonly file: string;
  readonly line: number;
}

export interface PlacedRow extends RowPlace {
  readonly row: Row;
}

/** What should have been a row. */
export interface BadRow extends RowPlace {
  readonly reason: string;
}

/** By the error of reading it. */
export function badRow({ file, line }: RowPlace, { path, expected, got }: DataError): BadRow {
  return { file, line, reason: `${path}: expected ${expected}, got ${got}` };
}

export interface RowAssemblerFacts<Placed extends PlacedRow> {
  readonly settings: TextSettings;
  readonly notes: Note[];
  /** A cell's place, as errors name it. */
  readonly cellPlace: (row: Placed, column: string) => string;
}

/** Makes tables of rows that are objects. Their columns are the keys of those that it is made with. */
export class RowAssembler<Placed extends PlacedRow> {
  readonly #names: ReadonlyMap<string, boolean>;
  readonly #facts: RowAssemblerFacts<Placed>;
  readonly #assembler: Assembler;

  constructor(first: readonly (Placed | BadRow)[], facts: RowAssemblerFacts<Placed>) {
    const { settings, notes } = facts;
    const names = new Map<string, boolean>();
    for (const one of first) {
      if (!("row" in one)) continue;
      for (const name of Object.keys(one.row))
        if (!names.has(name)) names.set(name, settings.only?.has(name) !== false);
    }
    this.#names = names;
    this.#facts = facts;
    this.#assembler = new Assembler({
      names: [...names.keys()],
      unnamed: new Set<number>(),
      decimal: ".",
      preferredOrder: "dmy",
      settings,
      keepsEmptyRows: true,
      notes,
    });
    for (const one of first) this.add(one);
  }

  /** Rows in the table that is being made. */
  get rows(): number {
    return this.#assembler.rows;
  }

  /** Raises DataError, unless bad rows are skipped. */
  add(one: Placed | BadRow): void {
    const { file, line } = one;
    if (!("row" in one)) {
      this.#assembler.skip(file, line, one.reason);
      return;
    }
    try {
      this.#assembler.add({ cells: this.#cells(one), line, file });
    } catch (error) {
      if (!this.#facts.settings.skipBadRows || !(error instanceof DataError)) throw error;
      this.add(badRow(one, error));
    }
  }

  /** The table of all rows, with a word on what in it is worth a look. Raises DataError. */
  whole(): Table {
    return this.#assembler.whole();
  }

  /** The table of the rows since the last call. Raises DataError. */
  finish(): Table {
    return this.#assembler.finish();
  }

  #cells(placed: Placed): string[] {
    const { row } = placed;
    const { cellPlace, settings } = this.#facts;
    for (const name of Object.keys(row)) {
      if (this.#names.has(name) || settings.only?.has(name) === false) continue;
      const known = listed([...this.#names.keys()], 10);
      throw new DataError(cellPlace(placed, name), `a column of the first rows: ${known}`, "another");
    }
    const cells: string[] = [];
    for (const [name, isRead] of this.#names)
      cells.push(isRead ? textOf(row[name], () => cellPlace(placed, name)) : "");
    return cells;
  }
}

/** Tables of `chunkRows` rows each, or one of {@link ALL_ROWS}. Columns and types are found out by the rows of the first, or given. */
export async function* tablesOfRows<Placed extends PlacedRow>(
  batches: AsyncIterable<readonly (Placed | BadRow)[]>,
  chunkRows: number,
  factsOf: (first: readonly (Placed | BadRow)[]) => RowAssemblerFacts<Placed>,
  maxRows: number,
): AsyncGenerator<Table, void> {
  let first: (Placed | BadRow)[] = [];
  let making: RowAssembler<Placed> | undefined;
  let taken = 0;
  let hasYielded = false;
  const begun = () => new RowAssembler(first, factsOf(first));
  for await (const batch of batches) {
    for (const one of batch) {
      if (taken >= maxRows) break;
      if ("row" in one) taken += 1;
      if (making !== undefined) making.add(one);
      else {
        first.push(one);
        if (taken < chunkRows) continue;
        making = begun();
        first = [];
      }
      if (making.rows < chunkRows) continue;
      yield making.finish();
      hasYielded = true;
    }
    if (taken >= maxRows) break;
  }
  making ??= begun();
  if (making.rows === 0) {
    if (hasYielded) return;
    throw new DataError(first[0]?.file ?? "source", "rows", "none that can be read");
  }
  yield chunkRows === ALL_ROWS ? making.whole() : making.finish();
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
