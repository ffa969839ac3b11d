import type { Room, Span, SpanRequest } from "../memory.js";
import type { Addon } from "./addon.js";
import { ALIGNMENT, type Block, newBlock } from "./block.js";
import { bytesOf, NativeSpan } from "./span.js";

/** A room in a block of its own, in which its spans lie one behind the other. */
export class NativeRoom<Name extends string> implements Room<Name> {
  readonly spans: Readonly<Record<Name, Span>>;
  readonly #addon: Addon;
  readonly #block: Block;
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
    const block = newBlock(addon, bytes, what);
    this.#addon = addon;
    this.#block = block;
    const spans = names.map((name, i) => {
      const { type, length } = requests[name];
      const start = starts[i] ?? 0;
      return [name, new NativeSpan(block, start, type, length)];
    });
    this.spans = Object.fromEntries(spans) as Record<Name, Span>;
  }

  settle(): void {
    this.#block.gate.pass();
  }

  release(): void {
    if (this.#released) return;
    this.settle();
    this.#released = true;
    this.#addon.detach(this.#block.buffer);
  }
}
