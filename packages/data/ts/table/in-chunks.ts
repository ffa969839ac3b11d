import { DataError } from "layerwise";
import type { TextSettings } from "../csv/options.js";
import { checkInteger } from "../platform/options.js";
import type { Table } from "./table.js";

/** How a file is read in parts. */
export interface ChunkOptions {
  /** Rows in each table. Default 65,536. */
  readonly chunkRows?: number;
}

/** Rows of a table where it is the only one. */
export const ALL_ROWS = Number.POSITIVE_INFINITY;

/** `chunkRows`, checked. Raises ConfigError. */
export function checkChunkRows(chunkRows = 65_536): number {
  return checkInteger("chunkRows", chunkRows, 1, Number.MAX_SAFE_INTEGER);
}

/** The settings of a reading in tables of so many rows: types are found out by the first of them. */
export function settingsOfChunks<Settings extends TextSettings>(
  settings: Settings,
  chunkRows: number,
): Settings {
  return { ...settings, sampleRows: Math.min(chunkRows, settings.sampleRows) };
}

/** The table of a reading that has one, to its end, where files are closed. Raises DataError where there is none. */
export async function onlyTable(tables: AsyncGenerator<Table, void>): Promise<Table> {
  const { value } = await tables.next();
  if (value === undefined) throw new DataError("source", "rows", "none");
  await tables.next();
  return value;
}
