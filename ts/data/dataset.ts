import { checkInteger, readOptions } from "../config/validation.js";
import { ConfigError, describe } from "../errors/errors.js";
import type { Labels } from "./examples.js";
import type { Inputs } from "./inputs.js";
import type { Numbers } from "./numbers.js";

/** Some examples, in any form that fit takes. */
export interface Batch {
  readonly x: Inputs;
  readonly y: Labels;
  /** w >= 0 of each of them, as in {@link Network.fit}. Batches have weights or have none, all alike. Default: all 1. */
  readonly sampleWeight?: Numbers;
}

/** A data set whose rows are read when they are needed, by their indices: larger than memory, if need be. */
export interface Dataset {
  /** How many rows it has. */
  readonly length: number;
  /** These rows, in this order. The next batch's are asked for before this one's step. */
  read(indices: Uint32Array): Batch | PromiseLike<Batch>;
}

/** What {@link stream} takes. */
export interface StreamOptions {
  /**
   * How many rows are held to be shuffled: an integer >= 1; 1 leaves them as they come. Each place in the window gives its row
   * once in so many rows, in an order that follows from the seed and the epoch, and takes the next one that comes.
   */
  readonly shuffleWindow: number;
  /**
   * How many rows an epoch has: an integer >= 1. Needed for checkpoints and for schedules in epochs. Default: as many as come.
   */
  readonly length?: number;
}

/** Batches of any sizes that come one after another, as {@link stream} makes it. */
export interface Stream {
  readonly type: "stream";
  readonly batches: () => BatchIterable;
  readonly shuffleWindow: number;
  readonly length: number | undefined;
}

/** What gives batches one after another: an async generator, a web stream, an array. */
export type BatchIterable = AsyncIterable<Batch> | Iterable<Batch | PromiseLike<Batch>>;

/**
 * A data set that is read from its beginning to its end, for {@link Network.fit}: `batches` is called for each epoch, and
 * what it gives is cut anew to batchSize. Raises ConfigError.
 */
export function stream(batches: () => BatchIterable, options: StreamOptions): Stream {
  const { shuffleWindow, length } = readOptions("stream", "options", options);
  if (typeof batches !== "function") {
    throw new ConfigError("batches", "a function that gives an async iterable", describe(batches));
  }
  if (shuffleWindow === undefined) {
    const expected = "how many rows are held to be shuffled, such as 10000 (1: as they come)";
    throw new ConfigError("shuffleWindow", expected, "undefined");
  }
  const most = Number.MAX_SAFE_INTEGER;
  return Object.freeze({
    type: "stream",
    batches,
    shuffleWindow: checkInteger("shuffleWindow", shuffleWindow, 1, most),
    length: length === undefined ? undefined : checkInteger("length", length, 1, most),
  });
}

export function isStream(value: unknown): value is Stream {
  return isObject(value) && "type" in value && value.type === "stream" && "batches" in value;
}

/** Whether rows can be read from it by their indices. */
export function isDataset(value: unknown): value is Dataset {
  return isObject(value) && "length" in value && "read" in value && typeof value.read === "function";
}

/** Whether it is read while training goes on, and holds its own labels. */
export function isRead(value: unknown): value is Dataset | Stream {
  return isStream(value) || isDataset(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
