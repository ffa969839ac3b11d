import { DataError } from "layerwise";
import { checkInteger, checkOptions } from "../platform/options.js";
import { gunzip } from "../source/gunzip.js";
import { allBytes, openSources, type Source } from "../source/source.js";
import type { NumberColumn } from "./column.js";
import { Table } from "./table.js";

/** What {@link readIdx} takes. */
export interface IdxOptions {
  /** A second file with one number for each row: it is the column `label`. */
  readonly labels?: Source;
  /** Reads no further than this many rows. Default: to the end. */
  readonly maxRows?: number;
}

/** Bytes of a number by the third byte of the file, and how it is read. */
const TYPES: ReadonlyMap<number, readonly [bytes: number, read: (view: DataView, at: number) => number]> =
  new Map([
    [0x08, [1, (view, at) => view.getUint8(at)]],
    [0x09, [1, (view, at) => view.getInt8(at)]],
    [0x0b, [2, (view, at) => view.getInt16(at)]],
    [0x0c, [4, (view, at) => view.getInt32(at)]],
    [0x0d, [4, (view, at) => view.getFloat32(at)]],
    [0x0e, [8, (view, at) => view.getFloat64(at)]],
  ]);

interface Idx {
  readonly rows: number;
  readonly width: number;
  at(row: number, column: number): number;
}

/**
 * Reads an IDX file, as MNIST's are (gzip too): a row for each index of its first dimension, and a column for each place in the
 * others: value1, value2, …. Raises DataError.
 */
export async function readIdx(source: Source, options?: IdxOptions): Promise<Table> {
  const { labels, maxRows = Number.MAX_SAFE_INTEGER } = checkOptions("readIdx", options, [
    "labels",
    "maxRows",
  ]);
  checkInteger("maxRows", maxRows, 1, Number.MAX_SAFE_INTEGER);
  const values = await readOne(source);
  const rows = Math.min(values.rows, maxRows);
  const columns = Array.from({ length: values.width }, (_, i) => columnOf(values, rows, i, `value${i + 1}`));
  if (labels === undefined) return new Table(columns, rows);
  const label = await readOne(labels);
  if (label.rows !== values.rows || label.width !== 1) {
    throw new DataError(
      "labels",
      `${values.rows} numbers, one a row`,
      `${label.rows} rows of ${label.width}`,
    );
  }
  return new Table([...columns, columnOf(label, rows, 0, "label")], rows);
}

function columnOf(idx: Idx, rows: number, column: number, name: string): NumberColumn {
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = idx.at(row, column);
  return { name, type: "number", values, missingTexts: [] };
}

async function readOne(source: Source): Promise<Idx> {
  const [file] = await openSources(source);
  if (file === undefined) throw new DataError("source", "a file", "none");
  const bytes = await gunzip(file.name, await allBytes(file));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = TYPES.get(bytes[2] ?? -1);
  const dimensions = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || dimensions === 0) {
    throw new DataError(
      file.name,
      "an IDX file (0, 0, type, dimensions)",
      `first bytes ${bytes.slice(0, 4).join(", ")}`,
    );
  }
  const start = 4 + 4 * dimensions;
  if (bytes.length < start)
    throw new DataError(file.name, `${start} bytes of header`, `${bytes.length} bytes`);
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const [rows = 0, ...others] = sizes;
  const width = others.reduce((product, size) => product * size, 1);
  const [size, read] = type;
  const expected = start + rows * width * size;
  if (bytes.length !== expected) {
    throw new DataError(file.name, `${expected} bytes for ${sizes.join(" × ")} numbers`, `${bytes.length}`);
  }
  if (rows * width === 0) throw new DataError(file.name, "rows", `${sizes.join(" × ")} numbers`);
  return { rows, width, at: (row, column) => read(view, start + (row * width + column) * size) };
}
