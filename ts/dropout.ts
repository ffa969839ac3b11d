import { describe, ShapeError } from "./errors.js";
import type { Layers } from "./layers.js";
import { elementError, Matrix, matrixOf } from "./matrix.js";
import type { Place } from "./random.js";
import { checkNumber } from "./validation.js";
import type { Kernels } from "./wasm/kernels.js";

/**
 * Inverted dropout of hidden layers: A ← A ⊙ mask / keepProb, mask = 1 with probability keepProb.
 * Only in training; the output layer and the input are never dropped.
 */
export interface Dropout {
  readonly keepProb: number;
  readonly masks: MaskSource;
}

/** Where a step's masks come from: they are written into wasm memory before layer `layer` runs. */
export interface MaskSource {
  /** mask (rows × width numbers, each 0 or 1) ← this step's mask of hidden layer `layer` (1 … L−1). */
  fill(mask: number, rows: number, width: number, layer: number): void;
}

/** Masks that differ each step and follow from (seed, epoch, step, layer). */
export function randomMasks(kernels: Kernels, keepProb: number, seed: number, place: Place): MaskSource {
  return {
    fill: (mask, rows, width, layer) =>
      kernels.dropoutMask(mask, rows * width, keepProb, seed, place.epoch, place.step, layer),
  };
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

/** A step's masks as they were given. Raises ShapeError where they don't fit m examples. */
export function givenMasks(masks: readonly Matrix[], layers: Layers, m: number): MaskSource {
  masks.forEach(({ rows, cols }, i) => {
    const width = layers.dense[i]?.outputs ?? 0;
    if (rows === m && cols === width) return;
    throw new ShapeError(`dropoutMasks[${i}]`, `a ${m}×${width} Matrix of 0 and 1`, `${rows}×${cols}`);
  });
  return {
    fill: (offset, _rows, _width, layer) => {
      const mask = masks[layer - 1];
      if (mask !== undefined) layers.write(offset, mask.data);
    },
  };
}

/** A probability of keeping a unit: in (0, 1]. */
export function checkKeepProb(value: unknown): number {
  return checkNumber("keepProb", value, "a number in (0, 1]", (p) => p > 0 && p <= 1);
}
