import type { Table } from "@layerwise/data";
import { DataError } from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { hashOf, hashOfBytes } from "./canonical.js";
import { dataPlace } from "./data-place.js";
import type { DataReference, FileReference, ReadingOptions } from "./data-reference.js";
import { csvOptionsOf, formatOf, readFiles } from "./read-files.js";

/** Where the store has a data set's file. */
export function dataName(sha256: string): string {
  return `data/${sha256}`;
}

/** Tables that this process has read, by what they were made of: trials of a study share one. */
const tables = new Map<string, Promise<Table>>();

/** The table that a job names; its bytes are checked. Raises StorageError, or DataError for other bytes. */
export function openData(reference: DataReference, store: BlobStore): Promise<Table> {
  const key = hashOf([reference.files.map(({ sha256 }) => sha256), reference.reading]);
  const known = tables.get(key);
  if (known !== undefined) return known;
  const table = readData(reference, store);
  tables.set(key, table);
  table.catch(() => tables.delete(key));
  return table;
}

async function readData({ files, reading }: DataReference, store: BlobStore): Promise<Table> {
  const parts: Uint8Array[] = [];
  for (const file of files) parts.push(await bytesOf(file, store));
  return tableOf(
    files.map(({ from }) => from),
    parts,
    reading,
  );
}

async function bytesOf({ from, sha256, isStored }: FileReference, store: BlobStore): Promise<Uint8Array> {
  const bytes =
    (isStored ? await store.get(dataName(sha256)) : undefined) ?? (await dataPlace(from, ".").read());
  const found = hashOfBytes(bytes);
  if (found === sha256) return bytes;
  throw new DataError(
    from,
    `the study's data, SHA-256 ${sha256.slice(0, 16)}…`,
    `others, ${found.slice(0, 16)}…`,
  );
}

export interface ReferOptions {
  /** Where relative paths begin. */
  readonly folder: string;
  readonly store: BlobStore | undefined;
  /** Whether the store gets every file, and not only those that nobody else can fetch. */
  readonly storeData: boolean;
}

/** Reads files for the first time, and names them for jobs. Raises StorageError. */
export async function referToData(
  data: string | readonly string[],
  reading: ReadingOptions,
  { folder, store, storeData }: ReferOptions,
): Promise<{ readonly reference: DataReference; readonly table: Table }> {
  const places = (typeof data === "string" ? [data] : data).map((one) => dataPlace(one, folder));
  const files: FileReference[] = [];
  const parts: Uint8Array[] = [];
  for (const { shown, isSecret, read } of places) {
    const bytes = await read();
    const sha256 = hashOfBytes(bytes);
    const kept = storeData || isSecret ? store : undefined;
    if (kept !== undefined && !(await kept.has(dataName(sha256)))) await kept.put(dataName(sha256), bytes);
    files.push({ from: shown, sha256, isStored: kept !== undefined });
    parts.push(bytes);
  }
  const names = places.map(({ shown }) => shown);
  return { reference: { files, reading }, table: await tableOf(names, parts, reading) };
}

function tableOf(
  places: readonly string[],
  parts: readonly Uint8Array[],
  reading: ReadingOptions,
): Promise<Table> {
  return readFiles(parts, formatOf("study.data", places, reading.format), csvOptionsOf(reading));
}
