import { ResourceError } from "../../errors/errors.js";
import type { Room, Span, SpanRequest } from "../memory.js";
import type { Addon } from "./addon.js";
import { bytesOf, NativeSpan } from "./span.js";

/** Spans begin at multiples of a cache line. */
const ALIGNMENT = 64;

/** Bytes of JavaScript's memory that begin at a cache line. */
export interface Block {
  readonly buffer: ArrayBuffer;
  /** Where the first is in `buffer`, and its address. */
  readonly offset: number;
  readonly address: number;
}

/** `bytes` bytes, all 0. Raises ResourceError, in which `what` is what they would be for. */
export function newBlock(addon: Addon, bytes: number, what: string): Block {
  let buffer: ArrayBuffer;
  try {
    buffer = new ArrayBuffer(bytes + ALIGNMENT);
  } catch (cause) {
    throw new ResourceError(what, `${bytes} bytes of memory`, "none from the system", { cause });
  }
  const start = addon.address(buffer);
  const offset = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
  return { buffer, offset, address: start + offset };
}

/** A room in a block of its own, in which its spans lie one behind the other. */
export class NativeRoom<Name extends string> implements Room<Name> {
  readonly spans: Readonly<Record<Name, Span>>;
  readonly #addon: Addon;
  readonly #buffer: ArrayBuffer;
  #released = false;

  constructor(addon: Addon, what: string, requests: Readonly<Record<Name, SpanRequest>>) {
    const names = Object.keys(requests) as Name[];
    let bytes = 0;
    const starts = names.map((name) => {
      const { type, length } = requests[name];
      const start = bytes;
      bytes += Math.ceil((length * bytesOf(type)) / ALIGNMENT) * ALIGNMENT;
      return start;
    });
    const { buffer, offset, address } = newBlock(addon, bytes, what);
    this.#addon = addon;
    this.#buffer = buffer;
    const spans = names.map((name, i) => {
      const { type, length } = requests[name];
      const start = starts[i] ?? 0;
      return [name, new NativeSpan(buffer, offset + start, address + start, type, length)];
    });
    this.spans = Object.fromEntries(spans) as Record<Name, Span>;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#addon.detach(this.#buffer);
  }
}
