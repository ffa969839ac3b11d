import { BYTES, type Dtype } from "../../ts/config.js";
import type { Instance, Kernels } from "../../ts/wasm/kernels.js";

/** What the kernels' tests share. Nothing here needs vitest, so that a page's worker can run it too. */

/** What a check runs on. */
export interface Setting {
  readonly instance: Instance;
  readonly dtype: Dtype;
  readonly threads: number;
}

/** Sizes at which a vector, a tile or a tree may be off by one. */
export const EDGES: readonly number[] = [...Array.from({ length: 18 }, (_, size) => size), 33];

/** Numbers before and behind each block that must stay as they are; one more before each further block. */
const GUARDS = 13;
const GUARD = -77;

/** Blocks of an instance's memory for one check, each between guards and few of them aligned. */
export class Memory {
  readonly kernels: Kernels;
  readonly threads: number;
  readonly #instance: Instance;
  readonly #dtype: Dtype;
  readonly #blocks: { start: number; bytes: number; before: number; length: number }[] = [];

  constructor({ instance, dtype, threads }: Setting) {
    this.kernels = instance[dtype];
    this.threads = threads;
    this.#instance = instance;
    this.#dtype = dtype;
  }

  /** The offset of room for so many numbers, NaN until a kernel writes them. */
  output(length: number): number {
    const before = GUARDS + this.#blocks.length;
    const bytes = (before + length + GUARDS) * BYTES[this.#dtype];
    const start = this.#instance.allocate(bytes, "a test");
    this.#blocks.push({ start, bytes, before, length });
    const first = start / BYTES[this.#dtype];
    const all = this.#numbers();
    all.fill(GUARD, first, first + before + length + GUARDS);
    all.fill(Number.NaN, first + before, first + before + length);
    return start + before * BYTES[this.#dtype];
  }

  /** The offset of a copy. */
  input(values: ArrayLike<number>): number {
    const offset = this.output(values.length);
    this.#numbers().set(values, offset / BYTES[this.#dtype]);
    return offset;
  }

  /** The offset of a copy of 32-bit integers. */
  integers(values: readonly number[]): number {
    const offset = this.output(values.length);
    this.#instance.uint32s().set(values, offset / 4);
    return offset;
  }

  /** A copy of `length` numbers from `offset`. */
  read(offset: number, length: number): Float64Array {
    const first = offset / BYTES[this.#dtype];
    return Float64Array.from(this.#numbers().subarray(first, first + length));
  }

  checkGuards(): void {
    for (const { start, before, length } of this.#blocks) {
      const guards = [
        ...this.read(start, before),
        ...this.read(start + (before + length) * BYTES[this.#dtype], GUARDS),
      ];
      const touched = guards.findIndex((guard) => guard !== GUARD);
      if (touched < 0) continue;
      const at = touched < before ? touched - before : touched - before + length;
      throw new Error(`a kernel wrote number ${at} of a block of ${length}`);
    }
  }

  release(): void {
    for (const { start, bytes } of this.#blocks.splice(0)) this.#instance.release(start, bytes);
  }

  #numbers(): Float32Array | Float64Array {
    return this.#dtype === "float32" ? this.#instance.float32s() : this.#instance.float64s();
  }
}

/** Runs `work` on new blocks; fails if a kernel wrote beside them. */
export function withMemory<Result>(setting: Setting, work: (memory: Memory) => Result): Result {
  const memory = new Memory(setting);
  try {
    const result = work(memory);
    memory.checkGuards();
    return result;
  } finally {
    memory.release();
  }
}

/** A number that is there. */
export function at(numbers: ArrayLike<number>, index: number): number {
  const number = numbers[index];
  if (number === undefined) throw new RangeError(`no element ${index} of ${numbers.length}`);
  return number;
}

/** As a number of the dtype. */
export function rounding(dtype: Dtype): (x: number) => number {
  return dtype === "float32" ? Math.fround : (x) => x;
}

/** `length` numbers of the dtype in [−1, 1), the same at every run; float32's are the rounded float64's. */
export function numbers(dtype: Dtype, length: number, seed: number): Float64Array {
  const round = rounding(dtype);
  const block = new Float64Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    // Source: Numerical Recipes, 3rd edition, section 7.1.7.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    block[i] = round(state / 2 ** 31 - 1);
  }
  return block;
}

/** Machine epsilon. */
export const EPSILON: Readonly<Record<Dtype, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

/** Fails unless |got − expected| ≤ bound. NaN is near to nothing. */
export function expectNear(got: number, expected: number, bound: number, place: () => string): void {
  if (Math.abs(got - expected) <= bound) return;
  throw new Error(`${place()}: expected ${expected} ± ${bound}, got ${got}`);
}

/** Fails unless the numbers are the same; −0 is 0 and NaN is NaN. */
export function expectSame(got: ArrayLike<number>, expected: ArrayLike<number>, place: string): void {
  if (got.length !== expected.length) {
    throw new Error(`${place}: expected ${expected.length} numbers, got ${got.length}`);
  }
  for (let i = 0; i < got.length; i++) {
    const [a, e] = [at(got, i), at(expected, i)];
    if (a !== e && !(Number.isNaN(a) && Number.isNaN(e))) {
      throw new Error(`${place}, number ${i}: expected ${e}, got ${a}`);
    }
  }
}
