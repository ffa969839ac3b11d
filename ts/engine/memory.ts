import type { Dtype } from "../config/dtype.js";

/** Arrays of JavaScript's that numbers come from and go to. */
export type Floats = Float32Array | Float64Array;
export type Cells = Floats | Uint32Array | Uint8Array;

/** What a span's numbers are. */
export type CellType = Dtype | "uint32" | "uint8";

/** `length` numbers in an engine's memory. They are there until their room is released. */
export interface Span<Array extends Cells = Floats> {
  readonly type: CellType;
  readonly length: number;
  /** `length` of them from the one at `start` on. */
  part(start: number, length: number): Span<Array>;
  /** Copies `values` in, from the one at `at` on. */
  write(values: Cells, at?: number): void;
  /** Copies in the rows `order` of `from`, each `width` numbers long. */
  gather(from: Cells, width: number, order: Uint32Array): void;
  fill(value: number): void;
  /** A copy. */
  read(): Array;
  get(index: number): number;
  set(index: number, value: number): void;
}

/** Memory that was had at once and is given back at once. */
export interface Room<Name extends string = string> {
  /** The spans by the names that they were asked by. Their numbers are of any value at first. */
  readonly spans: Readonly<Record<Name, Span>>;
  /** Waits until no program runs on it beside JavaScript. */
  settle(): void;
  release(): void;
}

/** What a room is to hold. */
export interface SpanRequest {
  readonly type: CellType;
  readonly length: number;
}

/** How many words of 32 bits its numbers are. */
export function wordsOf({ type, length }: Span<Cells>): number {
  return type === "float64" ? 2 * length : length;
}
