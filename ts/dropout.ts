import { DataError, describe, ShapeError } from "./errors.js";
import type { Layers } from "./layers.js";
import { Matrix } from "./matrix.js";
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
 * Given masks, one matrix (m × n_l of 0 and 1) a hidden layer, for steps compared with another program.
 * Raises ShapeError or DataError.
 */
export function givenMasks(masks: readonly Matrix[], layers: Layers, m: number): MaskSource {
  const hidden = layers.dense.slice(0, -1);
  if (!Array.isArray(masks) || masks.length !== hidden.length) {
    const got = Array.isArray(masks) ? `${masks.length}` : describe(masks);
    throw new ShapeError("dropoutMasks", `${hidden.length} matrices, one a hidden layer`, got);
  }
  hidden.forEach((layer, i) => {
    checkMask(`dropoutMasks[${i}]`, masks[i], m, layer.outputs);
  });
  return {
    fill: (offset, _rows, _width, layer) => {
      const mask = masks[layer - 1];
      if (mask !== undefined) layers.write(offset, mask.data);
    },
  };
}

function checkMask(path: string, mask: Matrix | undefined, rows: number, cols: number): void {
  const expected = `a ${rows}×${cols} Matrix of 0 and 1`;
  if (!(mask instanceof Matrix)) throw new ShapeError(path, expected, describe(mask));
  if (mask.rows !== rows || mask.cols !== cols) {
    throw new ShapeError(path, expected, `${mask.rows}×${mask.cols}`);
  }
  const at = mask.data.findIndex((value) => value !== 0 && value !== 1);
  if (at >= 0) throw new DataError(`${path}.data[${at}]`, "0 or 1", `${mask.data[at]}`);
}

/** A probability of keeping a unit: in (0, 1]. */
export function checkKeepProb(value: unknown): number {
  return checkNumber("keepProb", value, "a number in (0, 1]", (p) => p > 0 && p <= 1);
}
