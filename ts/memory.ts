import type { Instance } from "./wasm/kernels.js";

/** Sub-blocks start at multiples of a cache line. */
const ALIGNMENT = 64;

/** What one owner holds of an instance's memory, to be given back together. */
export class Blocks {
  readonly #instance: Instance;
  readonly #held = new Map<number, number>();

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  /** The offset of `bytes` bytes of any value. Raises ResourceError with `what` as its place. */
  allocate(bytes: number, what: string): number {
    const offset = this.#instance.allocate(bytes, what);
    this.#held.set(offset, bytes);
    return offset;
  }

  release(offset: number): void {
    const bytes = this.#held.get(offset);
    if (bytes === undefined) return;
    this.#held.delete(offset);
    this.#instance.release(offset, bytes);
  }

  releaseAll(): void {
    for (const offset of [...this.#held.keys()]) this.release(offset);
  }
}

/** Sub-blocks laid out one behind the other in a block that is allocated once they are all known. */
export class Plan {
  #bytes = 0;

  /** Place for `bytes`; returns its distance from the block's start. */
  reserve(bytes: number): number {
    const start = this.#bytes;
    this.#bytes += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return start;
  }

  get bytes(): number {
    return this.#bytes;
  }
}
