import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError } from "layerwise";
import { resolveTextOptions } from "../csv/options.js";
import { checkOptions } from "../platform/options.js";
import { allBytes, type OpenedSource, openSources, type Source } from "../source/source.js";
import type { ColumnType } from "./column.js";
import type { Table } from "./table.js";
import { ROW_NAMES, type Row, type RowOptions, tableOfRows } from "./table-from.js";

/** What {@link readParquet} takes. */
export interface ParquetOptions extends RowOptions {
  /** The columns to read. Default: all. */
  readonly only?: readonly string[];
}

/** Texts of fewer kinds are categories. */
const FEW_LEVELS = 20;

/**
 * Reads Parquet files, whose columns have types: texts stay texts, whatever they look like. Columns of lists or objects are a
 * DataError: `only` leaves them out.
 */
export async function readParquet(
  source: Source | readonly Source[],
  options?: ParquetOptions,
): Promise<Table> {
  const { only, ...rowOptions } = checkOptions("readParquet", options, [...ROW_NAMES, "only"]);
  const { maxRows } = resolveTextOptions(rowOptions, []);
  const rows: Row[] = [];
  const places: (readonly [file: string, row: number])[] = [];
  for (const file of await openSources(source)) {
    for (const [i, row] of (await rowsOf(file, only, maxRows - rows.length)).entries()) {
      rows.push(row);
      places.push([file.name, i + 1]);
    }
    if (rows.length === 0) throw new DataError(file.name, "rows", "none");
  }
  const types = { ...typesOfTexts(rows), ...rowOptions.types };
  return tableOfRows(
    rows,
    { ...rowOptions, types },
    {
      file: (row) => places[row]?.[0] ?? "rows",
      line: (row) => places[row]?.[1] ?? row + 1,
      cell: (row, column) => `${places[row]?.[0]}, row ${places[row]?.[1]}, column ${column}`,
    },
  );
}

async function rowsOf(
  source: OpenedSource,
  only: readonly string[] | undefined,
  most: number,
): Promise<Row[]> {
  const bytes = await allBytes(source);
  const file = bytes.slice().buffer;
  if (new TextDecoder("latin1").decode(bytes.subarray(0, 4)) !== "PAR1") {
    throw new DataError(
      source.name,
      "a Parquet file",
      bytes.length === 0 ? "an empty file" : "other first bytes",
    );
  }
  try {
    const metadata = parquetMetadata(file);
    const rowEnd = Math.min(Number(metadata.num_rows), most);
    const columns = only === undefined ? {} : { columns: [...only] };
    const options = { file, metadata, compressors, rowEnd, utf8: false, ...columns };
    const rows: Record<string, unknown>[] = await parquetReadObjects(options);
    for (const [i, row] of rows.entries()) {
      for (const [name, value] of Object.entries(row)) {
        if (value instanceof Uint8Array)
          row[name] = textOf(value, `${source.name}, row ${i + 1}, column ${name}`);
      }
    }
    return rows as Row[];
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(source.name, "a whole Parquet file", message, { cause });
  }
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

function typesOfTexts(rows: readonly Row[]): Record<string, ColumnType> {
  const kinds = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (typeof value !== "string") continue;
      const known = kinds.get(name) ?? new Set();
      kinds.set(name, known.add(value));
    }
  }
  return Object.fromEntries(
    [...kinds].map(([name, { size }]) => [
      name,
      size <= FEW_LEVELS || size * 2 <= rows.length ? "category" : "text",
    ]),
  );
}
