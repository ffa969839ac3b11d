import type { Examples } from "../data/examples.js";
import type { RowStore } from "../data/row-store.js";
import type { Program } from "../engine/engine.js";
import type { Cells, Room, Span } from "../engine/memory.js";
import { ORDERS } from "../engine/operations.js";
import { ResourceError } from "../errors/errors.js";
import type { Layers } from "../model/layers.js";

/**
 * Rows that are held to be shuffled. It fills in the order in which they come; then each place gives its row once in every
 * `capacity` draws, in an order that follows from (seed, epoch, how often before), and takes the next row that comes.
 */
export class ShuffleWindow {
  readonly #order: WindowOrder;
  readonly #capacity: number;
  /** What each place holds: a row of these examples, nothing where it is empty. They live until their last row is drawn. */
  #from: (Examples | undefined)[] = [];
  readonly #row: Uint32Array;
  #epoch = 0;
  #filled = 0;
  #live = 0;
  /** The place that was drawn last and is empty. */
  #free: number | undefined;
  #cycle = -1;
  #places: Uint32Array = new Uint32Array(0);
  #at = 0;

  constructor(layers: Layers, capacity: number, seed: number) {
    this.#capacity = capacity;
    this.#row = newPlaces(capacity);
    this.#order = new WindowOrder(layers, capacity, seed);
  }

  /** Empties it for another epoch. */
  begin(epoch: number): void {
    this.#epoch = epoch;
    this.#from = [];
    [this.#filled, this.#live, this.#free] = [0, 0, undefined];
    [this.#cycle, this.#places, this.#at] = [-1, new Uint32Array(0), 0];
  }

  get isEmpty(): boolean {
    return this.#live === 0;
  }

  get hasRoom(): boolean {
    return this.#filled < this.#capacity || this.#free !== undefined;
  }

  put(from: Examples, row: number): void {
    const place = this.#filled < this.#capacity ? this.#filled++ : this.#free;
    if (place === undefined) return;
    this.#free = undefined;
    this.#from[place] = from;
    this.#row[place] = row;
    this.#live += 1;
  }

  /** to[at] ← the next row. It must not be empty. */
  draw(to: RowStore, at: number): void {
    for (;;) {
      const place = this.#nextPlace();
      const from = this.#from[place];
      if (from === undefined) continue;
      to.copyRow(at, from, this.#row[place] ?? 0);
      this.#from[place] = undefined;
      this.#live -= 1;
      this.#free = place;
      return;
    }
  }

  #nextPlace(): number {
    if (this.#at === this.#places.length) {
      this.#cycle += 1;
      this.#places = this.#order.of(this.#epoch, this.#cycle);
      this.#at = 0;
    }
    return this.#places[this.#at++] ?? 0;
  }

  release(): void {
    this.#order.release();
  }
}

/** The orders of a window's places. */
class WindowOrder {
  readonly #room: Room<"order"> | undefined;
  readonly #shuffle: Program | undefined;

  constructor({ engine, dtype }: Layers, m: number, seed: number) {
    if (m === 1) return; // One place has one order.
    this.#room = engine.room(`the order of ${m} rows`, { order: { type: "uint32", length: m } });
    const order = this.#room.spans.order as Span<Cells> as Span<Uint32Array>;
    this.#shuffle = engine.program(dtype, [{ op: "shuffle", order, m, seed, purpose: ORDERS.window }]);
  }

  of(epoch: number, cycle: number): Uint32Array {
    if (this.#room === undefined) return ONE_PLACE;
    this.#shuffle?.run(0, epoch, cycle);
    return (this.#room.spans.order as Span<Cells> as Span<Uint32Array>).read();
  }

  release(): void {
    this.#shuffle?.release();
    this.#room?.release();
  }
}

const ONE_PLACE = Uint32Array.of(0);

function newPlaces(capacity: number): Uint32Array {
  try {
    return new Uint32Array(capacity);
  } catch (cause) {
    throw new ResourceError("shuffleWindow", `memory for ${capacity} rows`, String(cause), { cause });
  }
}
