import type { BatchMemory } from "./batch-memory.js";
import { epochOrder, gatherClasses, gatherRows } from "./batches.js";
import { CHUNK } from "./breath.js";
import { changedMeanwhile, type Examples, ownExamples } from "./data.js";
import { ResourceError } from "./errors.js";
import { allFiniteAt } from "./finite.js";
import type { Layers } from "./layers.js";
import { Plan } from "./memory.js";
import { checkPresent } from "./numbers.js";

/** Where fit's batches come from: the examples of one data set, an epoch's order after another. */
export interface BatchSource {
  /** Puts the examples into this epoch's order. */
  begin(epoch: number): void;
  /** The batch's memory ← so many examples, from the one at `start` in the order on. */
  gather(start: number, rows: number): void;
  /** Gives back what memory it holds. */
  release(): void;
}

/**
 * Bytes of a data set that is copied into wasm memory, where gathering a batch takes less than half the time, and all
 * threads do it. Of larger ones the copy is in JavaScript's memory: wasm memory is 4 GiB at most, and is never given
 * back to the system.
 */
const MOST_BYTES = 256 * 2 ** 20;

/** Bytes of the words that the gathering kernel copies, and of an order's numbers. */
const WORD = 4;

/**
 * The source of a fit's batches of up to `size` examples, their order keyed by `seed`: of a copy, which nobody else
 * can change. A generator, so that a long copy can be interrupted. Raises DataError for what was changed before it
 * was copied, ResourceError where there is no memory.
 */
export function* openBatchSource(
  layers: Layers,
  batch: BatchMemory,
  examples: Examples,
  { size, seed }: { readonly size: number; readonly seed: number },
): Generator<void, BatchSource> {
  const { x, labels, m } = examples;
  if (size === m) {
    yield* loadInChunks(layers, batch, examples);
    return ALL_LOADED;
  }
  if (x.byteLength + labels.byteLength <= MOST_BYTES) {
    try {
      return yield* FromWasm.copied(layers, batch, examples, seed);
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error; // Without room, only time is lost.
    }
  }
  return new FromJavaScript(layers, batch, yield* ownExamples(examples, layers.instance, layers.dtype), seed);
}

/** Copies of x and labels ← the examples in their own order, each chunk of a borrowed x checked once it is there. */
function* loadInChunks(
  layers: Layers,
  to: { readonly x: number; readonly labels: number },
  { x, labels, m, inputs, borrowed }: Examples,
): Generator<void, void> {
  const length = m * inputs;
  for (let start = 0; start < length; start += CHUNK) {
    checkPresent("x", x, length);
    const chunk = x.subarray(start, start + CHUNK);
    const offset = to.x + start * x.BYTES_PER_ELEMENT;
    layers.write(offset, chunk);
    if (borrowed && !allFiniteAt(layers.kernels, offset, chunk.length)) throw changedMeanwhile();
    yield;
  }
  layers.writeLabels(to.labels, labels);
}

/** The batch's memory ← all examples in their own order. */
export function load(layers: Layers, batch: BatchMemory, examples: Examples): void {
  layers.write(batch.x, examples.x);
  layers.writeLabels(batch.labels, examples.labels);
}

/** One batch holds all: it crossed into wasm when fit began. */
const ALL_LOADED: BatchSource = {
  begin: () => undefined,
  gather: () => undefined,
  release: () => undefined,
};

/** The data set stays in JavaScript's memory, and each batch crosses into wasm. */
class FromJavaScript implements BatchSource {
  readonly #layers: Layers;
  readonly #batch: BatchMemory;
  readonly #examples: Examples;
  readonly #seed: number;
  #order: Uint32Array = new Uint32Array(0);

  constructor(layers: Layers, batch: BatchMemory, examples: Examples, seed: number) {
    this.#layers = layers;
    this.#batch = batch;
    this.#examples = examples;
    this.#seed = seed;
  }

  begin(epoch: number): void {
    this.#order = epochOrder(this.#layers.instance, this.#examples.m, this.#seed, epoch);
  }

  gather(start: number, rows: number): void {
    const layers = this.#layers;
    // Workers that fell asleep wake up while rows are copied.
    if (layers.threads > 1) layers.instance.rouse(layers.threads);
    const { x, labels, inputs, labelWidth } = this.#examples;
    const order = this.#order.subarray(start, start + rows);
    const numbers = layers.numbers();
    gatherRows(numbers, layers.indexOf(this.#batch.x), x, inputs, order);
    const labelsAt = this.#batch.labels;
    if (labels instanceof Uint32Array) {
      gatherClasses(layers.instance.uint32s(), labelsAt / WORD, labels, order);
    } else {
      gatherRows(numbers, layers.indexOf(labelsAt), labels, labelWidth, order);
    }
  }

  release(): void {}
}

/** The data set lies in wasm memory, where a kernel gathers each batch on all threads. */
class FromWasm implements BatchSource {
  readonly #layers: Layers;
  readonly #batch: BatchMemory;
  readonly #m: number;
  readonly #seed: number;
  /** Words of 32 bits of an example's inputs and of its labels. */
  readonly #inputWords: number;
  readonly #labelWords: number;
  readonly #block: number;
  readonly #x: number;
  readonly #labels: number;
  readonly #order: number;

  /** The source of a copy of the examples. Raises ResourceError where there is no room for it. */
  static *copied(
    layers: Layers,
    batch: BatchMemory,
    examples: Examples,
    seed: number,
  ): Generator<void, BatchSource> {
    const source = new FromWasm(layers, batch, examples, seed);
    try {
      yield* loadInChunks(layers, { x: source.#x, labels: source.#labels }, examples);
      return source;
    } catch (error) {
      source.release();
      throw error;
    }
  }

  private constructor(layers: Layers, batch: BatchMemory, examples: Examples, seed: number) {
    const { x, labels, m, inputs, labelWidth } = examples;
    const plan = new Plan();
    const xAt = plan.reserve(x.byteLength);
    const labelsAt = plan.reserve(labels.byteLength);
    const orderAt = plan.reserve(WORD * m);
    this.#block = layers.blocks.allocate(plan.bytes, `a data set of ${m} examples`);
    this.#x = this.#block + xAt;
    this.#labels = this.#block + labelsAt;
    this.#order = this.#block + orderAt;
    this.#layers = layers;
    this.#batch = batch;
    this.#m = m;
    this.#seed = seed;
    this.#inputWords = (inputs * x.BYTES_PER_ELEMENT) / WORD;
    this.#labelWords = (labelWidth * labels.BYTES_PER_ELEMENT) / WORD;
  }

  begin(epoch: number): void {
    this.#layers.instance.shuffle(this.#order, this.#m, this.#seed, epoch);
  }

  gather(start: number, rows: number): void {
    const { instance, threads } = this.#layers;
    const order = this.#order + WORD * start;
    instance.gather(this.#batch.x, this.#x, this.#m, this.#inputWords, order, rows, threads);
    instance.gather(this.#batch.labels, this.#labels, this.#m, this.#labelWords, order, rows, threads);
  }

  release(): void {
    this.#layers.blocks.release(this.#block);
  }
}
