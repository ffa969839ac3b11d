// Ways of training on a data set of 6 GiB.
import { createHash } from "node:crypto";
import {
  type Batch,
  createNetwork,
  type EngineName,
  Matrix,
  momentum,
  type Network,
  ResourceError,
  stream,
} from "../../ts/index.js";

const GIB = 2 ** 30;
const COLUMNS = 1024;
const ROWS = (6 * GIB) / (COLUMNS * Float32Array.BYTES_PER_ELEMENT);
const BATCH = 4096;

interface Part {
  /** Bytes of memory that its process may take. */
  readonly most: number;
  /** A part that must come to the same. */
  readonly sameAs?: string;
  /** What it came to. */
  readonly run: () => Promise<string>;
}

const parts = {
  "in memory, by batches": { most: 13 * GIB, run: () => trained("native", inMemory) },
  "read by rows": { most: GIB, sameAs: "in memory, by batches", run: () => trained("native", byRows) },
  "in memory, one batch": { most: 15 * GIB, run: oneBatch },
  "a stream": { most: GIB, run: () => trained("native", streamed) },
  "a stream, WebAssembly": { most: GIB, sameAs: "a stream", run: () => trained("wasm", streamed) },
  "one batch, WebAssembly": { most: GIB, run: refused },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;

export const PARTS: Readonly<Record<PartName, Part>> = parts;

const OPTIONS = { epochs: 1, batchSize: BATCH, optimizer: momentum({ learningRate: 0.1 }), warnings: false };

/** The digest of the parameters and the loss after an epoch. */
async function trained(
  engine: EngineName,
  trainOn: (network: Network) => Promise<{ readonly loss: readonly number[] }>,
): Promise<string> {
  using network = await createNetwork({ layerDims: [COLUMNS, 32, 1], seed: 8, threads: 2, engine });
  const { loss } = await trainOn(network);
  const digest = createHash("sha256").update(network.toBytes()).update(loss.join()).digest("hex");
  return `loss ${loss.map((value) => value.toFixed(4)).join()}, ${digest.slice(0, 16)}`;
}

const inMemory = (network: Network) => {
  const x = filled(new Float32Array(ROWS * COLUMNS));
  return network.fit(new Matrix(x, ROWS, COLUMNS), labels(0, ROWS), OPTIONS);
};

const byRows = (network: Network) => {
  const read = (indices: Uint32Array): Batch => {
    const x = new Float32Array(indices.length * COLUMNS);
    for (const [place, row] of indices.entries()) writeRow(x, place, row);
    return { x: new Matrix(x, indices.length, COLUMNS), y: Uint8Array.from(indices, (row) => label(row)) };
  };
  return network.fit({ length: ROWS, read }, OPTIONS);
};

const streamed = (network: Network) => {
  function* batches(): Generator<Batch> {
    const x = new Float32Array(BATCH * COLUMNS);
    for (let start = 0; start < ROWS; start += BATCH) {
      for (let place = 0; place < BATCH; place++) writeRow(x, place, start + place);
      yield { x: new Matrix(x, BATCH, COLUMNS), y: labels(start, BATCH) };
    }
  }
  return network.fit(stream(batches, { shuffleWindow: 10_000, length: ROWS }), OPTIONS);
};

/** In float64, whose sums are as good in any order: the gradients of all rows at once are the mean of those of their thirds. */
async function oneBatch(): Promise<string> {
  const layerDims = [COLUMNS, 8, 1];
  using network = await createNetwork({ layerDims, dtype: "float64", seed: 8, threads: 2, engine: "native" });
  const rows = ROWS / 2;
  const x = filled(new Float64Array(rows * COLUMNS));
  const gradientsOf = (start: number, count: number) => {
    const part = x.subarray(start * COLUMNS, (start + count) * COLUMNS);
    const { loss, gradients } = network.gradients(
      new Matrix(part, count, COLUMNS),
      labels(start, count, rows),
    );
    return [loss, ...gradients.flatMap(({ weights, biases }) => [...weights.data, ...biases])];
  };
  const thirds = [0, 1, 2].map((third) => gradientsOf((third * rows) / 3, rows / 3));
  const distances = gradientsOf(0, rows).map((value, i) =>
    Math.abs(value - mean(thirds.map((of) => of[i] ?? 0))),
  );
  const furthest = Math.max(...distances);
  const options = { ...OPTIONS, batchSize: rows, epochs: 3 };
  const { loss } = await network.fit(new Matrix(x, rows, COLUMNS), labels(0, rows, rows), options);
  const falls = loss.every((value, i) => value < (loss[i - 1] ?? Number.POSITIVE_INFINITY));
  const said = `${distances.length} numbers within ${furthest.toExponential(0)} of the mean of thirds', losses ${loss.join(", ")}`;
  if (furthest < 1e-11 && falls) return said;
  throw new Error(said);
}

async function refused(): Promise<string> {
  using network = await createNetwork({ layerDims: [COLUMNS, 8, 1], engine: "wasm" });
  const x = new Matrix(new Float32Array(ROWS * COLUMNS), ROWS, COLUMNS);
  const refusal: unknown = await network
    .fit(x, labels(0, ROWS), { ...OPTIONS, batchSize: ROWS })
    .catch((error) => error);
  if (refusal instanceof ResourceError && refusal.message.includes("@layerwise/native"))
    return refusal.message;
  throw new Error(`expected a ResourceError that names the native engine, got ${refusal}`);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Numbers that rows are stretches of, in [−1, 1]. */
const NUMBERS = Float32Array.from({ length: 100_003 + COLUMNS }, (_, i) => ((i * 7919) % 10_007) / 5003 - 1);

/** place ← the row `row`, which two rows less than 100,003 apart haven't in common. */
function writeRow(x: Float32Array | Float64Array, place: number, row: number): void {
  const first = (row * 31) % 100_003;
  x.set(NUMBERS.subarray(first, first + COLUMNS), place * COLUMNS);
}

/** Most of the first of `rows` rows are of one class, and all beyond the 4 GiB that 32 bits address of the other. */
function label(row: number, rows = ROWS): number {
  return row % 3 === 0 || row >= (2 * rows) / 3 ? 1 : 0;
}

const labels = (start: number, count: number, rows = ROWS) =>
  Uint8Array.from({ length: count }, (_, i) => label(start + i, rows));

function filled<Of extends Float32Array | Float64Array>(x: Of): Of {
  for (let row = 0; row < x.length / COLUMNS; row++) writeRow(x, row, row);
  return x;
}
