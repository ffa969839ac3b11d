import type { Dataset } from "../data/dataset.js";
import type { Examples, Ownership } from "../data/examples.js";
import { epochOrder } from "../data/mini-batches.js";
import { RowStore } from "../data/row-store.js";
import { splitRows } from "../data/split.js";
import { checkSomeWeight } from "../data/weights.js";
import type { Operation } from "../engine/operations.js";
import { ConfigError, describe, ShapeError } from "../errors/errors.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import { scalePass } from "../model/scaling.js";
import { arrived } from "./arrival.js";
import { BatchLoader } from "./batch-loader.js";
import type { BatchSource } from "./batch-source.js";
import { BatchWeights } from "./batch-weights.js";
import { type Place, readBatch, unreadable } from "./read-batch.js";
import type { HeldBack, Reading, SourceSettings } from "./reading.js";
import type { Trainee } from "./state.js";

/** Rows that were asked for. */
interface Asked {
  readonly place: Place;
  readonly rows: Promise<unknown>;
}

/** Which rows are visited, and what the k-th some of them are called. */
interface Visit {
  /** So many of them from the one at `start` on. */
  readonly rows: (count: number, start: number) => Uint32Array;
  readonly words: (k: number) => string;
}

/** A data set, or some of its rows, that is read by index. */
export class DatasetReading implements Reading {
  readonly m: number;
  readonly #dataset: Dataset;
  readonly #trainee: Trainee;
  readonly #signal: AbortSignal | undefined;
  /** Which of its rows; undefined: all. */
  readonly #rows: Uint32Array | undefined;
  readonly #weights: BatchWeights;

  constructor(
    dataset: Dataset,
    trainee: Trainee,
    signal: AbortSignal | undefined,
    rows?: Uint32Array,
    weights = new BatchWeights(),
  ) {
    this.m = rows?.length ?? checkLength(dataset.length);
    this.#weights = weights;
    this.#dataset = dataset;
    this.#trainee = trainee;
    this.#signal = signal;
    this.#rows = rows;
  }

  async first(rows: number): Promise<readonly Examples[] | undefined> {
    const examples = await this.take(this.ask(firstRows(rows), "the first batch"));
    return examples && [examples];
  }

  async holdBack({ fraction, stratify, seed }: HeldBack) {
    if (stratify) {
      const expected =
        "false for a data set that is read by rows, whose classes nobody knows (split the indices yourself)";
      throw new ConfigError("validation.stratify", expected, "true");
    }
    const { layers } = this.#trainee;
    const { kept, held } = splitRows(layers.engine, this.m, { fraction, seed });
    let store: RowStore | undefined;
    let filled = 0;
    const rows = (count: number, start: number) => held.subarray(start, start + count);
    const visit = { words: () => "validation's rows", rows };
    const isRead = await this.#visit(held.length, ROWS_AT_ONCE, visit, async (read) => {
      store ??= new RowStore(held.length, read, layers.dtype);
      for (let i = 0; i < read.m; i++) store.copyRow(filled++, read, i);
    });
    if (!isRead || store === undefined) return undefined;
    const examples = store.examples(held.length);
    if (examples.weights !== undefined) {
      checkSomeWeight(examples.weights, "examples on either side of validation.fraction");
    }
    const left = new DatasetReading(this.#dataset, this.#trainee, this.#signal, kept, this.#weights);
    return { kept: left, held: examples };
  }

  async classCounts(classes: number): Promise<readonly number[] | undefined> {
    const counts = Array.from({ length: classes }, () => 0);
    const isRead = await this.each(ROWS_AT_ONCE, async ({ labels }) => {
      for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
    });
    return isRead ? counts : undefined;
  }

  weighByClass(weights: readonly number[]): void {
    this.#weights.byClass(weights);
  }

  each(rows: number, take: (read: Examples) => Promise<void>): Promise<boolean> {
    return this.#visit(this.m, rows, { words: (k) => `batch ${k}`, rows: firstRows }, take);
  }

  /** Takes up `m` rows, so many at a time, the next ones asked for meanwhile. False where the signal aborts before. */
  async #visit(
    m: number,
    many: number,
    { words, rows }: Visit,
    take: (read: Examples) => Promise<void>,
  ): Promise<boolean> {
    const ask = (start: number) => this.ask(rows(Math.min(many, m - start), start), words(start / many + 1));
    let asked = ask(0);
    for (let start = 0; start < m; start += many) {
      const read = await this.take(asked, "copied");
      if (read === undefined) return false;
      if (start + many < m) asked = ask(start + many);
      await take(read);
    }
    return true;
  }

  /** Asks for the rows at these places. */
  ask(at: Uint32Array, words: string): Asked {
    const indices = at.map((i) => this.#rows?.[i] ?? i);
    const rows = (async () => this.#dataset.read(indices.slice()))();
    rows.catch(() => undefined); // It is raised where it is waited for, if it is.
    return { place: { words, indices }, rows };
  }

  /** What was asked for, checked. Undefined where the signal aborts before. */
  async take({ place, rows }: Asked, ownership?: Ownership): Promise<Examples | undefined> {
    const { config, layers } = this.#trainee;
    const got = await arrived(rows, this.#signal).catch((error: unknown) => {
      if (this.#signal?.aborted) return undefined;
      throw unreadable(error, place);
    });
    return got && this.#weights.weighed(readBatch(got.value, place, config, layers.engine, ownership), place);
  }

  source(layers: Layers, batch: BatchMemory, settings: SourceSettings): BatchSource {
    batch.weigh(false);
    return new DatasetSource(this, layers, batch, settings);
  }

  close(): void {}
}

/** Rows that are read at once where no batch says how many. */
const ROWS_AT_ONCE = 1024;

/** Batches in the order of arrays, the next one's rows asked for when this one's are in memory. */
class DatasetSource implements BatchSource {
  readonly operations: readonly Operation[];
  readonly #reading: DatasetReading;
  readonly #layers: Layers;
  readonly #loader: BatchLoader;
  readonly #settings: SourceSettings;
  #order: Uint32Array = new Uint32Array(0);
  #next: { readonly start: number; readonly asked: Asked } | undefined;

  constructor(reading: DatasetReading, layers: Layers, batch: BatchMemory, settings: SourceSettings) {
    this.operations = scalePass(layers, batch.x);
    this.#reading = reading;
    this.#layers = layers;
    this.#loader = new BatchLoader(layers, batch, settings.warnings);
    this.#settings = settings;
  }

  get scales(): Float64Array | undefined {
    return this.#loader.scales;
  }

  begin(epoch: number): undefined {
    const { m } = this.#reading;
    const { size, seed } = this.#settings;
    this.#order = size === m ? firstRows(m) : epochOrder(this.#layers.engine, m, seed, epoch);
    this.#next = undefined;
  }

  async gather(start: number, rows: number, step = rows): Promise<number> {
    const asked = this.#next?.start === start ? this.#next.asked : this.#ask(start);
    const examples = await this.#reading.take(asked);
    if (examples === undefined) return 0;
    this.#loader.load(examples, start === 0);
    const after = start + rows;
    this.#next = after < this.#reading.m ? { start: after, asked: this.#ask(after) } : undefined;
    return step;
  }

  /** A step has a whole number of parts but where it is the epoch's last. */
  #ask(start: number): Asked {
    const { part } = this.#settings;
    return this.#reading.ask(this.#order.subarray(start, start + part), `batch ${start / part + 1}`);
  }

  get heaviest(): number {
    return this.#loader.heaviest;
  }

  end(): void {
    this.#loader.checkSomeWeight();
  }

  release(): void {
    this.#loader.release();
  }
}

function firstRows(m: number, start = 0): Uint32Array {
  return Uint32Array.from({ length: m }, (_, i) => start + i);
}

function checkLength(length: unknown): number {
  if (typeof length === "number" && Number.isInteger(length) && length >= 1 && length < 2 ** 32)
    return length;
  throw new ShapeError("length", "the data set's rows: an integer in [1, 2^32)", describe(length));
}
