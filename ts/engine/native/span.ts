import type { Cells, CellType, Span } from "../memory.js";
import { gatherRows } from "../rows.js";

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
  /** Of its first number, in bytes; they stay there as long as `block` is held. */
  readonly address: number;
  readonly #block: ArrayBuffer;
  readonly #numbers: Cells;

  /** `address` is that of the byte `offset` of `block`. */
  constructor(block: ArrayBuffer, offset: number, address: number, type: CellType, length: number) {
    this.#block = block;
    this.#numbers = new ARRAYS[type](block, offset, length);
    this.type = type;
    this.length = length;
    this.address = address;
  }

  /** What keeps its numbers where they are. */
  get block(): ArrayBuffer {
    return this.#block;
  }

  part(start: number, length: number): NativeSpan {
    const before = start * bytesOf(this.type);
    const { byteOffset } = this.#numbers;
    return new NativeSpan(this.#block, byteOffset + before, this.address + before, this.type, length);
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
