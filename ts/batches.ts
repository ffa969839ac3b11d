import { checkSeed } from "./config.js";
import type { Inputs, Labels } from "./data.js";
import { ShapeError } from "./errors.js";
import { Matrix, toFloats } from "./matrix.js";
import { checkInteger, checkOptions } from "./validation.js";
import { type Instance, sharedInstance } from "./wasm/kernels.js";

/** Rows up to this length are copied number by number: cheaper than making a view for each. */
const SHORT_ROW = 64;

/** The order in which an epoch visits the examples: a permutation of 0 … m−1 that follows from (seed, epoch). */
export function epochOrder(instance: Instance, m: number, seed: number, epoch: number): Uint32Array {
  const bytes = 4 * m;
  const offset = instance.allocate(bytes, `the order of ${m} examples`);
  try {
    instance.shuffle(offset, m, seed, epoch);
    return instance.uint32s(offset, m).slice();
  } finally {
    instance.release(offset, bytes);
  }
}

type Floats = Float32Array | Float64Array;

/** to[at …] ← the rows `order` of `from`, each `width` long. */
export function gatherRows(to: Floats, at: number, from: Floats, width: number, order: Uint32Array): void {
  let next = at;
  for (const row of order) {
    const first = row * width;
    if (width > SHORT_ROW) {
      to.set(from.subarray(first, first + width), next);
      next += width;
    } else {
      for (let j = first; j < first + width; j++) to[next++] = from[j] ?? 0;
    }
  }
}

export interface MiniBatchOptions {
  /** Examples a batch: an integer >= 1. Default: all of them. */
  readonly batchSize?: number;
  /** Governs the order: an integer in [0, 2⁵³). Default 0. */
  readonly seed?: number;
  /** Each epoch has an order of its own: an integer >= 1. Default 1, a network's first. */
  readonly epoch?: number;
}

/** One mini-batch: the same examples in x and y. */
export interface MiniBatch {
  readonly x: Matrix;
  readonly y: Matrix;
  /** Which rows of the data set these are. */
  readonly indices: readonly number[];
}

/**
 * The mini-batches of one epoch, the very ones that {@link Network.fit} visits with the same seed:
 * x and y shuffled alike, every example once, the last batch smaller where m is no multiple of batchSize.
 * With batchSize >= m there is one batch in the given order.
 * Source: notebook section 4.3 (which loses the last example of every full batch; here none is lost).
 */
export async function miniBatches(
  x: Inputs,
  y: Labels,
  options: MiniBatchOptions = {},
): Promise<MiniBatch[]> {
  checkOptions("options", options, ["batchSize", "seed", "epoch"]);
  const inputs = x instanceof Matrix ? x : Matrix.from(x, "x");
  const labels = toLabelMatrix(y);
  const m = inputs.rows;
  if (labels.rows !== m) throw new ShapeError("y", `${m} rows, as x has`, `${labels.rows}`);
  if (m === 0) throw new ShapeError("x", "at least one example (row)", "0 rows");
  const size = Math.min(m, checkInteger("batchSize", options.batchSize ?? m, 1, Number.MAX_SAFE_INTEGER));
  const seed = checkSeed("seed", options.seed ?? 0);
  const epoch = checkInteger("epoch", options.epoch ?? 1, 1, Number.MAX_SAFE_INTEGER);
  const order =
    size === m
      ? Uint32Array.from({ length: m }, (_, i) => i)
      : epochOrder(await sharedInstance(), m, seed, epoch);
  const batches: MiniBatch[] = [];
  for (let start = 0; start < m; start += size) {
    const indices = order.subarray(start, start + size);
    batches.push({
      x: pick(inputs, indices),
      y: pick(labels, indices),
      indices: [...indices],
    });
  }
  return batches;
}

function toLabelMatrix(y: Labels): Matrix {
  if (y instanceof Matrix) return y;
  if (Array.isArray(y) && Array.isArray(y[0])) return Matrix.from(y, "y");
  const vector = toFloats("y", y);
  return new Matrix(vector, vector.length, 1);
}

function pick(matrix: Matrix, rows: Uint32Array): Matrix {
  const { cols, data } = matrix;
  const picked = data.slice(0, rows.length * cols);
  gatherRows(picked, 0, data, cols, rows);
  return new Matrix(picked, rows.length, cols);
}
