import { type Room, type Span, wordsOf } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import type { BatchMemory } from "./batch-memory.js";
import type { Layers } from "./layers.js";
import { statisticsPass } from "./passes.js";

/**
 * What a step in parts keeps from one to the next: the sum of the gradients, and the running statistics that the
 * network has once the step is whole. The gradients of each part are divided by the step's examples already.
 */
export class Accumulation {
  readonly #layers: Layers;
  readonly #room: Room;
  readonly #sum: Span;
  readonly #statistics: Span;

  /** Raises ResourceError. */
  constructor(layers: Layers) {
    const { engine, dtype, parameterCount, statistics } = layers;
    const room = engine.room("the sums of gradients", {
      sum: { type: dtype, length: parameterCount },
      statistics: { type: dtype, length: statistics.length },
    });
    this.#layers = layers;
    this.#room = room;
    this.#sum = room.spans.sum;
    this.#statistics = room.spans.statistics;
  }

  /** Behind the passes of a part. What comes behind it is run once, at the step's end. */
  partPass(batch: BatchMemory): Operation[] {
    const { gradients, parameterCount: len, statistics: from } = this.#layers;
    const to = this.#statistics;
    const kept: Operation = { op: "copy", to, from, words: wordsOf(from), atStart: 1 };
    return [
      ...(from.length === 0 ? [] : [kept, ...statisticsPass(this.#layers, batch, to)]),
      { op: "accumulate", sum: this.#sum, gradients, len },
    ];
  }

  /** Behind the update: the running statistics ← those of all parts. */
  endPass(): Operation[] {
    const { statistics: to } = this.#layers;
    if (to.length === 0) return [];
    return [{ op: "copy", to, from: this.#statistics, words: wordsOf(to), atStart: 0 }];
  }

  release(): void {
    this.#room.release();
  }
}
