// node scripts/program.mjs bench/streamed.ts [rounds]: an epoch of MNIST from a file, beside one from memory. All cases
// take turns in each round; the file is in the page cache. Ratios are medians of the rounds' ratios.
import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import {
  type Batch,
  createNetwork,
  type Dataset,
  type Inputs,
  type Labels,
  Matrix,
  type Network,
  type Stream,
  stream,
} from "layerwise";
import { packagedMnist } from "../examples/mnist/data.js";
import { readIdx } from "../examples/mnist/idx.js";

const [ROWS, PIXELS, BATCH] = [60_000, 784, 128];
const SCALE = 1 / 255;
/** Rows that a stream reads at once, and that it shuffles. */
const [PIECE, WINDOW] = [1024, 8192];

type Data = readonly [Inputs, Labels] | readonly [Dataset | Stream];

const [IMAGES, LABELS] = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"].map((name) =>
  join(packagedMnist(), name),
) as [string, string];
const images = readIdx(IMAGES, 3).data; // and now they are in the page cache
const labels = readIdx(LABELS, 1).data;
/** Bytes before the first image, and before the first label. */
const [IMAGES_START, LABELS_START] = [16, 8];

/** Reads both files from beginning to end, into the same arrays again and again. */
async function* pieces(imageFile: FileHandle, labelFile: FileHandle): AsyncGenerator<Batch> {
  const [allData, allY] = [new Uint8Array(PIECE * PIXELS), new Uint8Array(PIECE)];
  for (let start = 0; start < ROWS; start += PIECE) {
    const rows = Math.min(PIECE, ROWS - start);
    const [data, y] = [allData.subarray(0, rows * PIXELS), allY.subarray(0, rows)];
    await Promise.all([
      imageFile.read(data, 0, data.length, IMAGES_START + start * PIXELS),
      labelFile.read(y, 0, rows, LABELS_START + start),
    ]);
    yield { x: { data, rows, cols: PIXELS, scale: SCALE }, y };
  }
}

/** Reads image by image, by index. */
function rowsOf(imageFile: number): Dataset {
  return {
    length: ROWS,
    read(indices) {
      const data = new Uint8Array(indices.length * PIXELS);
      indices.forEach((row, i) => {
        readSync(imageFile, data, i * PIXELS, PIXELS, IMAGES_START + row * PIXELS);
      });
      const y = Uint8Array.from(indices, (row) => labels[row] ?? 0);
      return { x: { data, rows: indices.length, cols: PIXELS, scale: SCALE }, y };
    },
  };
}

async function secondsOf(network: Network, data: Data): Promise<number> {
  const options = { epochs: 1, batchSize: BATCH, warnings: false };
  const begun = performance.now();
  if (data.length === 2) await network.fit(data[0], data[1], options);
  else await network.fit(data[0], options);
  return (performance.now() - begun) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const rounds = Number(process.argv[2] ?? 9);
const [imageFile, labelFile] = [await open(IMAGES), await open(LABELS)];
const numbers = new Matrix(
  Float32Array.from(images, (pixel) => pixel / 255),
  ROWS,
  PIXELS,
);
const cases: Readonly<Record<string, Data>> = {
  "memory, float32": [numbers, labels],
  "memory, bytes": [{ data: images, rows: ROWS, cols: PIXELS, scale: SCALE }, labels],
  "file, stream": [stream(() => pieces(imageFile, labelFile), { shuffleWindow: WINDOW, length: ROWS })],
  "file, rows by index": [rowsOf(imageFile.fd)],
};
const names = Object.keys(cases);
const seconds = new Map(names.map((name) => [name, [] as number[]]));
for (const threads of [1, 2]) {
  for (const times of seconds.values()) times.length = 0;
  const config = { layerDims: [PIXELS, 128, 64, 10], outputActivation: "softmax", seed: 1, threads } as const;
  for (let round = -1; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      using network = await createNetwork(config);
      const time = await secondsOf(network, cases[name] ?? cases[names[0] ?? ""] ?? [numbers, labels]);
      if (round >= 0) seconds.get(name)?.push(time); // the first warms up
    }
  }
  const memory = seconds.get(names[0] ?? "") ?? [];
  process.stdout.write(`${threads} thread(s), [784, 128, 64, 10], batches of ${BATCH}, ${rounds} rounds\n`);
  for (const [name, times] of seconds) {
    const ratios = times.map((time, i) => (memory[i] ?? Number.NaN) / time);
    const rate = Math.round(ROWS / median(times)).toLocaleString("en");
    process.stdout.write(
      `  ${name.padEnd(20)} ${rate.padStart(9)} examples/s   ${median(ratios).toFixed(3)} of memory\n`,
    );
  }
}
await imageFile.close();
await labelFile.close();
