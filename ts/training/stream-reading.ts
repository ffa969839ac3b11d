import type { Stream } from "../data/dataset.js";
import type { Examples } from "../data/examples.js";
import { RowStore } from "../data/row-store.js";
import type { Operation } from "../engine/operations.js";
import { ConfigError, DataError } from "../errors/errors.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import { checkBatch } from "../model/least-batch.js";
import { scalePass } from "../model/scaling.js";
import { BatchLoader } from "./batch-loader.js";
import type { BatchSource } from "./batch-source.js";
import { BatchWeights } from "./batch-weights.js";
import type { Reading, SourceSettings } from "./reading.js";
import { ShuffleWindow } from "./shuffle-window.js";
import type { Trainee } from "./state.js";
import { StreamReader } from "./stream-reader.js";

/** A stream, which is read from its beginning once an epoch. */
export class StreamReading implements Reading {
  readonly m: number;
  readonly #stream: Stream;
  readonly #trainee: Trainee;
  readonly #signal: AbortSignal | undefined;
  readonly #weights = new BatchWeights();
  /** Begun before it was wanted. */
  #begun: StreamReader | undefined;

  constructor(stream: Stream, trainee: Trainee, signal: AbortSignal | undefined) {
    this.m = stream.length ?? Number.POSITIVE_INFINITY;
    this.#stream = stream;
    this.#trainee = trainee;
    this.#signal = signal;
  }

  first(rows: number): Promise<readonly Examples[] | undefined> {
    this.#begun = this.open();
    return this.#begun.ahead(rows);
  }

  async holdBack(): Promise<never> {
    throw new ConfigError("validation", "{ x, y }, since a stream can't be divided", "{ fraction }");
  }

  async classCounts(): Promise<never> {
    const expected =
      "a number for each class, since nobody has counted a stream's (or a data set that is read by rows)";
    throw new ConfigError("classWeight", expected, '"balanced"');
  }

  weighByClass(weights: readonly number[]): void {
    this.#weights.byClass(weights);
  }

  async each(rows: number, take: (read: Examples) => Promise<void>): Promise<boolean> {
    const reader = this.open();
    let store: RowStore | undefined;
    let [filled, came] = [0, 0];
    try {
      for (;;) {
        const read = await reader.next();
        if (read === undefined) return false;
        if (read === "end") break;
        came += read.m;
        if (came > this.m) throw this.wrongLength(came);
        store ??= new RowStore(rows, read, this.#trainee.layers.dtype);
        for (let i = 0; i < read.m; i++) {
          store.copyRow(filled++, read, i);
          if (filled < rows) continue;
          await take(store.examples(filled));
          filled = 0;
        }
      }
      if (came === 0 || (Number.isFinite(this.m) && came < this.m)) throw this.wrongLength(came);
      if (store !== undefined && filled > 0) await take(store.examples(filled));
      return true;
    } finally {
      reader.close();
    }
  }

  /** The error for so many rows. */
  wrongLength(came: number): DataError {
    const { m } = this;
    if (m === Number.POSITIVE_INFINITY) return new DataError("stream", "at least one row", "none");
    const got = came < m ? `its end after ${came}` : `more than ${m}`;
    return new DataError("stream", `${m} rows, as its length says`, got);
  }

  /** An epoch's reader. */
  open(): StreamReader {
    const reader = this.#begun ?? new StreamReader(this.#stream, this.#trainee, this.#weights, this.#signal);
    this.#begun = undefined;
    return reader;
  }

  source(layers: Layers, batch: BatchMemory, settings: SourceSettings): BatchSource {
    batch.weigh(false);
    const capacity = Math.min(this.#stream.shuffleWindow, this.m);
    return new StreamSource(this, layers, batch, settings, capacity);
  }

  close(): void {
    this.#begun?.close();
  }
}

/** A stream's rows through the shuffle window, cut into batches. */
class StreamSource implements BatchSource {
  readonly operations: readonly Operation[];
  readonly #reading: StreamReading;
  readonly #layers: Layers;
  readonly #loader: BatchLoader;
  readonly #window: ShuffleWindow;
  readonly #size: number;
  readonly #part: number;
  #reader: StreamReader | undefined;
  /** What came last, and how many of its rows are in the window or beyond. */
  #came: Examples | undefined;
  #used = 0;
  #isOver = false;
  /** A step that is being put together, and the place of its first row. */
  #batch: RowStore | undefined;
  #start = 0;
  /** Rows of this epoch that were drawn. */
  #drawn = 0;

  constructor(
    reading: StreamReading,
    layers: Layers,
    batch: BatchMemory,
    { size, part, seed, warnings }: SourceSettings,
    capacity: number,
  ) {
    this.operations = scalePass(layers, batch.x);
    this.#reading = reading;
    this.#layers = layers;
    this.#size = size;
    this.#part = part;
    this.#loader = new BatchLoader(layers, batch, warnings);
    this.#window = new ShuffleWindow(layers, capacity, seed);
  }

  get scales(): Float64Array | undefined {
    return this.#loader.scales;
  }

  begin(epoch: number): undefined {
    this.#reader?.close();
    this.#reader = this.#reading.open();
    this.#window.begin(epoch);
    this.#came = undefined;
    [this.#used, this.#drawn, this.#isOver] = [0, 0, false];
  }

  async gather(start: number, rows: number, step?: number): Promise<number> {
    if (step === undefined) return this.#load(start, rows);
    // A fit that is taken up in mid-epoch reads again what was visited, and draws it as before.
    while (this.#drawn < start) {
      const skipped = await this.#draw(Math.min(this.#size, start - this.#drawn));
      if (skipped === undefined) return 0;
      if (skipped === 0) throw this.#wrongLength();
    }
    const drawn = await this.#draw(step);
    if (drawn === undefined || (await this.#isWrong(drawn < step)) === undefined) return 0;
    this.#start = start;
    if (drawn > 0) this.#load(start, Math.min(rows, drawn));
    return drawn;
  }

  /** The batch's memory ← so many of the step's rows. */
  #load(start: number, rows: number): number {
    if (this.#batch === undefined) return 0;
    checkBatch(`batch ${start / this.#part + 1}`, this.#layers, rows);
    this.#loader.load(this.#batch.examples(rows, start - this.#start), start === 0);
    return rows;
  }

  get heaviest(): number {
    return this.#loader.heaviest;
  }

  end(): void {
    this.#loader.checkSomeWeight();
  }

  /** Raises DataError where the stream ends early or late; undefined where the signal aborts before it is known. */
  async #isWrong(isEnd: boolean): Promise<false | undefined> {
    const { m } = this.#reading;
    if (isEnd && (m < Number.POSITIVE_INFINITY || this.#drawn === 0)) throw this.#wrongLength();
    if (this.#drawn < m) return false;
    if (!this.#isOver && (this.#came === undefined || this.#used === this.#came.m)) {
      if ((await this.#come()) === undefined) return undefined;
    }
    if (!this.#isOver || !this.#window.isEmpty) throw this.#wrongLength();
    return false;
  }

  #wrongLength(): DataError {
    return this.#reading.wrongLength(this.#drawn);
  }

  /** Draws up to so many rows, fewer at the stream's end. Undefined where the signal aborts before. */
  async #draw(rows: number): Promise<number | undefined> {
    let drawn = 0;
    while (drawn < rows) {
      while (this.#window.hasRoom && !this.#isOver) {
        if (this.#came !== undefined && this.#used < this.#came.m) this.#window.put(this.#came, this.#used++);
        else if ((await this.#come()) === undefined) return undefined;
      }
      if (this.#window.isEmpty || this.#batch === undefined) break;
      this.#window.draw(this.#batch, drawn++);
    }
    this.#drawn += drawn;
    return drawn;
  }

  /** Waits for what comes next, or the end. Undefined where the signal aborts before. */
  async #come(): Promise<true | undefined> {
    const next = await this.#reader?.next();
    if (next === undefined) return undefined;
    this.#isOver = next === "end";
    if (next === "end") return true;
    this.#came = next;
    this.#used = 0;
    this.#batch ??= new RowStore(this.#size, next, this.#layers.dtype);
    return true;
  }

  release(): void {
    this.#reader?.close();
    this.#reading.close();
    this.#loader.release();
    this.#window.release();
  }
}
