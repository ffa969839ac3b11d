import { kFold, Matrix } from "layerwise";

/** Rows of a data set in memory: class indices, or what outputs are compared with. */
export interface Examples {
  readonly x: Matrix;
  readonly y: Matrix | Uint32Array;
}

/** Rows by their shards: in each as many as in another, to within one, drawn by the seed. */
export async function shardRows(rows: number, shards: number, seed: number): Promise<Uint32Array[]> {
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  if (shards === 1) return [all];
  const places = new Matrix(Float64Array.from(all), rows, 1);
  const folds = await kFold(places, new Float64Array(rows), { folds: shards, seed });
  return folds.map(({ test }) => test.indices);
}

/** Copies of these rows. */
export function takeRows({ x, y }: Examples, rows: Uint32Array): Examples {
  return {
    x: takeFrom(x, rows),
    y: y instanceof Uint32Array ? Uint32Array.from(rows, (row) => y[row] ?? 0) : takeFrom(y, rows),
  };
}

function takeFrom({ data, cols }: Matrix, rows: Uint32Array): Matrix {
  const taken =
    data instanceof Float32Array
      ? new Float32Array(rows.length * cols)
      : new Float64Array(rows.length * cols);
  rows.forEach((row, i) => {
    taken.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return new Matrix(taken, rows.length, cols);
}

/** What a shard's bytes begin with, as JSON behind its length in 4 bytes; x and y follow, each at a multiple of 8. */
interface Header {
  readonly rows: number;
  readonly columns: number;
  readonly x: "float32" | "float64";
  readonly y: "float32" | "float64" | "classes";
  /** Of y; of classes 1. */
  readonly outputs: number;
}

const NUMBERS = { float32: Float32Array, float64: Float64Array, classes: Uint32Array } as const;

/** Examples as bytes, numbers in little endian order. */
export function encodeExamples({ x, y }: Examples): Uint8Array {
  const header: Header = {
    rows: x.rows,
    columns: x.cols,
    x: typeOf(x.data),
    y: y instanceof Uint32Array ? "classes" : typeOf(y.data),
    outputs: y instanceof Uint32Array ? 1 : y.cols,
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const [start, labels] = [x.data, y instanceof Uint32Array ? y : y.data];
  const xAt = aligned(4 + text.length);
  const yAt = aligned(xAt + start.byteLength);
  const bytes = new Uint8Array(yAt + labels.byteLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(new Uint8Array(start.buffer, start.byteOffset, start.byteLength), xAt);
  bytes.set(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength), yAt);
  return bytes;
}

/** What {@link encodeExamples} made; its hash has been checked. */
export function decodeExamples(given: Uint8Array): Examples {
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
  const { rows, columns, outputs } = header;
  const at = (offset: number) => bytes.byteOffset + offset;
  const xAt = aligned(4 + length);
  const x = new NUMBERS[header.x](bytes.buffer as ArrayBuffer, at(xAt), rows * columns);
  const yAt = aligned(xAt + x.byteLength);
  const y = new NUMBERS[header.y](bytes.buffer as ArrayBuffer, at(yAt), rows * outputs);
  return { x: new Matrix(x, rows, columns), y: y instanceof Uint32Array ? y : new Matrix(y, rows, outputs) };
}

function typeOf(data: Matrix["data"]): "float32" | "float64" {
  return data instanceof Float32Array ? "float32" : "float64";
}

function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}
