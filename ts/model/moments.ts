import type { Room, Span } from "../engine/memory.js";
import type { Layout } from "./layout.js";

/** Whoever has moments in a network's memory. */
export interface MomentsHolder {
  /** Its room goes to another: it keeps what is in there, in JavaScript's memory. */
  leaveMoments(): void;
  /** The network's memory goes: it keeps its count of steps. */
  endMoments(): void;
}

/** Room for an optimizer's moments, one behind the other (null where its rule has none), and its state. */
export interface LentMoments {
  readonly moments: Span | null;
  /** The `State` of crate/src/optimizers/update_rule.rs. */
  readonly state: Span<Float64Array>;
}

/** Numbers of a state. */
const STATE_LENGTH = 5;

/**
 * A network's room for moments: one block, which belongs to one optimizer at a time. So any number of optimizers, one
 * after another, take the memory of the largest.
 */
export class MomentsMemory {
  readonly #layout: Layout;
  /** Called before what is in the room is lost, to programs too that update by it. */
  readonly #leaving: () => void;
  #holder: MomentsHolder | undefined;
  #room: Room | undefined;

  constructor(layout: Layout, leaving: () => void) {
    this.#layout = layout;
    this.#leaving = leaving;
  }

  /** The optimizer that was attached last. */
  get holder(): MomentsHolder | undefined {
    return this.#holder;
  }

  /**
   * Gives `holder` room for `count` moments and a state, of any value; who had it before leaves.
   * Raises ResourceError, and then nobody has it.
   */
  lend(holder: MomentsHolder, count: number): LentMoments {
    const { engine, dtype, parameterCount } = this.#layout;
    this.#holder?.leaveMoments();
    this.takeBack();
    const room = engine.room("the moments of an optimizer", {
      moments: { type: dtype, length: count * parameterCount },
      state: { type: "float64", length: STATE_LENGTH },
    });
    this.#room = room;
    this.#holder = holder;
    const { moments, state } = room.spans;
    return { moments: count === 0 ? null : moments, state: state as Span<Float64Array> };
  }

  /** Releases the room; what is in it is lost. */
  takeBack(): void {
    if (this.#room === undefined) return;
    this.#leaving();
    this.#room.release();
    this.#room = undefined;
    this.#holder = undefined;
  }

  /** The network's end. */
  end(): void {
    this.#holder?.endMoments();
    this.takeBack();
  }
}
