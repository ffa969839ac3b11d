import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError } from "layerwise";
import { resolveTextOptions } from "../csv/options.js";
import { checkOptions } from "../platform/options.js";
import { allBytes, type OpenedSource, openSources, type Source } from "../source/source.js";
import type { ColumnType } from "./column.js";
import type { Table } from "./table.js";
import { ROW_NAMES, type Row, type RowOptions, tableFrom } from "./table-from.js";

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
  for (const file of await openSources(source)) {
    for (const row of await rowsOf(file, only, maxRows - rows.length)) rows.push(row);
    if (rows.length === 0) throw new DataError(file.name, "rows", "none");
  }
  return tableFrom(rows, { ...rowOptions, types: { ...typesOfTexts(rows), ...rowOptions.types } });
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
    return (await parquetReadObjects({ file, metadata, compressors, rowEnd, ...columns })) as Row[];
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(source.name, "a whole Parquet file", message, { cause });
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
