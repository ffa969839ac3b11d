import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError, LayerwiseError } from "layerwise";
import { resolveTextOptions, type TextOptions, type TextSettings } from "../csv/options.js";
import { checkOptions } from "../platform/options.js";
import { allBytes, type OpenedSource, openSources, type Source } from "../source/source.js";
import { MISSING_MARKS } from "../values/missing.js";
import { checkName } from "./assembler.js";
import type { ColumnType } from "./column.js";
import { ALL_ROWS, type ChunkOptions, checkChunkRows, onlyTable, settingsOfChunks } from "./in-chunks.js";
import type { Note } from "./note.js";
import { type BadRow, type PlacedRow, type Row, tablesOfRows } from "./row-assembler.js";
import type { Table } from "./table.js";
import { ROW_NAMES, type RowOptions } from "./table-from.js";

/** What {@link readParquet} takes. */
export type ParquetOptions = RowOptions & Pick<TextOptions, "only" | "onProgress">;

const NAMES = [...ROW_NAMES, "only", "onProgress"] as const;

/**
 * Reads Parquet files, whose columns have types: texts stay texts, whatever they look like. Columns of lists or objects are a
 * DataError: `only` leaves them out.
 */
export async function readParquet(
  source: Source | readonly Source[],
  options?: ParquetOptions,
): Promise<Table> {
  const settings = resolveTextOptions(checkOptions("readParquet", options, NAMES), MISSING_MARKS);
  return onlyTable(tablesOf(source, settings, ALL_ROWS));
}

/** What {@link readParquetChunks} takes. */
export type ParquetChunkOptions = ParquetOptions & ChunkOptions;

/**
 * The same in tables of some rows each: a row group's columns are in memory at a time, of files with a path and of Blobs; of a stream,
 * whose end tells where the columns are, the file is too. Types of texts are found out by the first table, or given.
 */
export async function* readParquetChunks(
  source: Source | readonly Source[],
  { chunkRows, ...options }: ParquetChunkOptions = {},
): AsyncGenerator<Table, void> {
  const rows = checkChunkRows(chunkRows);
  const settings = resolveTextOptions(checkOptions("readParquetChunks", options, NAMES), MISSING_MARKS);
  yield* tablesOf(source, settingsOfChunks(settings, rows), rows);
}

function tablesOf(source: Source | readonly Source[], settings: TextSettings, chunkRows: number) {
  const notes: Note[] = [];
  const cellPlace = ({ file, line }: PlacedRow, column: string) => `${file}, row ${line}, column ${column}`;
  const factsOf = (first: readonly (PlacedRow | BadRow)[]) => {
    const types = new Map([...typesOfTexts(first), ...settings.types]);
    return { settings: { ...settings, types }, notes, cellPlace };
  };
  return tablesOfRows(rowsOfFiles(source, settings), chunkRows, factsOf, settings.maxRows);
}

/** As many rows become objects at a time. */
const BATCH = 4096;

async function* rowsOfFiles(
  source: Source | readonly Source[],
  { only, maxRows, onProgress }: TextSettings,
): AsyncGenerator<PlacedRow[]> {
  let rows = 0;
  for (const file of await openSources(source)) {
    const opened = await openParquet(file);
    const names = parquetSchema(opened.metadata).children.map(({ element }) => element.name);
    for (const name of only ?? []) checkName("only", name, names);
    let start = 0;
    for (const { num_rows } of opened.metadata.row_groups) {
      const end = Math.min(start + Number(num_rows), start + maxRows - rows);
      const group = await columnsOf(file.name, opened, only, start, end);
      for (let at = start; at < end; at += BATCH) {
        const last = Math.min(at + BATCH, end);
        yield Array.from({ length: last - at }, (_, i) => placedRow(file.name, group, at + i));
        rows += last - at;
        onProgress?.({ rows, bytes: opened.file.byteLength, totalBytes: file.size });
      }
      start = end;
      if (rows >= maxRows) break;
    }
    if (rows === 0) throw new DataError(file.name, "rows", "none");
  }
}

interface OpenedParquet {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
}

/** Raises DataError. */
async function openParquet(source: OpenedSource): Promise<OpenedParquet> {
  const file = await bufferOf(source);
  const magic = new TextDecoder("latin1").decode(await file.slice(0, 4));
  if (magic !== "PAR1") {
    const got = file.byteLength === 0 ? "an empty file" : "other first bytes";
    throw new DataError(source.name, "a Parquet file", got);
  }
  return { file, metadata: await whole(source.name, parquetMetadataAsync(file)) };
}

async function bufferOf(source: OpenedSource): Promise<AsyncBuffer> {
  const { size, slice } = source;
  if (size !== undefined && slice !== undefined)
    return { byteLength: size, slice: (start, end = size) => slice(start < 0 ? size + start : start, end) };
  const bytes = await allBytes(source);
  return bytes.slice().buffer;
}

/** What the library raises, as a DataError. */
async function whole<Value>(name: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof LayerwiseError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(name, "a whole Parquet file", message, { cause });
  }
}

/** A stretch of a column. */
interface Piece {
  readonly values: ArrayLike<unknown>;
  /** Of the file. */
  readonly start: number;
}

type Columns = ReadonlyMap<string, readonly Piece[]>;

/** The columns' values in these rows of one row group. Raises DataError. */
async function columnsOf(
  name: string,
  { file, metadata }: OpenedParquet,
  only: ReadonlySet<string> | undefined,
  rowStart: number,
  rowEnd: number,
): Promise<Columns> {
  const columns = new Map<string, Piece[]>();
  const reading = parquetRead({
    ...{ file, metadata, compressors, rowStart, rowEnd, utf8: false },
    ...(only !== undefined && { columns: [...only] }),
    onChunk: ({ columnName, columnData, rowStart: start }) => {
      const pieces = columns.get(columnName) ?? [];
      columns.set(columnName, pieces);
      pieces.push({ values: columnData, start });
    },
  });
  await whole(name, reading);
  return columns;
}

/** Raises DataError. */
function placedRow(file: string, columns: Columns, index: number): PlacedRow {
  const row: Record<string, unknown> = {};
  for (const [name, pieces] of columns) {
    const piece = pieces.find(({ start, values }) => index >= start && index < start + values.length);
    const value = piece?.values[index - piece.start];
    row[name] =
      value instanceof Uint8Array ? textOf(value, `${file}, row ${index + 1}, column ${name}`) : value;
  }
  return { row: row as Row, file, line: index + 1 };
}

/** Bytes that the file doesn't say to be a text, as older programs write texts. Raises DataError. */
function textOf(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DataError(
      place,
      "a text in UTF-8 (only: [...] leaves a column out)",
      `${bytes.length} other bytes`,
    );
  }
}

/** Texts of fewer kinds are categories. */
const FEW_LEVELS = 20;

function typesOfTexts(rows: readonly (PlacedRow | BadRow)[]): Map<string, ColumnType> {
  const kinds = new Map<string, Set<string>>();
  for (const one of rows) {
    if (!("row" in one)) continue;
    for (const [name, value] of Object.entries(one.row)) {
      if (typeof value !== "string") continue;
      const known = kinds.get(name) ?? new Set();
      kinds.set(name, known.add(value));
    }
  }
  const typeOf = (size: number) => (size <= FEW_LEVELS || size * 2 <= rows.length ? "category" : "text");
  return new Map([...kinds].map(([name, { size }]) => [name, typeOf(size)]));
}
