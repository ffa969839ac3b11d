import { changedMeanwhile, type Examples, ownExamples } from "../data/examples.js";
import { epochOrder } from "../data/mini-batches.js";
import { checkPresent, newFloats } from "../data/numbers.js";
import { numbersOf, scaleInto } from "../data/scaled.js";
import type { Engine, Pause, Program } from "../engine/engine.js";
import type { Cells, Floats, Room, Span } from "../engine/memory.js";
import { type Operation, ORDERS } from "../engine/operations.js";
import { gatherRows } from "../engine/rows.js";
import { ResourceError } from "../errors/errors.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import { PackedInputs } from "../model/packed-inputs.js";
import { loadInputs, scaleAll, scalePass } from "../model/scaling.js";
import { CHUNK } from "../platform/breath.js";

/** Where fit's batches come from: the examples of one data set, an epoch's order after another. */
export interface BatchSource {
  /** What brings a step's batch into its memory, as the first operations of the step. */
  readonly operations: readonly Operation[];
  /**
   * The same before each step, where JavaScript does it: `rows` examples from the one at `start` in the order on, the first of
   * `step` examples where a step begins with them. A promise where they have to be waited for: of how many the step has (fewer
   * at the end of data of unknown length), or else of those that came; 0 where the signal aborts.
   */
  gather?(start: number, rows: number, step?: number): Promise<number> | undefined;
  /** The scales of x's columns, where they are known with the first batch. */
  readonly scales?: Float64Array | undefined;
  /** What no example of them weighs more than, likewise; at least 1. */
  readonly heaviest?: number;
  /** Puts the examples into this epoch's order. A generator where that takes long, to be run to its end. */
  begin(epoch: number): Generator<Pause, unknown> | undefined;
  /** At an epoch's end: raises DataError where nothing in it weighed anything. */
  end?(): void;
  /** Gives back what memory it holds. */
  release(): void;
}

/**
 * Bytes of a data set that is copied into the engine's memory, where gathering a batch takes less than half the time,
 * and all threads do it. Of larger ones the copy is in JavaScript's memory: an engine's may be 4 GiB at most, and is
 * never given back to the system.
 */
const MOST_BYTES = 256 * 2 ** 20;

/** Examples whose order takes longer to make than the event loop should wait. */
const LONG_ORDER = 1 << 16;

/** Bytes of the words that the gathering kernel copies. */
const WORD = 4;

/** Such words of an example's weight. */
const WEIGHT_WORDS = 2;

/** Examples of a step and, by default as many, of a batch; what keys their order; and how often all are taken, by default once. */
interface BatchSizes {
  readonly size: number;
  readonly part?: number;
  readonly seed: number;
  readonly epochs?: number;
}

/**
 * The source of a fit's steps of up to `size` examples, of which the batch holds `part` at a time, their order keyed by
 * `seed`, or their own where one step has all: of a copy, which nobody else can change. A generator, so that a long copy
 * can be interrupted. Raises DataError for what was changed before it was copied, ResourceError where there is no memory.
 */
export function* openBatchSource(
  layers: Layers,
  batch: BatchMemory,
  examples: Examples,
  { size, part = size, seed, epochs = 1 }: BatchSizes,
): Generator<void, BatchSource> {
  const { x, labels, weights, m } = examples;
  batch.weigh(weights !== undefined);
  if (part === m) {
    yield* loadInChunks(layers, batch, examples);
    return new LoadedSource(layers, batch, m, epochs);
  }
  if (x.byteLength + labels.byteLength <= MOST_BYTES) {
    try {
      return yield* EngineSource.copied(layers, batch, examples, size < m ? seed : undefined);
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error; // Without room, only time is lost.
    }
  }
  const own = yield* ownExamples(examples, layers.engine, layers.dtype);
  return new JavaScriptSource(layers, batch, own, size < m ? seed : undefined, part);
}

function ownOrder(m: number): Uint32Array {
  const order = new Uint32Array(m);
  for (let i = 0; i < m; i++) order[i] = i;
  return order;
}

interface Target {
  /** Bytes where the examples' x are, or numbers. */
  readonly x: Span<Cells>;
  readonly labels: Span<Cells>;
  readonly weights: Span<Cells> | null;
}

/**
 * Copies of x and labels ← the examples in their own order, each chunk of a borrowed x checked once it is there; then x is
 * scaled, unless it is of bytes still.
 */
function* loadInChunks(layers: Layers, to: Target, examples: Examples): Generator<void, void> {
  const { engine, dtype } = layers;
  const { x, labels, weights, m, inputs, borrowed } = examples;
  const isOfBytes = x instanceof Uint8Array;
  const length = m * inputs;
  for (let start = 0; start < length; start += CHUNK) {
    checkPresent("x", x, length);
    const end = Math.min(start + CHUNK, length);
    const isKept = to.x.type === "uint8";
    to.x.write(isKept ? x.subarray(start, end) : numbersOf(examples, start, end, dtype), start);
    if (borrowed && !isOfBytes) {
      const copy = to.x.part(start, end - start) as Span<Cells> as Span<Floats>;
      if (!engine.isFinite(copy)) throw changedMeanwhile();
    }
    yield;
  }
  to.labels.write(labels);
  if (weights !== undefined) to.weights?.write(weights);
  if (to.x.type !== "uint8") yield* scaleAll(layers, to.x as Span<Cells> as Span, m);
}

/** The batch's memory ← all examples in their own order, x scaled. */
export function load(layers: Layers, batch: BatchMemory, examples: Examples): void {
  loadInputs(layers, batch, examples, 0, examples.m);
  batch.labels.write(examples.labels);
  if (examples.weights === undefined) batch.weigh(false);
  else batch.weigh(true)?.write(examples.weights);
}

/** One batch holds all: it crossed over when fit began, and the first step packs it where that gains something. */
class LoadedSource implements BatchSource {
  readonly operations: readonly Operation[];
  readonly #batch: BatchMemory;

  constructor(layers: Layers, batch: BatchMemory, m: number, epochs: number) {
    const packed = PackedInputs.of(layers, m, epochs);
    batch.packed = packed;
    this.operations = packed === undefined ? [] : [packed.pass(batch.x, layers.inputs)];
    this.#batch = batch;
  }

  begin(): undefined {}

  release(): void {
    this.#batch.packed?.release();
    this.#batch.packed = undefined;
  }
}

/** The data set stays in JavaScript's memory, and each batch crosses over. */
class JavaScriptSource implements BatchSource {
  readonly operations: readonly Operation[];
  readonly #engine: Engine;
  readonly #batch: BatchMemory;
  readonly #examples: Examples;
  readonly #seed: number | undefined;
  /** Room for a batch's bytes as numbers. */
  readonly #numbers: Floats | undefined;
  #order: Uint32Array = new Uint32Array(0);

  constructor(
    layers: Layers,
    batch: BatchMemory,
    examples: Examples,
    seed: number | undefined,
    size: number,
  ) {
    const { engine, dtype } = layers;
    this.operations = scalePass(layers, batch.x);
    this.#engine = engine;
    if (examples.x instanceof Uint8Array) this.#numbers = newFloats("x", size * examples.inputs, dtype);
    this.#batch = batch;
    this.#examples = examples;
    this.#seed = seed;
  }

  begin(epoch: number): undefined {
    const { m } = this.#examples;
    const seed = this.#seed;
    this.#order = seed === undefined ? ownOrder(m) : epochOrder(this.#engine, m, seed, epoch);
  }

  gather(start: number, rows: number): undefined {
    // Workers that fell asleep wake up while rows are copied.
    this.#engine.rouse();
    const { x, scale, labels, weights, inputs, labelWidth } = this.#examples;
    const order = this.#order.subarray(start, start + rows);
    if (this.#numbers === undefined) this.#batch.x.gather(x, inputs, order);
    else {
      gatherRows(this.#numbers, 0, x, inputs, order);
      const numbers = this.#numbers.subarray(0, rows * inputs);
      scaleInto(numbers, numbers, scale);
      this.#batch.x.write(numbers);
    }
    this.#batch.labels.gather(labels, labelWidth, order);
    if (weights !== undefined) this.#batch.weights?.gather(weights, 1, order);
  }

  release(): void {}
}

/** The data set lies in the engine's memory, where a kernel gathers each batch on all threads. */
class EngineSource implements BatchSource {
  readonly operations: readonly Operation[];
  readonly #room: Room;
  readonly #m: number;
  /** None where the order is the examples' own. */
  readonly #shuffle: Program | undefined;

  /** The source of a copy of the examples. Raises ResourceError where there is no room for it. */
  static *copied(
    layers: Layers,
    batch: BatchMemory,
    examples: Examples,
    seed: number | undefined,
  ): Generator<void, BatchSource> {
    const { x, labels, weights, m } = examples;
    const room = layers.engine.room(`a data set of ${m} examples`, {
      x: { type: x instanceof Uint8Array ? "uint8" : layers.dtype, length: x.length },
      labels: { type: layers.labelType, length: labels.length },
      weights: { type: "float64", length: weights?.length ?? 0 },
      order: { type: "uint32", length: m },
    });
    try {
      yield* loadInChunks(layers, room.spans, examples);
      return new EngineSource(layers, batch, examples, seed, room);
    } catch (error) {
      room.release();
      throw error;
    }
  }

  private constructor(
    layers: Layers,
    batch: BatchMemory,
    { x, scale, labels, m, inputs, labelWidth }: Examples,
    seed: number | undefined,
    room: Room<"x" | "labels" | "weights" | "order">,
  ) {
    const { spans } = room;
    const order = spans.order as Span<Cells> as Span<Uint32Array>;
    const gather = { op: "gather" as const, m, order };
    const gatherInputs: Operation =
      x instanceof Uint8Array
        ? { ...gather, op: "gatherBytes", to: batch.x, from: spans.x, width: inputs, scale }
        : { ...gather, to: batch.x, from: spans.x, width: (inputs * x.BYTES_PER_ELEMENT) / WORD };
    const labelWords = (labelWidth * labels.BYTES_PER_ELEMENT) / WORD;
    this.#room = room;
    this.#m = m;
    if (seed === undefined) order.write(ownOrder(m));
    else {
      const shuffle = { op: "shuffle", order, m, seed, purpose: ORDERS.shuffle } as const;
      this.#shuffle = layers.engine.program(layers.dtype, [shuffle]);
    }
    this.operations = [
      gatherInputs,
      { ...gather, to: batch.labels, from: spans.labels, width: labelWords },
      ...(batch.weights === null
        ? []
        : [{ ...gather, to: batch.weights, from: spans.weights, width: WEIGHT_WORDS }]),
      ...(x instanceof Uint8Array ? scalePass(layers, batch.x) : []), // Others were scaled when they were copied.
    ];
  }

  begin(epoch: number): Generator<Pause, unknown> | undefined {
    if (this.#m > LONG_ORDER) return this.#shuffle?.aside(0, epoch, 0);
    this.#shuffle?.run(0, epoch, 0);
    return undefined;
  }

  release(): void {
    this.#shuffle?.release();
    this.#room.release();
  }
}
