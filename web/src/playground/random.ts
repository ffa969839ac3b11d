/**
 * xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32. Integers only, so that every engine makes the
 * same data set of a seed.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed - an integer in [0, 2⁵³) */
  constructor(seed: number) {
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32);
    this.#a = mix(low);
    this.#b = mix(low + 0x9e3779b9);
    this.#c = mix(high ^ 0x243f6a88);
    this.#d = mix(low ^ Math.imul(high, 0x85ebca6b)) | 1; // never all zero
  }

  /** An integer in [0, 2³²). */
  uint32(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** A number in [0, 1). */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Nearly normal, mean 0, variance 1: twelve uniform numbers added up (Irwin–Hall), since log and cos differ by engine. */
  bell(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.uniform();
    return sum;
  }

  /** A point of the unit circle: one of the disc, pushed to its rim. */
  direction(): { x: number; y: number } {
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square > 1 || square < 0.01) continue;
      const length = Math.sqrt(square);
      return { x: x / length, y: y / length };
    }
  }
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) | 0;
}
