import { checkSeed } from "../config/config.js";
import { checkInteger, readOptions } from "../config/validation.js";
import type { Engine } from "../engine/engine.js";
import type { Cells, Span } from "../engine/memory.js";
import { ORDERS, type OrderPurpose } from "../engine/operations.js";
import { gatherRows } from "../engine/rows.js";
import { sharedEngine } from "../engine/start.js";
import { withRoom } from "../engine/with-room.js";
import { ShapeError } from "../errors/errors.js";
import { hasRows } from "./advice.js";
import type { Inputs, Labels } from "./examples.js";
import { asMatrix, Matrix, matrixOf } from "./matrix.js";
import { checkPresent, toFloats } from "./numbers.js";

/** Examples a batch, where batchSize isn't given and there are as many. */
export const DEFAULT_BATCH_SIZE = 32;

/** The order in which an epoch visits the examples: a permutation of 0 … m−1 that follows from (seed, epoch). */
export function epochOrder(engine: Engine, m: number, seed: number, epoch: number): Uint32Array {
  return orderOf(engine, m, { seed, purpose: "shuffle", epoch });
}

/** What an order follows from. What a purpose has no use for is 0. */
export interface OrderKey {
  readonly seed: number;
  readonly purpose: OrderPurpose;
  readonly epoch?: number;
  readonly step?: number;
}

/** A permutation of 0 … m−1, the same for the same key. */
export function orderOf(
  engine: Engine,
  m: number,
  { seed, purpose, epoch = 0, step = 0 }: OrderKey,
): Uint32Array {
  const room = engine.room(`the order of ${m} examples`, { order: { type: "uint32", length: m } });
  try {
    const order = room.spans.order as Span<Cells> as Span<Uint32Array>;
    const [dtype = "float32"] = engine.dtypes; // An order is the same by either.
    const program = engine.program(dtype, [{ op: "shuffle", order, m, seed, purpose: ORDERS[purpose] }]);
    program.run(0, epoch, step);
    program.release();
    return order.read();
  } finally {
    room.release();
  }
}

export interface MiniBatchOptions {
  /** Examples per batch: an integer >= 1. Default: min(m, 32), as in {@link Network.fit}. */
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
  const order = await withRoom(async () => epochOrder(await sharedEngine(), m, seed, epoch));
  return slices(ownInputs, ownLabels, size, order);
}

/** The batches of `size` examples that this order makes. */
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

/** Labels as a column, or as many as there are units. Raises ShapeError or DataError. */
export function toLabelMatrix(y: unknown): Matrix {
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
