import { ConfigError, DataError } from "layerwise";
import type { Note } from "../table/note.js";
import { gunzipped, isGzip } from "./gunzip.js";
import type { OpenedSource } from "./source.js";
import { firstInvalidUtf8 } from "./utf8.js";

/**
 * How a file's bytes are characters. By default UTF-8, or UTF-16 where the file begins with its mark. A file that isn't
 * UTF-8 is an error: nothing else is guessed.
 */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "latin1" | "windows-1252";

export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "latin1", "windows-1252"] as const;

/**
 * The characters of a file, in parts, with \n as the end of each line: unpacked where it is gzip, without the mark at its
 * beginning. Raises DataError.
 */
export async function* readText(
  source: OpenedSource,
  encoding: Encoding | undefined,
  notes: Note[],
): AsyncGenerator<string> {
  yield* withLineEnds(decoded(source, encoding, notes));
}

async function* decoded(
  source: OpenedSource,
  encoding: Encoding | undefined,
  notes: Note[],
): AsyncGenerator<string> {
  const bytes = await unpacked(source, notes);
  const first = await bytes.next();
  if (first.done === true) return;
  const head = first.value;
  refuseOtherKinds(source.name, head);
  const found = encoding ?? markedEncoding(head);
  if (found !== undefined && found !== "utf-8") notes.push({ kind: "encoding", message: `read as ${found}` });
  yield* decodedBy(source.name, found ?? "utf-8", head, bytes);
}

async function* decodedBy(
  name: string,
  encoding: Encoding,
  head: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  let offset = 0;
  let tail = new Uint8Array(0);
  let part = head;
  for (;;) {
    try {
      yield decoder.decode(part, { stream: true });
    } catch {
      throw notInEncoding(name, encoding, offset - tail.length, tail, part);
    }
    offset += part.length;
    tail = part.slice(-3);
    const next = await rest.next();
    if (next.done === true) break;
    part = next.value;
  }
  try {
    yield decoder.decode();
  } catch {
    throw new DataError(
      `${name}, byte ${offset}`,
      `whole characters of ${encoding}`,
      "the end of the file in one",
    );
  }
}

function decoderOf(encoding: Encoding): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new ConfigError("encoding", "one that this runtime's TextDecoder knows", encoding, { cause });
  }
}

function notInEncoding(
  name: string,
  encoding: Encoding,
  at: number,
  tail: Uint8Array,
  part: Uint8Array,
): DataError {
  if (encoding !== "utf-8") {
    return new DataError(`${name}, from byte ${at + tail.length}`, `text in ${encoding}`, "other bytes");
  }
  const whole = new Uint8Array(tail.length + part.length);
  whole.set(tail);
  whole.set(part, tail.length);
  // The tail may begin within a character, whose rest is no fault.
  const start = tail.findIndex((byte) => (byte & 0xc0) !== 0x80);
  const from = start === -1 ? tail.length : start;
  const invalid = from + firstInvalidUtf8(whole.subarray(from));
  const byte = (whole[invalid] ?? 0).toString(16).padStart(2, "0");
  const expected = "UTF-8 (encoding latin1 reads any bytes: --encoding latin1)";
  return new DataError(`${name}, byte ${at + invalid}`, expected, `byte 0x${byte}, which is not UTF-8 there`);
}

function markedEncoding([a, b]: Uint8Array): Encoding | undefined {
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return undefined;
}

const OTHER_KINDS: readonly (readonly [magic: string, kind: string])[] = [
  ["PAR1", "a Parquet file: readParquet reads it"],
  ["PK\x03\x04", "a zip archive, or a spreadsheet (.xlsx): unpack it, or save the sheet as CSV"],
  ["\xd0\xcf\x11\xe0", "an old spreadsheet (.xls): save the sheet as CSV"],
  ["(\xb5/\xfd", "a zstd file: unpack it first"],
  ["\xfd7zXZ", "an xz file: unpack it first"],
  ["BZh", "a bzip2 file: unpack it first"],
  ["\x89HDF", "an HDF5 file"],
  ["SQLite format 3", "a SQLite database"],
];

function refuseOtherKinds(name: string, head: Uint8Array): void {
  const start = String.fromCharCode(...head.subarray(0, 256));
  const kind = OTHER_KINDS.find(([magic]) => start.startsWith(magic))?.[1];
  if (kind !== undefined) throw new DataError(name, "a text of rows and columns", kind);
  if (/^(\xef\xbb\xbf)?\s*<(!doctype html|html)/i.test(start)) {
    throw new DataError(name, "a text of rows and columns", "an HTML page (an error or a login?)");
  }
}

async function unpacked(source: OpenedSource, notes: Note[]): Promise<AsyncGenerator<Uint8Array>> {
  const bytes = notEmpty(source.bytes());
  const first = await bytes.next();
  const all = following(first.done === true ? undefined : first.value, bytes);
  if (first.done === true || !isGzip(first.value)) return all;
  notes.push({ kind: "encoding", message: "unpacked by gzip" });
  return gunzipped(source.name, all);
}

/** At least 4 bytes in the first part, where there are as many: marks of a kind are as long. */
async function* notEmpty(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined;
  for await (const part of parts) {
    if (head === undefined || head.length < 4) {
      const joined: Uint8Array = new Uint8Array((head?.length ?? 0) + part.length);
      joined.set(head ?? []);
      joined.set(part, head?.length ?? 0);
      head = joined;
      if (head.length >= 4) yield head;
    } else if (part.length > 0) yield part;
  }
  if (head !== undefined && head.length > 0 && head.length < 4) yield head;
}

async function* following(first: Uint8Array | undefined, rest: AsyncGenerator<Uint8Array>) {
  if (first === undefined) return;
  yield first;
  yield* rest;
}

/** \r\n and \r → \n; a \r at a part's end waits for what follows. */
async function* withLineEnds(parts: AsyncGenerator<string>): AsyncGenerator<string> {
  let held = "";
  for await (const part of parts) {
    const text = held + part;
    held = text.endsWith("\r") ? "\r" : "";
    const whole = held === "" ? text : text.slice(0, -1);
    if (whole !== "") yield whole.includes("\r") ? whole.replace(/\r\n?/g, "\n") : whole;
  }
  if (held !== "") yield "\n";
}
