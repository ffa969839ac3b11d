import { KEEP_PROB } from "../catalog/ranges.js";
import { checkNumber } from "../config/validation.js";
import { elementError, Matrix, matrixOf } from "../data/matrix.js";
import type { Span } from "../engine/memory.js";
import { describe, ShapeError } from "../errors/errors.js";
import type { BatchMemory } from "./batch-memory.js";
import type { Layers } from "./layers.js";

/**
 * Inverted dropout of hidden layers: A ← A ⊙ mask / keepProb, mask = 1 with probability keepProb.
 * Only in training; the output layer and the input are never dropped.
 */
export interface Dropout {
  readonly keepProb: number;
  /** The masks of the hidden layers 1 … L−1: each a number, 0 or 1, for each unit of each example. */
  readonly masks: readonly Span[];
  /** Whether each step draws them anew, from (seed, epoch, step, layer), or they were given. */
  readonly source: "random" | "given";
}

/**
 * Copies of given masks, one matrix (m × n_l of 0 and 1) a hidden layer, for steps compared with another program.
 * Raises ShapeError or DataError.
 */
export function readMasks(masks: unknown, layers: Layers): readonly Matrix[] {
  const hidden = layers.dense.slice(0, -1);
  if (!Array.isArray(masks) || masks.length !== hidden.length) {
    const got = Array.isArray(masks) ? `${masks.length}` : describe(masks);
    throw new ShapeError("dropoutMasks", `${hidden.length} matrices, one a hidden layer`, got);
  }
  return hidden.map((_layer, i) => readMask(`dropoutMasks[${i}]`, masks[i]));
}

function readMask(path: string, given: unknown): Matrix {
  const { data, rows, cols } = matrixOf(path, given);
  const mask = new Matrix(data.slice(), rows, cols);
  const at = mask.data.findIndex((value) => value !== 0 && value !== 1);
  if (at >= 0) throw elementError(path, given, at, cols, "0 or 1", `${mask.data[at]}`);
  return mask;
}

/** Raises ShapeError where given masks don't fit m examples. */
export function checkMasks(masks: readonly Matrix[], layers: Layers, m: number): void {
  masks.forEach(({ rows, cols }, i) => {
    const width = layers.dense[i]?.outputs;
    if (rows === m && cols === width) return;
    throw new ShapeError(`dropoutMasks[${i}]`, `a ${m}×${width} Matrix of 0 and 1`, `${rows}×${cols}`);
  });
}

/** Dropout by given masks, which are copied into the batch's memory; by random ones; or none with keepProb 1. */
export function dropoutOf(
  keepProb: number,
  masks: readonly Matrix[] | undefined,
  layers: Layers,
  batch: BatchMemory,
): Dropout | undefined {
  if (masks === undefined && keepProb === 1) return undefined;
  const room = batch.masks(layers);
  if (masks === undefined) return { keepProb, masks: room, source: "random" };
  masks.forEach(({ data }, i) => {
    room[i]?.write(data);
  });
  return { keepProb, masks: room, source: "given" };
}

/** A probability of keeping a unit: in (0, 1]. */
export function checkKeepProb(value: unknown): number {
  return checkNumber("keepProb", value, ...KEEP_PROB);
}
