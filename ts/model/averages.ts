import { type Floats, type Room, type Span, wordsOf } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import type { Layers } from "./layers.js";

/** Averages of a network's parameters and running statistics, in blocks of their layout. */
export class Averages {
  readonly #layers: Layers;
  readonly #room: Room;
  readonly #parameters: Span;
  readonly #statistics: Span;
  /** How often each of the two was averaged. */
  readonly #counts: Span<Float64Array>;

  /** Raises ResourceError. */
  constructor(layers: Layers) {
    const { engine, dtype, parameterCount, statistics } = layers;
    const room = engine.room("the averages of the weights", {
      parameters: { type: dtype, length: parameterCount },
      statistics: { type: dtype, length: statistics.length },
      counts: { type: "float64", length: 2 },
    });
    this.#layers = layers;
    this.#room = room;
    this.#parameters = room.spans.parameters;
    this.#statistics = room.spans.statistics;
    this.#counts = room.spans.counts as Span<Float64Array>;
    this.#counts.fill(0);
  }

  /** How often the network was taken up. */
  get count(): number {
    return this.#counts.get(0);
  }

  /** The averages ← with the network as it is. */
  averagePass(decay: number): Operation[] {
    const { parameters, statistics } = this.#layers;
    const of = (average: Span, w: Span, i: number): Operation => {
      return { op: "average", average, w, len: w.length, count: this.#counts.part(i, 1), decay };
    };
    return [
      of(this.#parameters, parameters, 0),
      ...(statistics.length === 0 ? [] : [of(this.#statistics, statistics, 1)]),
    ];
  }

  /** The network ← its averages, and these ← the network. */
  swapPass(): Operation[] {
    const { parameters, statistics } = this.#layers;
    return [
      { op: "swap", a: parameters, b: this.#parameters, words: wordsOf(parameters) },
      ...(statistics.length === 0
        ? []
        : [{ op: "swap" as const, a: statistics, b: this.#statistics, words: wordsOf(statistics) }]),
    ];
  }

  /** The network ← its averages, by memory alone. */
  apply(): void {
    this.#layers.parameters.write(this.#parameters.read());
    this.#layers.statistics.write(this.#statistics.read());
  }

  /** Copies, each W row-major. */
  read(): { parameters: Floats; statistics: Floats } {
    return { parameters: this.#layers.readByRows(this.#parameters), statistics: this.#statistics.read() };
  }

  /** As they were when so often was averaged. */
  write({ parameters, statistics }: { parameters: Floats; statistics: Floats }, count: number): void {
    this.#parameters.write(parameters);
    this.#layers.intoPanels(this.#parameters);
    this.#statistics.write(statistics);
    this.#counts.fill(count);
  }

  release(): void {
    this.#room.release();
  }
}
