import { shorten } from "../platform/describe.js";
import type { Note } from "../table/note.js";
import { type Decimal, readNumber } from "../values/numbers.js";
import type { CsvSettings } from "./options.js";
import { type Dialect, previewRows } from "./records.js";

/** As many lines are looked at. */
const LINES = 200;

/** Of equally good ones the first: a text with decimal commas has commas in every row too. */
const DELIMITERS = ["\t", ";", "|", ",", "blanks"] as const;

const NAMES: ReadonlyMap<string, string> = new Map([
  ["\t", "tab"],
  ["blanks", "runs of blanks and tabs"],
]);

/** How the text that begins like this is to be read, by the options and by what its first lines look like. */
export function findDialect(text: string, settings: CsvSettings, notes: Note[]): Dialect {
  const quote = settings.quote ?? findQuote(text);
  const comment = settings.comment ?? findComment(text, settings.delimiter, quote);
  const base = { quote, comment: comment === false ? undefined : comment };
  const delimiter = settings.delimiter ?? findDelimiter(text, base);
  if (settings.quote === undefined && quote !== '"')
    notes.push({ kind: "quote", message: `quote is ${quote}` });
  if (settings.delimiter === undefined) {
    const shown = NAMES.get(delimiter) ?? JSON.stringify(delimiter);
    notes.push({ kind: "delimiter", message: `delimiter is ${shown}` });
  }
  return { ...base, delimiter };
}

/** The double quote, unless there is none and single ones stand around cells. */
function findQuote(text: string): string {
  const head = text.slice(0, 1 << 16);
  if (head.includes('"')) return '"';
  const around = head.match(/(^|[,;\t|])[ ]*'[^'\n]*'[ ]*(?=[,;\t|\n]|$)/gm)?.length ?? 0;
  return around >= 2 ? "'" : '"';
}

/** A mark of comments, if the first line begins with one and isn't as wide as the rows are. */
function findComment(text: string, delimiter: string | undefined, quote: string): string | false {
  const mark = /^\s*(#|%|\||\/\/)/.exec(text)?.[1];
  if (mark === undefined) return false;
  const base = { quote, comment: mark };
  const found = delimiter ?? findDelimiter(text, base);
  const [first] = previewRows(text, { quote, comment: undefined, delimiter: found }, 1);
  const rows = previewRows(text, { ...base, delimiter: found }, LINES);
  return first?.length === commonWidth(rows).width && first.length > 1 ? false : mark;
}

function findDelimiter(text: string, base: Omit<Dialect, "delimiter">): string {
  const spaced = [",", ";"].filter((one) => new RegExp(`${one} +${base.quote}`).test(text.slice(0, 1 << 16)));
  let best = { delimiter: ",", share: 0, width: 1 };
  for (const delimiter of [...spaced.map((one) => `${one} `), ...DELIMITERS]) {
    if (delimiter === base.comment) continue;
    const rows = previewRows(text, { ...base, delimiter }, LINES);
    const { width, share } = commonWidth(rows);
    if (width < 2 || (delimiter === "blanks" && !areColumns(rows, width))) continue;
    const isBetter =
      share > best.share ||
      (share === best.share &&
        delimiter === "blanks" &&
        best.delimiter === "\t" &&
        width > best.width &&
        hasRuns(text));
    if (isBetter) best = { delimiter, share, width };
  }
  return best.delimiter;
}

/** Blanks between words are no delimiters: nearly all rows have as many, and the first, which may have names, not one alone. */
function areColumns([first = [], ...rows]: readonly (readonly string[])[], width: number): boolean {
  const same = rows.filter(({ length }) => length === width).length;
  return first.length > 1 && first.length <= width && same >= 0.9 * rows.length;
}

/** Two blanks or more between what could be cells. */
function hasRuns(text: string): boolean {
  return /^\S+ {2,}\S/m.test(text.slice(0, 1 << 16));
}

/** The width of most rows, and the share of rows that have it. */
export function commonWidth(rows: readonly (readonly string[])[]): { width: number; share: number } {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  let width = 1;
  for (const [one, count] of counts) {
    const most = counts.get(width) ?? 0;
    if (count > most || (count === most && one > width)) width = one;
  }
  return { width, share: rows.length === 0 ? 0 : (counts.get(width) ?? 0) / rows.length };
}

/**
 * A comma, where cells are numbers with one (1,5) and none has a point: of cells with three digits behind it there must be
 * others, since 3,000 may be three thousand.
 */
export function findDecimal(rows: readonly (readonly string[])[], delimiter: string, notes: Note[]): Decimal {
  let commas = 0;
  let example = "";
  for (const cells of rows) {
    for (const cell of cells) {
      if (cell.includes(".") && typeof readNumber(cell, ".") === "number") return ".";
      if (!/^[+-]?\d+,\d+([eE][+-]?\d+)?$/.test(cell)) continue;
      if (delimiter !== ";" && delimiter !== "\t" && /,\d{3}$/.test(cell)) continue;
      commas += 1;
      example = cell;
    }
  }
  if (commas === 0) return ".";
  notes.push({ kind: "decimal", message: `decimal comma, as in ${shorten(example)}` });
  return ",";
}
