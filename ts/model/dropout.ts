import { KEEP_PROB } from "../catalog/ranges.js";
import { checkNumber } from "../config/validation.js";
import { elementError, Matrix, matrixOf } from "../data/matrix.js";
import type { Span } from "../engine/memory.js";
import { ConfigError, describe, ShapeError } from "../errors/errors.js";
import type { BatchMemory } from "./batch-memory.js";
import type { Layers } from "./layers.js";

/**
 * Inverted dropout: A ← A ⊙ mask / keepProb, mask = 1 with probability keepProb, of what the architecture drops.
 * Only in training.
 */
export interface Dropout {
  readonly keepProbs: readonly number[];
  /** Of all that is dropped: each a number, 0 or 1, for each unit of each example. */
  readonly masks: readonly Span[];
  /** Whether each step draws them anew, from (seed, epoch, step, which), or they were given. */
  readonly source: "random" | "given";
}

/**
 * Copies of given masks, one matrix (m × n of 0 and 1) for each layer that is dropped, for steps compared with another
 * program. Raises ShapeError or DataError.
 */
export function readMasks(masks: unknown, layers: Layers): readonly Matrix[] {
  const { drops } = layers.architecture;
  if (!Array.isArray(masks) || masks.length !== drops.length) {
    const got = Array.isArray(masks) ? `${masks.length}` : describe(masks);
    const each = "layers" in layers.config ? "dropout" : "hidden layer";
    throw new ShapeError("dropoutMasks", `${drops.length} matrices, one a ${each}`, got);
  }
  return drops.map((_, i) => readMask(`dropoutMasks[${i}]`, masks[i]));
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
    const width = layers.architecture.drops[i]?.width;
    if (rows === m && cols === width) return;
    throw new ShapeError(`dropoutMasks[${i}]`, `a ${m}×${width} Matrix of 0 and 1`, `${rows}×${cols}`);
  });
}

/**
 * Dropout by given masks, which are copied into the batch's memory; by random ones; or none where nothing is dropped.
 * `keepProb` is that of layers that have none of their own. Raises ConfigError where all have.
 */
export function dropoutOf(
  keepProb: number,
  masks: readonly Matrix[] | undefined,
  layers: Layers,
  batch: BatchMemory,
): Dropout | undefined {
  if (keepProb < 1 && "layers" in layers.config) {
    throw new ConfigError(
      "keepProb",
      "none: dropout({ keepProb }) among the layers says where",
      `${keepProb}`,
    );
  }
  const { drops } = layers.architecture;
  if (masks === undefined && drops.every((drop) => (drop.keepProb ?? keepProb) === 1)) return undefined;
  const keepProbs = drops.map((drop) => drop.keepProb ?? keepProb);
  const room = batch.masks(layers);
  if (masks === undefined) return { keepProbs, masks: room, source: "random" };
  masks.forEach(({ data }, i) => {
    room[i]?.write(data);
  });
  return { keepProbs, masks: room, source: "given" };
}

/** A probability of keeping a unit: in (0, 1]. */
export function checkKeepProb(value: unknown): number {
  return checkNumber("keepProb", value, ...KEEP_PROB);
}
