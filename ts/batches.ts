import { hasRows } from "./advice.js";
import { checkSeed } from "./config.js";
import type { Inputs, Labels } from "./data.js";
import { ShapeError } from "./errors.js";
import { asMatrix, Matrix, matrixOf } from "./matrix.js";
import { checkPresent, type Floats, toFloats } from "./numbers.js";
import { withRoom } from "./room.js";
import { checkInteger, readOptions } from "./validation.js";
import { type Instance, sharedInstance } from "./wasm/kernels.js";

/** Rows up to this length are copied number by number: cheaper than making a view for each. */
const SHORT_ROW = 64;

/** Examples a batch, where batchSize isn't given and there are as many. */
export const DEFAULT_BATCH_SIZE = 32;

/** The order in which an epoch visits the examples: a permutation of 0 … m−1 that follows from (seed, epoch). */
export function epochOrder(instance: Instance, m: number, seed: number, epoch: number): Uint32Array {
  const bytes = 4 * m;
  const offset = instance.allocate(bytes, `the order of ${m} examples`);
  try {
    instance.shuffle(offset, m, seed, epoch);
    const at = offset / Uint32Array.BYTES_PER_ELEMENT;
    return instance.uint32s().slice(at, at + m);
  } finally {
    instance.release(offset, bytes);
  }
}

/** to[at …] ← the rows `order` of `from`, each `width` long. */
export function gatherRows(to: Floats, at: number, from: Floats, width: number, order: Uint32Array): void {
  let next = at;
  for (const row of order) {
    const first = row * width;
    if (width > SHORT_ROW) {
      to.set(from.subarray(first, first + width), next);
      next += width;
    } else {
      for (let j = first; j < first + width; j++) to[next++] = Number(from[j]);
    }
  }
}

/** to[at …] ← the classes `order` of `from`. */
export function gatherClasses(to: Uint32Array, at: number, from: Uint32Array, order: Uint32Array): void {
  let next = at;
  for (const row of order) to[next++] = Number(from[row]);
}

export interface MiniBatchOptions {
  /** Examples a batch: an integer >= 1. Default: min(m, 32), as in {@link Network.fit}. */
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
  const {
    batchSize = DEFAULT_BATCH_SIZE,
    seed = 0,
    epoch = 1,
  } = readOptions("miniBatches", "options", options);
  checkInteger("batchSize", batchSize, 1, Number.MAX_SAFE_INTEGER);
  checkSeed("seed", seed);
  checkInteger("epoch", epoch, 1, Number.MAX_SAFE_INTEGER);
  const inputs = matrixOf("x", x);
  const labels = toLabelMatrix(y);
  const m = inputs.rows;
  checkPresent("x", inputs.data, m * inputs.cols); // An element of y could be a getter that transfers it.
  if (labels.rows !== m) throw new ShapeError("y", `${m} rows, as x has`, `${labels.rows}`);
  if (m === 0) throw new ShapeError("x", "at least one example (row)", "0 rows");
  const size = Math.min(m, batchSize);
  if (size === m)
    return slices(
      inputs,
      labels,
      size,
      Uint32Array.from({ length: m }, (_, i) => i),
    );
  const [ownInputs, ownLabels] = [copied(inputs), copied(labels)]; // The caller goes on while this waits.
  const order = await withRoom(async () => epochOrder(await sharedInstance(), m, seed, epoch));
  return slices(ownInputs, ownLabels, size, order);
}

/** The batches of so many examples that this order makes. */
function slices(inputs: Matrix, labels: Matrix, size: number, order: Uint32Array): MiniBatch[] {
  const batches: MiniBatch[] = [];
  for (let start = 0; start < order.length; start += size) {
    const indices = order.subarray(start, start + size);
    batches.push({
      x: pick(inputs, indices),
      y: pick(labels, indices),
      indices: Array.from(indices),
    });
  }
  return batches;
}

function toLabelMatrix(y: unknown): Matrix {
  if (Array.isArray(y) && hasRows(y)) return Matrix.from(y, "y");
  const matrix = asMatrix("y", y);
  if (matrix !== undefined) return matrix;
  const vector = toFloats("y", y);
  return new Matrix(vector, vector.length, 1);
}

function copied({ data, rows, cols }: Matrix): Matrix {
  return new Matrix(data.slice(), rows, cols);
}

function pick(matrix: Matrix, rows: Uint32Array): Matrix {
  const { cols, data } = matrix;
  const picked = data.slice(0, rows.length * cols);
  gatherRows(picked, 0, data, cols, rows);
  return new Matrix(picked, rows.length, cols);
}
