import { DataError } from "layerwise";
import { resolveTextOptions, type TextOptions, type TextSettings } from "../csv/options.js";
import { describe } from "../platform/describe.js";
import { checkOptions } from "../platform/options.js";
import { openSources, type Source } from "../source/source.js";
import { readText } from "../source/text.js";
import { MISSING_MARKS } from "../values/missing.js";
import { ALL_ROWS, type ChunkOptions, checkChunkRows, onlyTable, settingsOfChunks } from "./in-chunks.js";
import type { Note } from "./note.js";
import { type BadRow, badRow, type PlacedRow, type Row, tablesOfRows } from "./row-assembler.js";
import type { Table } from "./table.js";
import { checkRow, ROW_NAMES, type RowOptions } from "./table-from.js";

/** What {@link readJsonLines} takes. */
export type JsonLinesOptions = RowOptions & Pick<TextOptions, "encoding" | "only" | "onProgress">;

const NAMES = [...ROW_NAMES, "encoding", "only", "onProgress"] as const;

/**
 * Reads a text with a JSON object on each line, or one JSON list of objects. Objects in them are not taken apart: they are
 * a DataError, as are lines that aren't JSON, unless `skipBadRows` leaves these out. Integers that a float64 doesn't hold stay
 * texts.
 */
export async function readJsonLines(
  source: Source | readonly Source[],
  options?: JsonLinesOptions,
): Promise<Table> {
  const settings = resolveTextOptions(checkOptions("readJsonLines", options, NAMES), MISSING_MARKS);
  return onlyTable(tablesOf(source, settings, ALL_ROWS));
}

/** What {@link readJsonLinesChunks} takes. */
export type JsonLinesChunkOptions = JsonLinesOptions & ChunkOptions;

/**
 * The same in tables of some rows each, so that memory is bounded whatever the file's size; of a list, which is one text, it isn't.
 * Columns and types are found out by the first of them, or types given: a key that comes later is a DataError, unless it isn't
 * among `only`.
 */
export async function* readJsonLinesChunks(
  source: Source | readonly Source[],
  { chunkRows, ...options }: JsonLinesChunkOptions = {},
): AsyncGenerator<Table, void> {
  const rows = checkChunkRows(chunkRows);
  const settings = resolveTextOptions(checkOptions("readJsonLinesChunks", options, NAMES), MISSING_MARKS);
  yield* tablesOf(source, settingsOfChunks(settings, rows), rows);
}

function tablesOf(source: Source | readonly Source[], settings: TextSettings, chunkRows: number) {
  const notes: Note[] = [];
  /** Where a row of a list is, its line says nothing. */
  const cellPlace = ({ file, line, isItem }: JsonRow, column: string) =>
    `${file}, ${isItem ? "item" : "line"} ${line}, column ${column}`;
  const facts = { settings, notes, cellPlace };
  return tablesOfRows(rowsOfFiles(source, settings, notes), chunkRows, () => facts, settings.maxRows);
}

interface JsonRow extends PlacedRow {
  /** Whether `line` is its place in a list. */
  readonly isItem: boolean;
}

/** The rows of each part of the text. */
async function* rowsOfFiles(
  source: Source | readonly Source[],
  { encoding, skipBadRows, onProgress }: TextSettings,
  notes: Note[],
): AsyncGenerator<(JsonRow | BadRow)[]> {
  let rows = 0;
  for (const file of await openSources(source)) {
    let bytes = 0;
    for await (const lines of linesOf(readText(file, encoding, notes))) {
      const batch: (JsonRow | BadRow)[] = [];
      for (const { text, line } of lines) {
        bytes += text.length + 1;
        const trimmed = text.replace(/^\ufeff/, "").trim();
        if (trimmed === "") continue;
        const isItem = trimmed.startsWith("[");
        try {
          const found = rowsOf(trimmed, `${file.name}, line ${line}`);
          for (const [i, row] of found.entries())
            batch.push({ row, file: file.name, line: isItem ? i + 1 : line, isItem });
          rows += found.length;
        } catch (error) {
          if (!skipBadRows || !(error instanceof DataError)) throw error;
          batch.push(badRow({ file: file.name, line }, error));
        }
      }
      yield batch;
      onProgress?.({ rows, bytes, totalBytes: file.size });
    }
    if (rows === 0) throw new DataError(file.name, "an object on each line", "an empty file");
  }
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

/** The lines of each part of the text, or all of it as one, where it is a list. */
async function* linesOf(parts: AsyncGenerator<string>): AsyncGenerator<{ text: string; line: number }[]> {
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
    yield lines.map((text) => ({ text, line: line++ }));
  }
  if (rest !== "") yield [{ text: rest, line }];
}
