import type { Batch, Stream } from "../data/dataset.js";
import type { Examples } from "../data/examples.js";
import { describe, ShapeError } from "../errors/errors.js";
import { arrived } from "./arrival.js";
import type { BatchWeights } from "./batch-weights.js";
import { type Place, readBatch, unreadable } from "./read-batch.js";
import type { Trainee } from "./state.js";

/** What a stream's batches are taken from. */
interface Iterated {
  next(): unknown;
  return?(): unknown;
}

/** One way through a stream: its batches, each asked for when the one before has come. */
export class StreamReader {
  readonly #trainee: Trainee;
  readonly #weights: BatchWeights;
  readonly #signal: AbortSignal | undefined;
  readonly #opening: Promise<Iterated>;
  #asked: Promise<unknown>;
  /** Batches that were looked at before they were wanted. */
  readonly #queue: Examples[] = [];
  #count = 0;
  #isOver = false;

  constructor(stream: Stream, trainee: Trainee, weights: BatchWeights, signal: AbortSignal | undefined) {
    this.#trainee = trainee;
    this.#weights = weights;
    this.#signal = signal;
    this.#opening = iterate(stream);
    this.#asked = this.#ask();
  }

  /** The next batch, "end" behind the last. Undefined where the signal aborts before. */
  async next(): Promise<Examples | "end" | undefined> {
    return this.#queue.shift() ?? (await this.#read());
  }

  /** The first rows that come, without taking them. */
  async ahead(rows: number): Promise<readonly Examples[] | undefined> {
    const parts: Examples[] = [];
    for (let left = rows; left > 0; ) {
      const examples = await this.#read();
      if (examples === undefined) return undefined;
      if (examples === "end") break;
      this.#queue.push(examples);
      const m = Math.min(left, examples.m);
      const { x, labels, inputs, labelWidth, weights } = examples;
      parts.push({
        ...examples,
        m,
        x: x.subarray(0, m * inputs),
        labels: labels.subarray(0, m * labelWidth),
        weights: weights?.subarray(0, m),
      });
      left -= m;
    }
    return parts;
  }

  async #read(): Promise<Examples | "end" | undefined> {
    if (this.#isOver) return "end";
    const place: Place = { words: `batch ${this.#count + 1} of the stream` };
    const got = await arrived(this.#asked, this.#signal).catch((error: unknown) => {
      if (error instanceof ShapeError) throw error;
      if (this.#signal?.aborted) return undefined;
      throw unreadable(error, place);
    });
    if (got === undefined) return undefined;
    const { done, value } = resultOf(got.value, place);
    this.#isOver = done;
    if (done) return "end";
    this.#count += 1;
    const { config, layers } = this.#trainee;
    // A copy: a generator may fill the same array again.
    const examples = this.#weights.weighed(readBatch(value, place, config, layers.engine, "copied"), place);
    this.#asked = this.#ask();
    return examples;
  }

  #ask(): Promise<unknown> {
    const asked = this.#opening.then(async (iterator) => {
      const result = await iterator.next();
      // A plain iterable may give promises, as for await takes them.
      if (typeof result !== "object" || result === null || !("value" in result)) return result;
      return { ...result, value: await result.value };
    });
    asked.catch(() => undefined); // It is raised where it is waited for, if it is.
    return asked;
  }

  /** Ends the iteration, if it hasn't ended: nobody waits for that. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#opening.then((iterator) => iterator.return?.()).catch(() => undefined);
  }
}

async function iterate({ batches }: Stream): Promise<Iterated> {
  const given: unknown = await batches();
  if (typeof given === "object" && given !== null) {
    const iterable: Partial<AsyncIterable<Batch> & Iterable<Batch> & Iterated> = given;
    if (typeof iterable[Symbol.asyncIterator] === "function")
      return (given as AsyncIterable<Batch>)[Symbol.asyncIterator]();
    if (typeof iterable[Symbol.iterator] === "function") return (given as Iterable<Batch>)[Symbol.iterator]();
    if (typeof iterable.next === "function") return given as Iterated; // as a stream comes to a worker
  }
  throw new ShapeError("batches()", "an async iterable of { x, y }", describe(given));
}

function resultOf(result: unknown, place: Place): { readonly done: boolean; readonly value: unknown } {
  if (typeof result !== "object" || result === null) {
    throw new ShapeError(place.words, "an iterator's result", describe(result));
  }
  const { done, value }: { done?: unknown; value?: unknown } = result;
  return { done: done === true, value };
}
