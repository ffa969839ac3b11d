import type { Cells, Room, Span, SpanRequest } from "../memory.js";
import { BYTES, type Views, WasmSpan } from "./span.js";

/** Spans begin at multiples of a cache line. */
const ALIGNMENT = 64;

/** Where rooms are had and given back. */
export interface Heap {
  readonly views: Views;
  /** The offset of `bytes` bytes of any value. Raises ResourceError, in which `what` is what they would be for. */
  allocate(bytes: number, what: string): number;
  release(offset: number, bytes: number): void;
  /** Whether a trap has ended all this: then nothing is given back, and what trapped is the error that is told. */
  readonly lost: boolean;
}

/** A room in linear memory: one block, in which its spans lie one behind the other. All of it is had, or nothing. */
export class WasmRoom<Name extends string> implements Room<Name> {
  readonly spans: Readonly<Record<Name, Span>>;
  readonly #heap: Heap;
  readonly #offset: number;
  readonly #bytes: number;
  #released = false;

  constructor(heap: Heap, what: string, requests: Readonly<Record<Name, SpanRequest>>) {
    const names = Object.keys(requests) as Name[];
    let bytes = 0;
    const starts = names.map((name) => {
      const { type, length } = requests[name];
      const start = bytes;
      bytes += Math.ceil((length * BYTES[type]) / ALIGNMENT) * ALIGNMENT;
      return start;
    });
    this.#heap = heap;
    this.#bytes = bytes;
    this.#offset = heap.allocate(bytes, what);
    const spans = names.map((name, i): [Name, Span<Cells>] => {
      const { type, length } = requests[name];
      return [name, new WasmSpan(heap.views, this.#offset + (starts[i] ?? 0), type, length)];
    });
    this.spans = Object.fromEntries(spans) as Record<Name, Span>;
  }

  /** Nothing runs beside JavaScript. */
  settle(): void {}

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#heap.release(this.#offset, this.#bytes);
  }
}
