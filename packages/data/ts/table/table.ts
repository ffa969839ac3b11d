import { DataError } from "layerwise";
import { describe, listed } from "../platform/describe.js";
import { nearest } from "../platform/nearest.js";
import { type Column, selectRows, type Value, valueAt } from "./column.js";
import type { Note } from "./note.js";
import { type ColumnSummary, summaryOf } from "./summary.js";

/** A row that couldn't be read. */
export interface SkippedRow {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** Rows that couldn't be read and were left out, as `skipBadRows` asks: how many, and the first ten. */
export interface Skipped {
  readonly rows: number;
  readonly first: readonly SkippedRow[];
}

const NONE_SKIPPED: Skipped = { rows: 0, first: [] };

/** Typed columns of one length, and what was found out and left out when they were read. */
export class Table {
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly notes: readonly Note[];
  readonly skipped: Skipped;

  constructor(
    columns: readonly Column[],
    rows: number,
    notes: readonly Note[] = [],
    skipped: Skipped = NONE_SKIPPED,
  ) {
    this.columns = columns;
    this.rows = rows;
    this.notes = notes;
    this.skipped = skipped;
  }

  get names(): string[] {
    return this.columns.map(({ name }) => name);
  }

  has(name: string): boolean {
    return this.columns.some((column) => column.name === name);
  }

  /** Raises DataError, with the nearest name, where there is none. */
  column(name: string): Column {
    const found = this.columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    const guess = nearest(String(name), this.names);
    const expected =
      guess === undefined
        ? `one of ${listed(this.names, 10)}`
        : `${JSON.stringify(guess)} (did you mean it?)`;
    throw new DataError("column", expected, describe(name));
  }

  /** A row's values by their columns' names. */
  row(index: number): Record<string, Value> {
    return Object.fromEntries(this.columns.map((column) => [column.name, valueAt(column, index)]));
  }

  toRows(): Record<string, Value>[] {
    return Array.from({ length: this.rows }, (_, i) => this.row(i));
  }

  /** A table of the rows of these indices, in their order. */
  select(rows: ArrayLike<number>): Table {
    return new Table(
      this.columns.map((column) => selectRows(column, rows)),
      rows.length,
      this.notes,
    );
  }

  /** The same with these notes before its own. */
  withNotes(notes: readonly Note[]): Table {
    return new Table(this.columns, this.rows, [...notes, ...this.notes], this.skipped);
  }

  /** A table of these columns alone. */
  pick(names: readonly string[]): Table {
    return new Table(
      names.map((name) => this.column(name)),
      this.rows,
      this.notes,
    );
  }

  /** For each column its type, what is missing, and its numbers' distribution or its levels. */
  describe(): ColumnSummary[] {
    return this.columns.map(summaryOf);
  }
}
