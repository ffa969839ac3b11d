import { describe, listed } from "../platform/describe.js";
import { broken } from "./tensors.js";

/*
 * Files of a zip archive, by its central directory; stored or deflated.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

export class Zip {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #entries = new Map<string, Entry>();
  readonly #file: string;

  /** Raises FormatError. */
  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#file = file;
    try {
      this.#readDirectory();
    } catch (error) {
      if (error instanceof RangeError)
        throw broken("truncated", file, "a whole zip archive", "a part of one");
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** A file's bytes. Raises FormatError. */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#entries.get(name);
    const place = `${this.#file}, ${name}`;
    if (entry === undefined)
      throw broken("tensorSet", this.#file, `the file ${describe(name)}`, listed([...this.#entries.keys()]));
    const { at, packed, size, method } = entry;
    if (at + 30 > this.#bytes.length || this.#view.getUint32(at, true) !== LOCAL)
      throw broken("truncated", place, "a file of the archive", "none at its place");
    const start = at + 30 + this.#view.getUint16(at + 26, true) + this.#view.getUint16(at + 28, true);
    const body = this.#bytes.subarray(start, start + packed);
    if (body.length < packed) throw broken("truncated", place, `${packed} bytes`, `${body.length}`);
    const whole = method === STORED ? body.slice() : await this.#inflated(body, method, place);
    if (whole.length === size) return whole;
    throw broken("size", place, `${size} bytes`, `${whole.length}`);
  }

  #readDirectory(): void {
    const view = this.#view;
    const first = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
    let end = view.byteLength - END_BYTES;
    while (end >= first && view.getUint32(end, true) !== END) end -= 1;
    if (end < first)
      throw broken("truncated", this.#file, "a zip archive with a directory at its end", "none");
    const count = view.getUint16(end + 10, true);
    let at = view.getUint32(end + 16, true);
    for (let i = 0; i < count; i++) {
      if (view.getUint32(at, true) !== ENTRY)
        throw broken("truncated", this.#file, `${count} files in the archive`, `${i}`);
      const [nameBytes, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
      const name = new TextDecoder().decode(this.#bytes.subarray(at + 46, at + 46 + (nameBytes ?? 0)));
      const [method, packed] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true)];
      const [size, place] = [view.getUint32(at + 24, true), view.getUint32(at + 42, true)];
      this.#entries.set(name, { name, method, packed, size, at: place });
      at += 46 + (nameBytes ?? 0) + (extra ?? 0) + (comment ?? 0);
    }
  }

  async #inflated(body: Uint8Array, method: number, place: string): Promise<Uint8Array> {
    if (method !== DEFLATED) throw broken("dtype", place, "a file stored or deflated", `method ${method}`);
    try {
      const stream = new Blob([body.slice()]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch (cause) {
      throw broken(
        "truncated",
        place,
        "deflated bytes",
        cause instanceof Error ? cause.message : String(cause),
      );
    }
  }
}
