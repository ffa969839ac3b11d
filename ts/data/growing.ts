import type { Floats } from "../engine/memory.js";

type Numbers = Floats | Uint32Array;

/** Numbers that come piece by piece, of which nobody may know how many. */
export class Growing<Of extends Numbers> {
  readonly #make: (length: number) => Of;
  #numbers: Of;
  #length = 0;

  /** @param expected - how many will come, or a part of them */
  constructor(make: (length: number) => Of, expected: number) {
    this.#make = make;
    this.#numbers = make(expected);
  }

  push(piece: Of): void {
    const length = this.#length + piece.length;
    if (length > this.#numbers.length) {
      const larger = this.#make(Math.max(length, 2 * this.#numbers.length));
      larger.set(this.#numbers.subarray(0, this.#length));
      this.#numbers = larger;
    }
    this.#numbers.set(piece, this.#length);
    this.#length = length;
  }

  /** Those that came: not a copy. */
  get all(): Of {
    return this.#numbers.subarray(0, this.#length) as Of;
  }
}
