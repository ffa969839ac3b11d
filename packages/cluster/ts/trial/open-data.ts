import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Table } from "@layerwise/data";
import { DataError, StorageError } from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { hashOf, hashOfBytes } from "./canonical.js";
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
  const bytes = (isStored ? await store.get(dataName(sha256)) : undefined) ?? (await fetchBytes(from));
  const found = hashOfBytes(bytes);
  if (found === sha256) return bytes;
  throw new DataError(
    from,
    `the study's data, SHA-256 ${sha256.slice(0, 16)}…`,
    `others, ${found.slice(0, 16)}…`,
  );
}

/** Reads files for the first time, and names them for jobs; paths are seen from `folder`. Raises StorageError. */
export async function referToData(
  data: string | readonly string[],
  reading: ReadingOptions,
  folder: string,
  store: BlobStore | undefined,
): Promise<{ readonly reference: DataReference; readonly table: Table }> {
  const places = (typeof data === "string" ? [data] : data).map((one) =>
    isUrl(one) ? one : resolve(folder, one),
  );
  const files: FileReference[] = [];
  const parts: Uint8Array[] = [];
  for (const from of places) {
    const bytes = await fetchBytes(from);
    const sha256 = hashOfBytes(bytes);
    if (store !== undefined && !(await store.has(dataName(sha256)))) await store.put(dataName(sha256), bytes);
    files.push({ from, sha256, isStored: store !== undefined });
    parts.push(bytes);
  }
  return { reference: { files, reading }, table: await tableOf(places, parts, reading) };
}

function isUrl(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

async function fetchBytes(place: string): Promise<Uint8Array> {
  try {
    if (!isUrl(place)) return await readFile(place);
    const response = await fetch(place);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(place, "a file that can be read", message, { cause });
  }
}

function tableOf(
  places: readonly string[],
  parts: readonly Uint8Array[],
  reading: ReadingOptions,
): Promise<Table> {
  return readFiles(parts, formatOf("study.data", places, reading.format), csvOptionsOf(reading));
}
