import type { Examples } from "../data/examples.js";
import type { Program } from "../engine/engine.js";
import type { Cells, Room, Span } from "../engine/memory.js";
import { DataError } from "../errors/errors.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import { warnOfScales } from "./warnings.js";

/** Brings batches that were read into a batch's memory, where bytes become numbers. */
export class BatchLoader {
  readonly #layers: Layers;
  readonly #batch: BatchMemory;
  #room: Room<"bytes" | "order"> | undefined;
  #program: Program | undefined;
  /** That of the program. */
  #scale = Number.NaN;
  #warns: boolean;
  #scales: Float64Array | undefined;
  /** What none of the examples since the epoch began weighs more than; undefined where not all of them came by. */
  #most: number | undefined;

  constructor(layers: Layers, batch: BatchMemory, warns: boolean) {
    this.#layers = layers;
    this.#batch = batch;
    this.#warns = warns;
  }

  /** Of the first batch's columns, where they were looked at. */
  get scales(): Float64Array | undefined {
    return this.#scales;
  }

  /** What no example weighs more than; at least 1. */
  get heaviest(): number {
    return Math.max(1, this.#most ?? 1);
  }

  /** At the end of an epoch. Raises DataError where nothing weighed anything. */
  checkSomeWeight(): void {
    if (this.#most === 0) {
      throw new DataError("sampleWeight", "a weight above 0 among an epoch's examples", "0 for each");
    }
  }

  /** @param isFirst - whether an epoch begins with these */
  load(examples: Examples, isFirst: boolean): void {
    if (this.#warns) this.#scales = warnOfScales(this.#layers, examples);
    this.#warns = false;
    const { x, scale, labels, m, weights } = examples;
    const { engine } = this.#layers;
    engine.rouse(); // Workers that fell asleep wake up meanwhile.
    if (x instanceof Uint8Array) {
      this.#bytes().write(x);
      this.#scaling(scale).run(m, 0, 0);
    } else this.#batch.x.write(x);
    this.#batch.labels.write(labels);
    if (isFirst) this.#most = 0;
    if (weights === undefined) this.#batch.weigh(false);
    else this.#batch.weigh(true)?.write(weights);
    if (this.#most !== undefined) this.#most = weights?.reduce((a, b) => Math.max(a, b), this.#most) ?? 1;
  }

  release(): void {
    this.#program?.release();
    this.#room?.release();
  }

  #bytes(): Span<Cells> {
    if (this.#room !== undefined) return this.#room.spans.bytes;
    const { capacity } = this.#batch;
    const room = this.#layers.engine.room(`the bytes of ${capacity} examples`, {
      bytes: { type: "uint8", length: capacity * this.#layers.inputs },
      order: { type: "uint32", length: capacity },
    });
    room.spans.order.write(Uint32Array.from({ length: capacity }, (_, i) => i));
    this.#room = room;
    return room.spans.bytes;
  }

  #scaling(scale: number): Program {
    if (this.#program !== undefined && scale === this.#scale) return this.#program;
    this.#program?.release();
    const { engine, dtype, inputs } = this.#layers;
    const from = this.#bytes();
    const order = this.#room?.spans.order as Span<Cells> as Span<Uint32Array>;
    const m = this.#batch.capacity;
    const to = this.#batch.x;
    this.#program = engine.program(dtype, [{ op: "gatherBytes", to, from, m, width: inputs, order, scale }]);
    this.#scale = scale;
    return this.#program;
  }
}
