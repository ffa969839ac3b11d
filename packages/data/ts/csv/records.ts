import { DataError } from "layerwise";
import Papa from "papaparse";
import type { TextRow } from "../table/assembler.js";

/** How a file's characters are cells. */
export interface Dialect {
  /** `blanks`: runs of blanks and tabs. */
  readonly delimiter: string;
  readonly quote: string;
  /** What lines that are no rows begin with. */
  readonly comment: string | undefined;
}

/** What was left out. */
export interface Left {
  comments: number;
  emptyLines: number;
}

/** A row of more characters is taken for a quote that was never closed. */
const LONGEST_ROW = 1 << 24;

/** Raises DataError, with its line, where a text has a NUL: it isn't one, or is in UTF-16. */
export function refuseNul(text: string, file: string, firstLine: number): void {
  const at = text.indexOf("\0");
  if (at < 0) return;
  const lines = text.slice(0, at).split("\n").length - 1;
  const head = text.slice(0, 1000);
  const share = (head.split("\0").length - 1) / head.length;
  const isUtf16 = share > 0.3 && share < 0.6; // of UTF-32 it is three quarters
  const got = isUtf16
    ? "a NUL at every other place (encoding utf-16le or utf-16be?)"
    : "a NUL, as other kinds of files have";
  throw new DataError(`${file}, line ${firstLine + lines}`, "text", got);
}

/** Cuts a text that comes in parts into rows. */
export class RecordReader {
  readonly left: Left = { comments: 0, emptyLines: 0 };
  readonly #file: string;
  readonly #dialect: Dialect;
  #rest = "";
  #line: number;

  /** @param firstLine - the number of the line with which the text begins */
  constructor(file: string, dialect: Dialect, firstLine: number) {
    this.#file = file;
    this.#dialect = dialect;
    this.#line = firstLine;
  }

  /** The rows that are whole with this part. Raises DataError. */
  push(text: string): TextRow[] {
    const all = this.#rest + text;
    if (text.includes("\0")) refuseNul(all, this.#file, this.#line);
    const isTooLong = all.length > LONGEST_ROW + text.length;
    if (isTooLong) throw all.includes(this.#dialect.quote) ? this.#unclosed(this.#line) : this.#endless();
    return this.#read(all, false);
  }

  /** The last row. Raises DataError. */
  end(): TextRow[] {
    const rest = this.#rest.endsWith("\n") ? this.#rest.slice(0, -1) : this.#rest;
    return rest === "" ? [] : this.#read(rest, true);
  }

  #read(text: string, isLast: boolean): TextRow[] {
    const { delimiter, quote } = this.#dialect;
    if (delimiter === "blanks") return this.#byLines(text, isLast, (line) => splitAtBlanks(line, quote));
    // Without quotes a row is a line, which the runtime itself cuts soonest.
    if (!text.includes(quote)) return this.#byLines(text, isLast, (line) => line.split(delimiter));
    return this.#separated(text, isLast);
  }

  #separated(text: string, isLast: boolean): TextRow[] {
    const { delimiter, quote, comment } = this.#dialect;
    const records: TextRow[] = [];
    let read = 0;
    const parser: Papa.Parser = new Papa.Parser({
      delimiter,
      newline: "\n",
      quoteChar: quote,
      comments: comment ?? false,
      step: ({ data, errors }: Papa.ParseStepResult<string[][]>) => {
        const [cells = []] = data;
        const end = parser.getCharIndex();
        const line = this.#lineOf(text.slice(read, end));
        const [error] = errors;
        if (error?.code === "MissingQuotes") throw this.#unclosed(line);
        if (error !== undefined) throw this.#badQuote(line);
        this.#add(records, cells, line);
        read = end;
      },
    });
    parser.parse(text, 0, !isLast);
    this.#rest = text.slice(read);
    return records;
  }

  #byLines(text: string, isLast: boolean, cut: (line: string) => string[]): TextRow[] {
    const lines = text.split("\n");
    this.#rest = isLast ? "" : (lines.pop() ?? "");
    const { comment } = this.#dialect;
    const records: TextRow[] = [];
    for (const content of lines) {
      const line = this.#line++;
      if (comment !== undefined && content.startsWith(comment)) this.left.comments += 1;
      else this.#add(records, cut(content), line);
    }
    return records;
  }

  /** The line on which a row begins whose text, comments before it included, is this. */
  #lineOf(raw: string): number {
    const { comment } = this.#dialect;
    let at = 0;
    while (comment !== undefined && raw.startsWith(comment, at)) {
      const end = raw.indexOf("\n", at);
      if (end === -1) break;
      this.left.comments += 1;
      this.#line += 1;
      at = end + 1;
    }
    const line = this.#line;
    for (let i = raw.indexOf("\n", at); i !== -1; i = raw.indexOf("\n", i + 1)) this.#line += 1;
    return line;
  }

  #add(records: TextRow[], cells: string[], line: number): void {
    for (let i = 0; i < cells.length; i++) cells[i] = trimmed(cells[i] ?? "");
    if (cells.length <= 1 && (cells[0] ?? "") === "") this.left.emptyLines += 1;
    else records.push({ cells, line, file: this.#file });
  }

  #endless(): DataError {
    const expected = `a line's end within ${LONGEST_ROW} characters`;
    return new DataError(`${this.#file}, line ${this.#line}`, expected, "none");
  }

  #unclosed(line: number): DataError {
    const expected = `a closing ${this.#dialect.quote}`;
    return new DataError(`${this.#file}, line ${line}`, expected, "none before the end of what a row can be");
  }

  #badQuote(line: number): DataError {
    const { quote } = this.#dialect;
    const expected = `a delimiter or a line's end behind a closing ${quote} (within a cell ${quote} stands twice)`;
    return new DataError(`${this.#file}, line ${line}`, expected, "other characters");
  }
}

/** Without blanks at its ends: few cells have any, and looking is sooner than trim. */
function trimmed(text: string): string {
  if (text === "") return text;
  const isBlack = (code: number) => code > 0x20 && code < 0x7f;
  return isBlack(text.charCodeAt(0)) && isBlack(text.charCodeAt(text.length - 1)) ? text : text.trim();
}

/** Cells with runs of blanks and tabs between them; quotes keep blanks within a cell. */
function splitAtBlanks(line: string, quote: string): string[] {
  if (!line.includes(quote)) return line.trim() === "" ? [] : line.trim().split(/[ \t]+/);
  const cells: string[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === " " || character === "\t") at += 1;
    else if (character === quote) {
      const end = line.indexOf(quote, at + 1);
      const stop = end === -1 ? line.length : end;
      cells.push(line.slice(at + 1, stop));
      at = stop + 1;
    } else {
      const stop = at + line.slice(at).search(/[ \t]|$/);
      cells.push(line.slice(at, stop));
      at = stop;
    }
  }
  return cells;
}

/** The first rows of a text, as another dialect would have them: to find out which it is. */
export function previewRows(text: string, dialect: Dialect, most: number): string[][] {
  const reader = new RecordReader("", dialect, 1);
  const lines = firstLines(text, most);
  const rows: TextRow[] = [];
  try {
    rows.push(...reader.push(lines));
    rows.push(...reader.end()); // The text may end within a quoted cell.
  } catch (error) {
    if (!(error instanceof DataError)) throw error; // Else not this dialect, unless there are rows.
  }
  return rows.map(({ cells }) => [...cells]);
}

function firstLines(text: string, most: number): string {
  let end = 0;
  for (let i = 0; i < most; i++) {
    const next = text.indexOf("\n", end);
    if (next === -1) return text;
    end = next + 1;
  }
  return text.slice(0, end);
}
