import type { Floats } from "../engine/memory.js";
import { describe, FormatError, ResourceError } from "../errors/errors.js";
import type { FormatRule } from "../errors/format-rules.js";
import { encodeUtf8 } from "../platform/text.js";
import { fileKind } from "./file-kind.js";
import { type Header, readHeader, type TensorEntry } from "./header.js";
import { LENGTH_BYTES, LONGEST_HEADER, MOST_TENSORS } from "./limits.js";
import { TENSOR_BYTES, type TensorType } from "./tensor-type.js";

/**
 * The safetensors format: the header's length (u64, little-endian), a JSON header, the data.
 * Source: https://github.com/huggingface/safetensors, section "Format".
 */

/** A file whose form is checked. `bytes` is the file itself, no copy. */
export interface Safetensors extends Header {
  readonly bytes: Uint8Array;
  /** Where the data begins. */
  readonly dataStart: number;
}

/** A tensor to be written. */
export interface NewTensor {
  readonly name: string;
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  /** Its numbers, asked for when they are written: a view of wasm memory may not live longer. */
  readonly data: () => Floats;
}

const FIRST_BYTE = "{".charCodeAt(0);

/**
 * Reads the header and checks that the tensors tile the data: no overlap, hole or byte left over. Needs no
 * memory but for the header's entries. Raises FormatError, for a file of another kind with that kind.
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const length = headerLength(bytes);
  const dataStart = LENGTH_BYTES + length;
  if (dataStart > bytes.length) {
    const got = `${bytes.length - LENGTH_BYTES}`;
    throw otherKind(bytes, "truncated", bytes.length, "file", `${length} bytes of header`, got);
  }
  if (bytes[LENGTH_BYTES] !== FIRST_BYTE) {
    const got = length === 0 ? "the header's end" : describe(String.fromCharCode(bytes[LENGTH_BYTES] ?? 0));
    throw otherKind(bytes, "json", LENGTH_BYTES, "header", "{ as the header's first byte", got);
  }
  const file = { ...readHeader(bytes, LENGTH_BYTES, dataStart), bytes, dataStart };
  checkTiling(file);
  return file;
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.length < LENGTH_BYTES) {
    const expected = `${LENGTH_BYTES} bytes or more`;
    throw otherKind(bytes, "truncated", bytes.length, "file", expected, `${bytes.length}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > LONGEST_HEADER) {
    throw otherKind(bytes, "headerSize", 0, "header", `at most ${LONGEST_HEADER} bytes`, `${length}`);
  }
  return Number(length);
}

/** The error for a file that doesn't begin as safetensors does: it says which kind of file it is, if known. */
function otherKind(
  bytes: Uint8Array,
  rule: FormatRule,
  byteOffset: number,
  place: string,
  expected: string,
  got: string,
): FormatError {
  const kind = fileKind(bytes);
  if (kind === undefined) return new FormatError(rule, byteOffset, place, expected, got);
  return new FormatError(rule, byteOffset, place, "a safetensors file", kind);
}

/** Every byte of the data belongs to one tensor. */
function checkTiling({ tensors, bytes, dataStart }: Safetensors): void {
  const size = bytes.length - dataStart;
  let end = 0;
  for (const tensor of [...tensors.values()].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const { name, start, byteOffset } = tensor;
    if (start !== end) {
      const rule = start < end ? "overlap" : "hole";
      throw new FormatError(rule, byteOffset, describe(name), `a start at ${end}`, `${start}`);
    }
    end = tensor.end;
    if (end > size) {
      throw new FormatError("truncated", bytes.length, describe(name), `${end} bytes of data`, `${size}`);
    }
  }
  if (end < size) {
    throw new FormatError("trailingBytes", dataStart + end, "file", `${end} bytes of data`, `${size}`);
  }
}

/** The bytes of one tensor. */
export function tensorBytes(file: Safetensors, tensor: TensorEntry): Uint8Array {
  return file.bytes.subarray(file.dataStart + tensor.start, file.dataStart + tensor.end);
}

/** A copy of a tensor of type F64. */
export function float64s(file: Safetensors, tensor: TensorEntry): Float64Array {
  const values = new Float64Array((tensor.end - tensor.start) / TENSOR_BYTES.F64);
  new Uint8Array(values.buffer).set(tensorBytes(file, tensor));
  return values;
}

/** The header's bytes with its length in front, padded so that the data begins at a multiple of 8. */
export function writeHeader(
  tensors: readonly NewTensor[],
  metadata: ReadonlyMap<string, string>,
): { head: Uint8Array; dataBytes: number } {
  const entries = [
    `"__metadata__":${jsonObject([...metadata].map(([key, text]) => [key, JSON.stringify(text)]))}`,
  ];
  let dataBytes = 0;
  for (const { name, dtype, shape } of tensors) {
    const start = dataBytes;
    dataBytes += shape.reduce((count, size) => count * size, TENSOR_BYTES[dtype]);
    entries.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${start},${dataBytes}]}`,
    );
  }
  const json = encodeUtf8(`{${entries.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, LENGTH_BYTES);
  if (length > LONGEST_HEADER || tensors.length > MOST_TENSORS) {
    const most = `at most ${LONGEST_HEADER} bytes and ${MOST_TENSORS} tensors`;
    throw new ResourceError("header", most, `${length} bytes and ${tensors.length} tensors`);
  }
  return { head, dataBytes };
}

function jsonObject(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
}

/**
 * The whole file. A generator, so that a large one can be interrupted between its tensors.
 * Numbers are written as they stand in memory, which is little-endian wherever JavaScript runs today.
 */
export function* serializeSafetensors(
  tensors: readonly NewTensor[],
  metadata: ReadonlyMap<string, string>,
): Generator<void, Uint8Array<ArrayBuffer>> {
  const { head, dataBytes } = writeHeader(tensors, metadata);
  const file = new Uint8Array(head.length + dataBytes);
  file.set(head);
  let at = head.length;
  for (const { data } of tensors) {
    const { buffer, byteOffset, byteLength } = data();
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
    yield;
  }
  return file;
}
