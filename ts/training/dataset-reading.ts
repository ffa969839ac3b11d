import type { Dataset } from "../data/dataset.js";
import type { Examples } from "../data/examples.js";
import { epochOrder } from "../data/mini-batches.js";
import { RowStore } from "../data/row-store.js";
import { splitRows } from "../data/split.js";
import type { Operation } from "../engine/operations.js";
import { ConfigError, describe, ShapeError } from "../errors/errors.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import { scalePass } from "../model/scaling.js";
import { arrived } from "./arrival.js";
import { BatchLoader } from "./batch-loader.js";
import type { BatchSource } from "./batch-source.js";
import { type Place, readBatch, unreadable } from "./read-batch.js";
import type { HeldBack, Reading, SourceSettings } from "./reading.js";
import type { Trainee } from "./state.js";

/** Rows that were asked for. */
interface Asked {
  readonly place: Place;
  readonly rows: Promise<unknown>;
}

/** A data set, or some of its rows, that is read by index. */
export class DatasetReading implements Reading {
  readonly m: number;
  readonly #dataset: Dataset;
  readonly #trainee: Trainee;
  readonly #signal: AbortSignal | undefined;
  /** Which of its rows; undefined: all. */
  readonly #rows: Uint32Array | undefined;

  constructor(dataset: Dataset, trainee: Trainee, signal: AbortSignal | undefined, rows?: Uint32Array) {
    this.m = rows?.length ?? checkLength(dataset.length);
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
    const examples = await this.#readAll(held);
    if (examples === undefined) return undefined;
    return { kept: new DatasetReading(this.#dataset, this.#trainee, this.#signal, kept), held: examples };
  }

  /** These rows, some at a time. */
  async #readAll(rows: Uint32Array): Promise<Examples | undefined> {
    let store: RowStore | undefined;
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const some = rows.subarray(start, start + ROWS_AT_ONCE);
      const read = await this.take(this.ask(some, "validation's rows"));
      if (read === undefined) return undefined;
      store ??= new RowStore(rows.length, read, this.#trainee.layers.dtype);
      for (let i = 0; i < some.length; i++) store.copyRow(start + i, read, i);
    }
    return store?.examples(rows.length);
  }

  /** Asks for the rows at these places. */
  ask(at: Uint32Array, words: string): Asked {
    const indices = at.map((i) => this.#rows?.[i] ?? i);
    const rows = (async () => this.#dataset.read(indices.slice()))();
    rows.catch(() => undefined); // It is raised where it is waited for, if it is.
    return { place: { words, indices }, rows };
  }

  /** What was asked for, checked. Undefined where the signal aborts before. */
  async take({ place, rows }: Asked): Promise<Examples | undefined> {
    const { config, layers } = this.#trainee;
    const got = await arrived(rows, this.#signal).catch((error: unknown) => {
      if (this.#signal?.aborted) return undefined;
      throw unreadable(error, place);
    });
    return got && readBatch(got.value, place, config, layers.engine);
  }

  source(layers: Layers, batch: BatchMemory, settings: SourceSettings): BatchSource {
    batch.weigh(false);
    return new DatasetSource(this, layers, batch, settings);
  }

  close(): void {}
}

/** Rows that are read at once of those that are held back. */
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

  begin(epoch: number): void {
    const { m } = this.#reading;
    const { size, seed } = this.#settings;
    this.#order = size === m ? firstRows(m) : epochOrder(this.#layers.engine, m, seed, epoch);
    this.#next = undefined;
  }

  async gather(start: number, rows: number): Promise<number> {
    const asked = this.#next?.start === start ? this.#next.asked : this.#ask(start);
    const examples = await this.#reading.take(asked);
    if (examples === undefined) return 0;
    this.#loader.load(examples);
    const after = start + rows;
    this.#next = after < this.#reading.m ? { start: after, asked: this.#ask(after) } : undefined;
    return rows;
  }

  #ask(start: number): Asked {
    const { size } = this.#settings;
    return this.#reading.ask(this.#order.subarray(start, start + size), `batch ${start / size + 1}`);
  }

  release(): void {
    this.#loader.release();
  }
}

function firstRows(m: number): Uint32Array {
  return Uint32Array.from({ length: m }, (_, i) => i);
}

function checkLength(length: unknown): number {
  if (typeof length === "number" && Number.isInteger(length) && length >= 1 && length < 2 ** 32)
    return length;
  throw new ShapeError("length", "the data set's rows: an integer in [1, 2^32)", describe(length));
}
