import type { NetworkConfig } from "../config/network-config.js";
import type { Batch } from "../data/dataset.js";
import { type Examples, type Ownership, toExamples } from "../data/examples.js";
import { toBatchWeights } from "../data/weights.js";
import type { Engine } from "../engine/engine.js";
import { DataError, describe, ShapeError } from "../errors/errors.js";
import { atOnce } from "../platform/breath.js";
import { messageOf } from "../platform/realm.js";

/** Where a batch was read from. */
export interface Place {
  /** Such as `batch 3 of epoch 2`. */
  readonly words: string;
  /** The rows of the data set that were asked for. */
  readonly indices?: Uint32Array;
}

/** The examples of a batch that was read, every number checked. Raises ShapeError or DataError naming the batch. */
export function readBatch(
  given: unknown,
  place: Place,
  config: NetworkConfig,
  engine: Engine,
  ownership: Ownership = "borrowed",
): Examples {
  if (typeof given !== "object" || given === null || !("x" in given && "y" in given)) {
    throw new ShapeError(place.words, "{ x, y }", describe(given));
  }
  const { x, y, sampleWeight }: Partial<Record<keyof Batch, unknown>> = given;
  try {
    const examples = atOnce(toExamples(x, y, config, engine, ownership));
    const { indices } = place;
    if (indices !== undefined && examples.m !== indices.length) {
      throw new ShapeError("x", `${indices.length} rows, as many as were asked for`, `${examples.m}`);
    }
    if (sampleWeight === undefined) return examples;
    return { ...examples, weights: atOnce(toBatchWeights(sampleWeight, examples.m, config.dtype)) };
  } catch (error) {
    throw placed(error, place, x);
  }
}

/** The error for a batch that couldn't be had. */
export function unreadable(cause: unknown, { words }: Place): DataError {
  return new DataError(words, "{ x, y }", `an error: ${messageOf(cause)}`, { cause });
}

function placed(error: unknown, { words, indices }: Place, x: unknown): unknown {
  if (error instanceof ShapeError)
    return new ShapeError(`${words}, ${error.path}`, error.expected, error.got);
  if (!(error instanceof DataError)) return error;
  const row = indices?.[rowOf(error.path, x)];
  const got = row === undefined ? error.got : `${error.got}, in row ${row} of the data set`;
  return new DataError(`${words}, ${error.path}`, error.expected, got);
}

/** The row that an error's path is about: `x[5][2]`, `y[5]`, `sampleWeight[5]`, or `x.data[17]` of so many columns. */
function rowOf(path: string, x: unknown): number {
  const [, index] = /^(?:x|y|sampleWeight)(?:\.data)?\[(\d+)\]/.exec(path) ?? [];
  const isFlat = path.startsWith("x.data") && typeof x === "object" && x !== null && "cols" in x;
  return Math.floor(Number(index ?? Number.NaN) / (isFlat ? Number(x.cols) : 1));
}
