import { DataError } from "layerwise";
import type { TextSettings } from "../csv/options.js";
import { counted, describe, listed } from "../platform/describe.js";
import { nearest } from "../platform/nearest.js";
import type { DateOrder } from "../values/dates.js";
import { type Decimal, readAmount, readForcedNumber, readNumber } from "../values/numbers.js";
import { type ColumnBuilder, columnBuilder } from "./builder.js";
import type { Column } from "./column.js";
import { type Cell, type ColumnPlan, type PlanOptions, planColumn } from "./column-plan.js";
import type { Note } from "./note.js";
import { profileNotes } from "./profile.js";
import { type SkippedRow, Table } from "./table.js";

/** A row as texts, and where it stands. */
export interface TextRow {
  readonly cells: readonly string[];
  readonly line: number;
  readonly file: string;
}

export interface AssemblerFacts {
  readonly names: readonly string[];
  /** Columns that are left out if they have no value in the sample. */
  readonly unnamed: ReadonlySet<number>;
  readonly decimal: Decimal;
  readonly preferredOrder: DateOrder;
  readonly settings: TextSettings;
  /** Whether rows without any value are rows: those of objects are, those of a text are an editor's rest. */
  readonly keepsEmptyRows: boolean;
  readonly notes: Note[];
}

/** Cells that were no number or date though their column is one by its sample. */
interface Misfits {
  count: number;
  readonly texts: Set<string>;
  readonly first: TextRow;
}

/** Where in a row something isn't as it must be. */
interface Fault {
  readonly place: string;
  readonly expected: string;
  readonly got: string;
}

const MOST_SKIPPED_SHOWN = 10;

/** Makes a table of rows of texts: of the first ones types are found out, and all are read by them. */
export class Assembler {
  readonly #facts: AssemblerFacts;
  #sample: TextRow[] = [];
  #plans: readonly ColumnPlan[] | undefined;
  #builders: readonly ColumnBuilder[] = [];
  /** Cells that are read, by their places, and those that must have nothing. */
  #kept: readonly number[] = [];
  readonly #dropped = new Set<number>();
  readonly #missingTests: readonly ((text: string) => boolean)[];
  readonly #marks = new Map<string, number>();
  readonly #misfits = new Map<number, Misfits>();
  #rows = 0;
  #emptyRows = 0;
  #skipped: SkippedRow[] = [];
  #skippedCount = 0;

  constructor(facts: AssemblerFacts) {
    this.#facts = facts;
    for (const [option, name] of facts.settings.named)
      checkName(facts.settings.optionText(option), name, facts.names);
    this.#missingTests = facts.names.map((name) => missingTest(name, facts));
  }

  /** Rows in the table that is being made. */
  get rows(): number {
    return this.#rows + this.#sample.length;
  }

  /** Raises DataError, unless bad rows are skipped. */
  add(row: TextRow): void {
    const width = this.#facts.names.length;
    if (row.cells.length !== width) {
      this.#bad(row, `line ${row.line}`, counted(width, "cell"), `${row.cells.length}`);
      return;
    }
    if (!this.#facts.keepsEmptyRows && row.cells.every((cell) => cell === "")) {
      this.#emptyRows += 1;
      return;
    }
    if (this.#plans !== undefined) {
      this.#push(row);
      return;
    }
    this.#sample.push(row);
    if (this.#sample.length >= this.#facts.settings.sampleRows) this.#plan();
  }

  /** The table of all rows, with a word on what in it is worth a look. Raises DataError. */
  whole(): Table {
    const { columns, rows, notes, skipped } = this.finish();
    return new Table(columns, rows, [...notes, ...profileNotes(columns, rows)], skipped);
  }

  /** The table of the rows since the last call. Raises DataError. */
  finish(): Table {
    this.#plan();
    this.#checkMisfits();
    const notes = [...this.#facts.notes, ...this.#countNotes()];
    this.#facts.notes.length = 0;
    const columns: Column[] = this.#builders.map((builder) => builder.finish());
    const skipped = { rows: this.#skippedCount, first: this.#skipped };
    const table = new Table(columns, this.#rows, notes, skipped);
    this.#newBuilders();
    this.#forgetCounts();
    return table;
  }

  #newBuilders(): void {
    this.#builders = (this.#plans ?? []).map((plan) => columnBuilder(plan, this.#facts.decimal));
  }

  #forgetCounts(): void {
    [this.#rows, this.#emptyRows, this.#skippedCount, this.#skipped] = [0, 0, 0, []];
    this.#marks.clear();
    this.#misfits.clear();
  }

  #plan(): void {
    if (this.#plans !== undefined) return;
    const { names, unnamed, notes } = this.#facts;
    names.forEach((name, i) => {
      if (
        !unnamed.has(i) ||
        this.#facts.settings.only !== undefined ||
        !this.#sample.every(({ cells }) => cells[i] === "") ||
        this.#sample.length === 0
      )
        return;
      this.#dropped.add(i);
      const own = notes.findIndex(({ column }) => column === name);
      if (own >= 0) notes.splice(own, 1);
      notes.push({
        kind: "dropped",
        message: `column ${i + 1} has neither a name nor a value: it is left out`,
      });
    });
    const { only } = this.#facts.settings;
    const isKept = (name: string, i: number) =>
      !this.#dropped.has(i) && (only === undefined || only.has(name));
    this.#kept = names.flatMap((name, i) => (isKept(name, i) ? [i] : []));
    this.#plans = this.#kept.map((i) => this.#planOf(names[i] ?? "", i));
    this.#newBuilders();
    const rows = this.#sample;
    this.#sample = [];
    for (const row of rows) this.#push(row);
  }

  #planOf(name: string, i: number): ColumnPlan {
    const { settings, notes } = this.#facts;
    const type = settings.types.get(name);
    const own = [...settings.given, ...(settings.columnMissing.get(name) ?? [])];
    if (type !== undefined) {
      const order = type === "date" ? this.#orderOf(name, i) : (settings.dateOrder ?? "ymd");
      // Of a model's columns a cell that could be read in two ways is an error.
      const hasAmounts =
        type === "number" && settings.named.some(([option, one]) => option === "types" && one === name);
      if (hasAmounts) this.#noteAmounts(name, i);
      return { name, type, order, isForced: true, hasAmounts, missingTexts: own };
    }
    const plan = planColumn(name, this.#cellsOf(i), this.#planOptions(), notes);
    return { ...plan, missingTexts: [...plan.missingTexts, ...own] };
  }

  /** Says how amounts are read, by the first of them. */
  #noteAmounts(name: string, i: number): void {
    const { decimal, notes } = this.#facts;
    for (const cell of this.#cellsOf(i)) {
      if (cell === undefined || readForcedNumber(cell.text, decimal) !== undefined) continue;
      const value = readAmount(cell.text, decimal);
      if (value === undefined) continue;
      const message = `amounts read as numbers, ${describe(cell.text)} as ${value}`;
      notes.push({ kind: "type", column: name, message });
      return;
    }
  }

  /** Of dates that are said to be some. */
  #orderOf(name: string, i: number): DateOrder {
    const found = planColumn(name, this.#cellsOf(i), this.#planOptions(), []);
    return found.type === "date" ? found.order : (this.#facts.settings.dateOrder ?? "ymd");
  }

  #planOptions(): PlanOptions {
    const { settings, decimal, preferredOrder } = this.#facts;
    return { decimal, preferredOrder, dateOrder: settings.dateOrder, optionText: settings.optionText };
  }

  *#cellsOf(i: number): Generator<Cell | undefined> {
    const isMissing = this.#missingTests[i];
    for (const { cells, line } of this.#sample) {
      const text = cells[i] ?? "";
      yield isMissing?.(text) ? undefined : { text, line };
    }
  }

  #push(row: TextRow): void {
    const { cells } = row;
    for (const i of this.#dropped) {
      if (cells[i] === "") continue;
      this.#bad(row, `line ${row.line}, cell ${i + 1}`, "nothing, as in the rows above", describe(cells[i]));
      return;
    }
    for (let column = 0; column < this.#kept.length; column++) {
      const i = this.#kept[column] ?? 0;
      const fault = this.#pushCell(row, cells[i] ?? "", i, column);
      if (fault === undefined) continue;
      for (const builder of this.#builders.slice(0, column)) builder.pop();
      this.#bad(row, `line ${row.line}, ${fault.place}`, fault.expected, fault.got);
      return;
    }
    this.#rows += 1;
  }

  /** Adds cell i to its column, or tells why it can't. */
  #pushCell(row: TextRow, text: string, i: number, column: number): Fault | undefined {
    const builder = this.#builders[column];
    const isMissing = this.#missingTests[i]?.(text) ?? false;
    if (isMissing) this.#marks.set(text, (this.#marks.get(text) ?? 0) + 1);
    const misfit = builder?.push(isMissing ? undefined : text);
    if (misfit === undefined) return undefined;
    const plan = this.#plans?.[column];
    if (plan?.isForced !== false) {
      return { place: `column ${plan?.name}`, expected: misfit.expected, got: describe(misfit.got) };
    }
    this.#note(column, text, row);
    builder?.push(undefined);
    return undefined;
  }

  #bad({ file, line }: TextRow, place: string, expected: string, got: string): void {
    if (!this.#facts.settings.skipBadRows) throw new DataError(`${file}, ${place}`, expected, got);
    this.skip(file, line, `${place}: expected ${expected}, got ${got}`);
  }

  /** Counts a row that is left out. */
  skip(file: string, line: number, reason: string): void {
    this.#skippedCount += 1;
    if (this.#skipped.length < MOST_SKIPPED_SHOWN) this.#skipped.push({ file, line, reason });
  }

  #note(column: number, text: string, row: TextRow): void {
    const misfits = this.#misfits.get(column) ?? { count: 0, texts: new Set<string>(), first: row };
    misfits.count += 1;
    if (misfits.texts.size < MOST_SKIPPED_SHOWN) misfits.texts.add(text);
    this.#misfits.set(column, misfits);
  }

  /** Behind the sample as in it: few may count as missing. */
  #checkMisfits(): void {
    for (const [column, { count, texts, first }] of this.#misfits) {
      const plan = this.#plans?.[column];
      if (plan === undefined) continue;
      const looksLikeNumber = [...texts].some((text) => /^[+-]?[\d.,]+$/.test(text));
      const where = `${first.file}, line ${first.line}, column ${plan.name}`;
      if (looksLikeNumber || count * 20 > this.#rows) {
        const other = this.#facts.settings.optionText("types", { [plan.name]: "category" });
        const advice = `a ${plan.type}, as in the rows above (${other} takes any text)`;
        throw new DataError(where, advice, listed([...texts]));
      }
      const message = `${counted(count, "value")} that are no ${plan.type} (${listed([...texts])}, first on line ${first.line}) count as missing`;
      this.#facts.notes.push({ kind: "missing", column: plan.name, message });
    }
  }

  #countNotes(): Note[] {
    const notes: Note[] = [];
    if (this.#marks.size > 0) {
      const marks = [...this.#marks].map(
        ([mark, count]) => `${JSON.stringify(mark)} in ${counted(count, "cell")}`,
      );
      notes.push({ kind: "missing", message: `missing marks: ${marks.slice(0, 10).join(", ")}` });
    }
    if (this.#emptyRows > 0) {
      notes.push({
        kind: "dropped",
        message: `${counted(this.#emptyRows, "row")} without any value left out`,
      });
    }
    if (this.#skippedCount > 0) {
      const shown = this.#skipped[0]?.reason;
      notes.push({
        kind: "skipped",
        message: `${counted(this.#skippedCount, "bad row")} skipped, first ${shown}`,
      });
    }
    return notes;
  }
}

/** Whether a text stands for a missing value in this column; -200 as a mark is also -200.0 and -200,0. */
function missingTest(name: string, { settings, decimal }: AssemblerFacts): (text: string) => boolean {
  const marks = new Set([...settings.missing, ...(settings.columnMissing.get(name) ?? [])]);
  const numbers = new Set(
    [...marks].map((mark) => readNumber(mark, ".")).filter((n) => typeof n === "number"),
  );
  const longest = Math.max(0, ...[...marks].map((mark) => mark.length));
  const isMark = (text: string) => text === "" || (text.length <= longest && marks.has(text));
  if (numbers.size === 0) return isMark;
  return (text) => {
    if (isMark(text)) return true;
    const value = readNumber(text, decimal);
    return typeof value === "number" && numbers.has(value);
  };
}

/** Raises DataError, with the nearest name, for one that is no column. */
export function checkName(option: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const guess = nearest(name, names);
  const expected =
    guess === undefined ? `a column: ${listed(names, 10)}` : `${JSON.stringify(guess)} (did you mean it?)`;
  throw new DataError(option, expected, JSON.stringify(name));
}
