import type { Cells, CellType, Span } from "../memory.js";
import { gatherRows } from "../rows.js";
import type { Block } from "./block.js";

/** Arrays of each type, whose numbers have such a number of bytes. */
const ARRAYS = { float32: Float32Array, float64: Float64Array, uint32: Uint32Array, uint8: Uint8Array };

/** Bytes of a number. */
export function bytesOf(type: CellType): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

/** A span of a block that is an ArrayBuffer: JavaScript reads and writes it as it lies, and kernels know its address. */
export class NativeSpan implements Span<Cells> {
  readonly type: CellType;
  readonly length: number;
  /** Of its first number; they stay there as long as `block` is held. */
  readonly address: number;
  readonly block: Block;
  readonly #start: number;
  readonly #array: Cells;

  /** From the byte `start` of `block` on. */
  constructor(block: Block, start: number, type: CellType, length: number) {
    this.block = block;
    this.type = type;
    this.length = length;
    this.address = block.address + start;
    this.#start = start;
    this.#array = new ARRAYS[type](block.buffer, block.offset + start, length);
  }

  /** Once no other thread uses them. */
  get #numbers(): Cells {
    this.block.gate.pass();
    return this.#array;
  }

  part(start: number, length: number): NativeSpan {
    return new NativeSpan(this.block, this.#start + start * bytesOf(this.type), this.type, length);
  }

  write(values: Cells, at = 0): void {
    this.#numbers.set(values, at);
  }

  gather(from: Cells, width: number, order: Uint32Array): void {
    gatherRows(this.#numbers, 0, from, width, order);
  }

  fill(value: number): void {
    this.#numbers.fill(value);
  }

  read(): Cells {
    return this.#numbers.slice();
  }

  get(index: number): number {
    return Number(this.#numbers[index]);
  }

  set(index: number, value: number): void {
    this.#numbers[index] = value;
  }
}
