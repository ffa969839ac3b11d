import { DataError } from "layerwise";
import { resolveTextOptions, type TextOptions } from "../csv/options.js";
import { describe } from "../platform/describe.js";
import { checkOptions } from "../platform/options.js";
import { openSources, type Source } from "../source/source.js";
import { readText } from "../source/text.js";
import type { Note } from "./note.js";
import type { Table } from "./table.js";
import { checkRow, ROW_NAMES, type Row, type RowOptions, tableOfRows } from "./table-from.js";

/** What {@link readJsonLines} takes. */
export type JsonLinesOptions = RowOptions & Pick<TextOptions, "encoding" | "onProgress">;

/**
 * Reads a text with a JSON object on each line, or one JSON list of objects. Objects in them are not taken apart: they are
 * a DataError, as are lines that aren't JSON, unless `skipBadRows` leaves these out. Integers that a float64 doesn't hold stay
 * texts.
 */
export async function readJsonLines(
  source: Source | readonly Source[],
  options?: JsonLinesOptions,
): Promise<Table> {
  const given = checkOptions("readJsonLines", options, [...ROW_NAMES, "encoding", "onProgress"]);
  const { encoding, skipBadRows, onProgress } = resolveTextOptions(given, []);
  const { encoding: _, onProgress: __, ...rowOptions } = given;
  const rows: Row[] = [];
  /** Of each row: its file and its line, or its place in the list. */
  const places: (readonly [file: string, place: string, line: number])[] = [];
  const notes: Note[] = [];
  let skipped = 0;
  for (const file of await openSources(source)) {
    const lines = linesOf(readText(file, encoding, notes));
    let bytes = 0;
    for await (const { text, line } of lines) {
      bytes += text.length + 1;
      const trimmed = text.replace(/^\ufeff/, "").trim();
      if (trimmed === "") continue;
      try {
        const isList = trimmed.startsWith("[");
        for (const [i, row] of rowsOf(trimmed, `${file.name}, line ${line}`).entries()) {
          rows.push(row);
          places.push([file.name, isList ? `item ${i + 1}` : `line ${line}`, isList ? i + 1 : line]);
        }
      } catch (error) {
        if (!skipBadRows || !(error instanceof DataError)) throw error;
        skipped += 1;
      }
      if (rows.length % 65_536 === 0) onProgress?.({ rows: rows.length, bytes, totalBytes: file.size });
    }
    if (rows.length === 0) throw new DataError(file.name, "an object on each line", "an empty file");
  }
  const table = tableOfRows(rows, rowOptions, {
    file: (row) => places[row]?.[0] ?? "rows",
    line: (row) => places[row]?.[2] ?? row + 1,
    cell: (row, column) => `${places[row]?.[0]}, ${places[row]?.[1]}, column ${column}`,
  });
  if (skipped > 0)
    notes.push({ kind: "skipped", message: `${skipped} lines that aren't JSON objects skipped` });
  return table.withNotes(notes);
}

/** A line's object; the objects of a list. */
function rowsOf(text: string, place: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(withLongIntegers(text));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(place, "JSON", `${describe(text)} (${message})`, { cause });
  }
  const rows: unknown[] = Array.isArray(value) ? value : [value];
  for (const row of rows) checkRow(row, place);
  return rows as Row[];
}

/** Integers beyond 2⁵³ as texts, which JSON.parse would round. */
function withLongIntegers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  );
}

/** Lines, or all of the text as one, where it is a list. */
async function* linesOf(parts: AsyncGenerator<string>): AsyncGenerator<{ text: string; line: number }> {
  let rest = "";
  let line = 1;
  let isList: boolean | undefined;
  for await (const part of parts) {
    isList ??= part.trim() === "" ? undefined : /^\ufeff?\s*\[/.test(part);
    if (isList === true) {
      rest += part;
      continue;
    }
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) yield { text, line: line++ };
  }
  if (rest !== "") yield { text: rest, line };
}
