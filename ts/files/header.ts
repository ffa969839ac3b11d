import { describe, FormatError } from "../errors/errors.js";
import { decodeBytewise, decodeUtf8 } from "../platform/text.js";
import { MOST_TENSORS, MOST_TEXTS } from "./limits.js";
import { isTensorType, TENSOR_BYTES, type TensorType } from "./tensor-type.js";

/** What the header says of one tensor. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  /** Its first byte and the one after its last, counted from the start of the data. */
  readonly start: number;
  readonly end: number;
  /** Where its entry stands in the file. */
  readonly byteOffset: number;
}

/** A text of `__metadata__` and where it stands in the file, escapes as they are, without its quotes. */
export interface MetadataText {
  readonly text: string;
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface Header {
  readonly metadata: ReadonlyMap<string, MetadataText>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NULL = [0x6e, 0x75, 0x6c, 0x6c];
const SPACE = 0x20;
const DIGIT_0 = 0x30;
const WHITESPACE = [SPACE, 0x09, 0x0a, 0x0d];

/** A tensor of more dimensions is no layer's. */
const MOST_DIMENSIONS = 8;

/**
 * Reads the header's JSON. JSON.parse won't do: it hides duplicate keys, knows no byte offsets and makes
 * objects of names from the file. This reads the one grammar that the format has, two levels deep.
 * Raises FormatError.
 */
export function readHeader(file: Uint8Array, start: number, end: number): Header {
  return new HeaderReader(file, start, end).header();
}

class HeaderReader {
  readonly #file: Uint8Array;
  /** The header as text, byte by byte: parts of it cost less memory than texts of their own. */
  readonly #text: string;
  readonly #start: number;
  /** The list that is being read: a growing array for each would take four times its final size. */
  readonly #list: number[] = [];
  readonly #end: number;
  #at: number;

  constructor(file: Uint8Array, start: number, end: number) {
    this.#file = file;
    this.#text = decodeBytewise(file.subarray(start, end));
    this.#start = start;
    this.#at = start;
    this.#end = end;
  }

  header(): Header {
    let metadata: Map<string, MetadataText> | undefined;
    const tensors = new Map<string, TensorEntry>();
    this.#object((name, at) => {
      if (tensors.has(name) || (name === "__metadata__" && metadata !== undefined)) {
        throw duplicate(name, at);
      }
      if (name === "__metadata__") metadata = this.#metadata();
      else tensors.set(name, this.#tensor(name, at));
      if (tensors.size > MOST_TENSORS) throw tooMany(at, `${MOST_TENSORS} tensors`);
    });
    this.#skipSpace();
    if (this.#at < this.#end) throw this.#unexpected("spaces, tabs and line ends to the header's end");
    return { metadata: metadata ?? new Map(), tensors };
  }

  #metadata(): Map<string, MetadataText> {
    const metadata = new Map<string, MetadataText>();
    if (this.#takeNull()) return metadata; // as a program writes it that has none
    this.#object((key, at) => {
      if (metadata.has(key)) throw duplicate(key, at);
      this.#skipSpace();
      const byteOffset = this.#at + 1;
      const text = this.#string();
      if (metadata.size === MOST_TEXTS) throw tooMany(at, `${MOST_TEXTS} texts of metadata`);
      metadata.set(key, { text, byteOffset, byteLength: this.#at - 1 - byteOffset });
    });
    return metadata;
  }

  #tensor(name: string, byteOffset: number): TensorEntry {
    let dtype: TensorType | undefined;
    let shape: number[] | undefined;
    let offsets: number[] | undefined;
    this.#object((key, at) => {
      if (key === "dtype") dtype = once(key, at, dtype) ?? this.#dtype(name);
      else if (key === "shape") shape = once(key, at, shape) ?? this.#integers(MOST_DIMENSIONS);
      else if (key === "data_offsets") offsets = once(key, at, offsets) ?? this.#integers(2);
      else throw new FormatError("json", at, describe(name), "dtype, shape and data_offsets", describe(key));
    });
    const [start, end] = offsets ?? [];
    if (dtype === undefined || shape === undefined || start === undefined || end === undefined) {
      const expected = "dtype, shape and two data_offsets";
      throw new FormatError("json", byteOffset, describe(name), expected, "fewer");
    }
    const bytes = product(shape) * TENSOR_BYTES[dtype];
    if (!Number.isSafeInteger(bytes) || start + bytes !== end) {
      const expected = `data_offsets ${bytes} bytes apart, for ${dtype} [${shape}]`;
      throw new FormatError("size", byteOffset, describe(name), expected, `[${start},${end}]`);
    }
    return { name, dtype, shape, start, end, byteOffset };
  }

  #dtype(name: string): TensorType {
    this.#skipSpace();
    const at = this.#at;
    const text = this.#string();
    if (isTensorType(text)) return text;
    throw new FormatError("dtype", at, describe(name), "a number type of safetensors", describe(text));
  }

  /** {"key": value, …}: calls `value` at each value. */
  #object(value: (key: string, at: number) => void): void {
    this.#expect(0x7b, "{");
    if (this.#take(0x7d)) return;
    do {
      this.#skipSpace();
      const at = this.#at;
      const key = this.#string();
      this.#expect(0x3a, ":");
      value(key, at);
    } while (this.#take(0x2c));
    this.#expect(0x7d, ", or }");
  }

  /** [1, 2, …], at most `most` of them. */
  #integers(most: number): number[] {
    const list = this.#list;
    list.length = 0;
    this.#expect(0x5b, "[");
    if (this.#take(0x5d)) return [];
    do {
      if (list.length === most) throw this.#unexpected(`at most ${most} numbers`);
      list.push(this.#integer());
    } while (this.#take(0x2c));
    this.#expect(0x5d, ", or ]");
    return list.slice();
  }

  /** A size: digits, without a zero in front. In the file it is a u64; beyond 2⁵³ no file has it. */
  #integer(): number {
    this.#skipSpace();
    const at = this.#at;
    let value = 0;
    for (; this.#isDigit(); this.#at++) {
      value = value * 10 + (this.#file[this.#at] ?? 0) - DIGIT_0;
      if (value > Number.MAX_SAFE_INTEGER) {
        throw new FormatError("size", at, "header", "a size that the file can have", "one of 2⁵³ or more");
      }
    }
    const digits = this.#at - at;
    if (digits === 0 || (digits > 1 && this.#file[at] === DIGIT_0)) {
      this.#at = at;
      throw this.#unexpected("an integer >= 0");
    }
    return value;
  }

  #isDigit(): boolean {
    const byte = this.#peek();
    return byte >= DIGIT_0 && byte <= DIGIT_0 + 9;
  }

  #string(): string {
    this.#expect(QUOTE, "a text in quotes");
    const start = this.#at;
    let escaped = false;
    let beyondAscii = false;
    for (let byte = this.#peek(); byte !== QUOTE; byte = this.#peek()) {
      if (byte < SPACE) throw this.#unexpected("a text's closing quote");
      beyondAscii ||= byte > 127;
      escaped ||= byte === BACKSLASH;
      this.#at += byte === BACKSLASH ? 2 : 1;
    }
    const end = this.#at++;
    if (!escaped && !beyondAscii) return this.#text.slice(start - this.#start, end - this.#start);
    try {
      const text = decodeUtf8(this.#file.subarray(start, end));
      return escaped ? JSON.parse(`"${text}"`) : text;
    } catch {
      throw new FormatError("json", start, "header", "a text in UTF-8 with JSON's escapes", "another");
    }
  }

  /** The next byte, or −1 at the header's end. */
  #peek(): number {
    return this.#at < this.#end ? (this.#file[this.#at] ?? -1) : -1;
  }

  #skipSpace(): void {
    while (WHITESPACE.includes(this.#peek())) this.#at++;
  }

  #take(byte: number): boolean {
    this.#skipSpace();
    if (this.#peek() !== byte) return false;
    this.#at++;
    return true;
  }

  #takeNull(): boolean {
    this.#skipSpace();
    if (NULL.some((byte, i) => this.#file[this.#at + i] !== byte) || this.#at + 4 > this.#end) return false;
    this.#at += 4;
    return true;
  }

  #expect(byte: number, what: string): void {
    if (!this.#take(byte)) throw this.#unexpected(what);
  }

  #unexpected(expected: string): FormatError {
    const byte = this.#peek();
    const got = byte < 0 ? "the header's end" : describe(String.fromCharCode(byte));
    return new FormatError("json", Math.min(this.#at, this.#end), "header", expected, got);
  }
}

/** Inexact beyond 2⁵³, but then not a safe integer either: products of safe integers don't fall back. */
function product(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return Number.POSITIVE_INFINITY;
  }
  return count;
}

/** Undefined, or the error for a key that came before. */
function once(key: string, at: number, value: unknown): undefined {
  if (value !== undefined) throw duplicate(key, at);
}

function duplicate(key: string, at: number): FormatError {
  return new FormatError("duplicateKey", at, "header", "every key once", `${describe(key)} again`);
}

function tooMany(at: number, most: string): FormatError {
  return new FormatError("count", at, "header", `at most ${most}`, "more");
}
