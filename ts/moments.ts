import { BYTES } from "./config.js";
import type { Layers } from "./layers.js";

/** Whoever has moments in a network's memory. */
export interface MomentsHolder {
  /** Its room goes to another: it keeps what is in there, in JavaScript's memory. */
  leaveMoments(): void;
}

/**
 * A network's room for moments in wasm memory: one block, which belongs to one optimizer at a time. So any
 * number of optimizers, one after another, take the memory of the largest.
 */
export class MomentsMemory {
  readonly #layers: Layers;
  #holder: MomentsHolder | undefined;
  #block = 0;

  constructor(layers: Layers) {
    this.#layers = layers;
  }

  /** The optimizer that was attached last. */
  get holder(): MomentsHolder | undefined {
    return this.#holder;
  }

  /**
   * Gives `holder` room for `count` moments, of any value; who had it before leaves. Returns their byte offsets.
   * Raises ResourceError, and then nobody has it.
   */
  lend(holder: MomentsHolder, count: number): readonly number[] {
    const { blocks, dtype, parameterCount } = this.#layers;
    this.#holder?.leaveMoments();
    this.takeBack();
    if (count > 0) {
      const bytes = parameterCount * BYTES[dtype];
      // One block for all: all of it is had, or nothing.
      this.#block = blocks.allocate(count * bytes, "the moments of an optimizer");
    }
    this.#holder = holder;
    return Array.from({ length: count }, (_, i) => this.#block + i * parameterCount * BYTES[dtype]);
  }

  /** Releases the block; what is in it is lost. */
  takeBack(): void {
    if (this.#block !== 0) this.#layers.blocks.release(this.#block);
    this.#block = 0;
    this.#holder = undefined;
  }
}
