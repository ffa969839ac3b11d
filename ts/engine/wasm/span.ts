import type { Cells, CellType, Span } from "../memory.js";
import { gatherRows } from "../rows.js";

/** Bytes of a number. */
export const BYTES: Record<CellType, number> = { float32: 4, float64: 8, uint32: 4, uint8: 1 };

/** All of linear memory as numbers of each type, made anew when memory has grown. */
export class Views {
  readonly #memory: WebAssembly.Memory;
  #float32: Float32Array;
  #float64: Float64Array;
  #uint32: Uint32Array;
  #uint8: Uint8Array;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#float32 = new Float32Array(memory.buffer);
    this.#float64 = new Float64Array(memory.buffer);
    this.#uint32 = new Uint32Array(memory.buffer);
    this.#uint8 = new Uint8Array(memory.buffer);
  }

  /** Not to be kept: growth detaches it. */
  of(type: CellType): Cells {
    if (this.#uint32.buffer !== this.#memory.buffer) {
      this.#float32 = new Float32Array(this.#memory.buffer);
      this.#float64 = new Float64Array(this.#memory.buffer);
      this.#uint32 = new Uint32Array(this.#memory.buffer);
      this.#uint8 = new Uint8Array(this.#memory.buffer);
    }
    if (type === "float32") return this.#float32;
    if (type === "float64") return this.#float64;
    return type === "uint32" ? this.#uint32 : this.#uint8;
  }

  /** `length` bytes from `offset`. Not to be kept either. */
  bytes(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, offset, length);
  }
}

/** A span of linear memory. */
export class WasmSpan implements Span<Cells> {
  /** In bytes. */
  readonly offset: number;
  readonly type: CellType;
  readonly length: number;
  readonly #views: Views;
  /** Of its first number, in a view of all of memory. */
  readonly #first: number;

  constructor(views: Views, offset: number, type: CellType, length: number) {
    this.#views = views;
    this.#first = offset / BYTES[type];
    this.offset = offset;
    this.type = type;
    this.length = length;
  }

  /** Whether it lies in the memory that these are views of. */
  isIn(views: Views): boolean {
    return this.#views === views;
  }

  part(start: number, length: number): WasmSpan {
    return new WasmSpan(this.#views, this.offset + start * BYTES[this.type], this.type, length);
  }

  write(values: Cells, at = 0): void {
    this.#views.of(this.type).set(values, this.#first + at);
  }

  gather(from: Cells, width: number, order: Uint32Array): void {
    gatherRows(this.#views.of(this.type), this.#first, from, width, order);
  }

  fill(value: number): void {
    this.#views.of(this.type).fill(value, this.#first, this.#first + this.length);
  }

  read(): Cells {
    return this.#views.of(this.type).slice(this.#first, this.#first + this.length);
  }

  get(index: number): number {
    return Number(this.#views.of(this.type)[this.#first + index]);
  }

  set(index: number, value: number): void {
    this.#views.of(this.type)[this.#first + index] = value;
  }
}
