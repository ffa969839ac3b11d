import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readBreastCancer } from "../../examples/breast-cancer.js";
import { readMnist } from "../../examples/mnist/data.js";
import { readIdx } from "../../examples/mnist/idx.js";
import { IMAGES_MAGIC, idx, LABELS_MAGIC, writeTinyMnist } from "./tiny-mnist.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(bytes: Uint8Array): string {
  const file = join(folder, `file-${files++}`);
  writeFileSync(file, bytes);
  return file;
}

describe("the IDX reader", () => {
  const good = idx(
    IMAGES_MAGIC,
    [2, 2, 3],
    Uint8Array.from({ length: 12 }, (_, i) => i),
  );

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
    expect(Array.from(test.digits.subarray(0, 12))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  });

  it("names the file that is missing", () => {
    const place = writeTinyMnist(join(folder, "incomplete"));
    rmSync(join(place, "t10k-labels-idx1-ubyte"));
    expect(() => readMnist(place)).toThrow(/t10k-labels-idx1-ubyte or .*\.gz, got neither/);
  });

  it("rejects labels of another number than the images", () => {
    const place = writeTinyMnist(join(folder, "unequal"));
    writeFileSync(join(place, "train-labels-idx1-ubyte"), idx(LABELS_MAGIC, [199], new Uint8Array(199)));
    expect(() => readMnist(place)).toThrow(/200 labels, one an image, got 199/);
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
