// Parquet files as pyarrow writes them (files/make.py), and IDX files as MNIST's are.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readIdx, readParquet, readParquetChunks } from "../ts/index.js";

const file = (name: string) => fileURLToPath(new URL(`files/${name}`, import.meta.url));

describe("Parquet", () => {
  it.each(["snappy", "zstd", "gzip", "none"])("of %s has the types that its columns have", async (codec) => {
    const table = await readParquet(file(`${codec}.parquet`));
    expect(table.columns.map(({ type }) => type)).toEqual([
      "number",
      "number",
      "category",
      "boolean",
      "date",
      "text",
    ]);
    expect(table.toRows()).toEqual([
      {
        count: 1,
        price: 1.5,
        code: "007",
        ok: true,
        when: new Date("2024-02-29"),
        large: "1152921504606846977",
      },
      { count: null, price: 2.25, code: "008", ok: false, when: null, large: "1152921504606846979" },
      { count: 3, price: null, code: "007", ok: null, when: new Date("2020-01-01"), large: "1" },
      { count: 4, price: -4, code: null, ok: true, when: new Date("1999-12-31"), large: "2" },
    ]);
  });

  it("takes the columns and rows that are asked for", async () => {
    const table = await readParquet(file("snappy.parquet"), { only: ["price"], maxRows: 2 });
    expect(table.toRows()).toEqual([{ price: 1.5 }, { price: 2.25 }]);
  });

  it("is read by its row groups, in tables of some rows, of a Blob in those parts that are asked for", async () => {
    const bytes = readFileSync(file("groups.parquet"));
    let read = 0;
    const blob = Object.assign(new Blob([bytes]), {
      slice(start: number, end: number) {
        if (end < bytes.length) read += end - start; // Not what tells where the columns are.
        return Blob.prototype.slice.call(this, start, end);
      },
    });
    const sizes: number[] = [];
    const values: unknown[] = [];
    for await (const table of readParquetChunks(blob, { only: ["n", "kind"], chunkRows: 4000 })) {
      sizes.push(table.rows);
      values.push(...table.toRows());
    }
    expect(sizes).toEqual([4000, 4000, 2000]);
    const expected = Array.from({ length: 10_000 }, (_, i) => ({
      n: i % 7 === 0 ? null : i / 8,
      kind: ["a", "b", null][i % 3],
    }));
    expect(values).toEqual(expected);
    expect((await readParquet(bytes, { only: ["n", "kind"] })).toRows()).toEqual(expected);
    read = 0;
    await readParquet(blob, { only: ["n"], maxRows: 100 });
    expect(read).toBeLessThan(bytes.length / 4);
    await expect(readParquet(blob, { only: ["kinds"] })).rejects.toThrow(/"kind" \(did you mean it\?\)/);
  });

  it("of lists, or of other bytes, is an error", async () => {
    await expect(readParquet(file("nested.parquet"))).rejects.toThrow(
      /nested\.parquet, row 1, column list: expected a number/,
    );
    expect((await readParquet(file("nested.parquet"), { only: ["y"] })).rows).toBe(2);
    await expect(readParquet(new TextEncoder().encode("a,b\n1,2\n"))).rejects.toThrow(/a Parquet file/);
    await expect(readParquet(new TextEncoder().encode("PAR1PAR1"))).rejects.toThrow(/a whole Parquet file/);
  });
});

describe("IDX", () => {
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 255);
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9);

  it("has a row for each index of its first dimension, and labels from a second file", async () => {
    const expected = [
      { value1: 10, value2: 20, label: 7 },
      { value1: 30, value2: 255, label: 9 },
    ];
    expect((await readIdx(images, { labels })).toRows()).toEqual(expected);
    expect((await readIdx(new Uint8Array(gzipSync(images)), { labels })).toRows()).toEqual(expected);
    expect((await readIdx(images, { maxRows: 1 })).rows).toBe(1);
  });

  it("reads each type of number", async () => {
    const bytes = new Uint8Array(8 + 8);
    bytes.set([0, 0, 0x0e, 1, 0, 0, 0, 1]);
    new DataView(bytes.buffer).setFloat64(8, -1.5);
    expect((await readIdx(bytes)).toRows()).toEqual([{ value1: -1.5 }]);
  });

  it.each([
    [images.subarray(0, 18), /20 bytes for 2 × 1 × 2 numbers, got 18/],
    [Uint8Array.of(1, 2, 3, 4), /an IDX file/],
    [images.subarray(0, 6), /bytes of header/],
  ])("that is none is an error", async (bytes, message) => {
    await expect(readIdx(bytes)).rejects.toThrow(message);
  });
});
