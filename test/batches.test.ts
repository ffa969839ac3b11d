import { describe, expect, it } from "vitest";
import { ConfigError, createNetwork, DataError, Matrix, miniBatches, ShapeError } from "../ts/index.js";
import { fitFollowsMiniBatches, visitsEachExampleOnce } from "./training-oracles.js";

/** Example i is [i, −i] and its label i % 2. */
function numbered(m: number): { x: number[][]; y: number[] } {
  const indices = Array.from({ length: m }, (_, i) => i);
  return { x: indices.map((i) => [i, -i]), y: indices.map((i) => i % 2) };
}

async function order(m: number, options: { batchSize: number; seed?: number; epoch?: number }) {
  const { x, y } = numbered(m);
  return (await miniBatches(x, y, options)).flatMap(({ indices }) => indices);
}

describe("miniBatches", () => {
  it.each([
    { m: 10, batchSize: 5, sizes: [5, 5] },
    { m: 10, batchSize: 4, sizes: [4, 4, 2] },
    { m: 10, batchSize: 3, sizes: [3, 3, 3, 1] },
    { m: 3, batchSize: 1, sizes: [1, 1, 1] },
    { m: 17, batchSize: 16, sizes: [16, 1] },
    { m: 1, batchSize: 1, sizes: [1] },
  ])("cuts $m examples by $batchSize into $sizes, each example once, x beside its y", async (row) => {
    const { x, y } = numbered(row.m);
    const batches = await miniBatches(x, y, { batchSize: row.batchSize });
    expect(batches.map((batch) => batch.x.rows)).toEqual(row.sizes);
    for (const batch of batches) {
      expect(batch.x.toArray()).toEqual(batch.indices.map((i) => x[i]));
      expect(batch.y.toArray()).toEqual(batch.indices.map((i) => [y[i]]));
    }
    const all = batches.flatMap(({ indices }) => indices);
    expect(all.sort((a, b) => a - b)).toEqual(Array.from(y.keys()));
  });

  it.each([8, 9, 1000, undefined])(
    "doesn't shuffle 8 examples in one batch (batchSize %s)",
    async (batchSize) => {
      const { x, y } = numbered(8);
      const batches = await miniBatches(x, y, batchSize === undefined ? {} : { batchSize });
      expect(batches).toHaveLength(1);
      expect(batches[0]?.x.toArray()).toEqual(x);
      expect(batches[0]?.y.toArray()).toEqual(y.map((label) => [label]));
      expect(batches[0]?.indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    },
  );

  it("shuffles alike for the same seed and epoch, and otherwise for another of either", async () => {
    const first = await order(40, { batchSize: 8, seed: 1, epoch: 1 });
    expect(first).not.toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(await order(40, { batchSize: 8, seed: 1, epoch: 1 })).toEqual(first);
    expect(await order(40, { batchSize: 13, seed: 1, epoch: 1 })).toEqual(first);
    expect(await order(40, { batchSize: 8, seed: 2, epoch: 1 })).not.toEqual(first);
    expect(await order(40, { batchSize: 8, seed: 1, epoch: 2 })).not.toEqual(first);
  });

  it("takes every permutation of three examples about equally often", async () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 600; seed++) {
      const key = (await order(3, { batchSize: 1, seed })).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // χ² of 5 degrees of freedom stays below 20.5 in 999 of 1000 cases.
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    expect(chiSquared).toBeLessThan(20.5);
  });

  it("keeps wide rows, label matrices and number types, and copies", async () => {
    const x = new Matrix(
      Float32Array.from({ length: 5 * 100 }, (_, i) => i),
      5,
      100,
    );
    const y = Matrix.from([0, 1, 2, 3, 4].map((i) => [i, 10 * i, 100 * i]));
    for (const batch of await miniBatches(x, y, { batchSize: 2, seed: 9 })) {
      expect(batch.x.data).toBeInstanceOf(Float32Array);
      expect(batch.x.toArray()).toEqual(batch.indices.map((i) => x.toArray()[i]));
      expect(batch.y.toArray()).toEqual(batch.indices.map((i) => [i, 10 * i, 100 * i]));
      batch.x.data.fill(-1);
    }
    expect(x.data[499]).toBe(499);
  });

  it("refuses what isn't a batch size, an epoch, or as many labels as examples", async () => {
    const { x, y } = numbered(4);
    for (const batchSize of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(miniBatches(x, y, { batchSize })).rejects.toBeInstanceOf(ConfigError);
    }
    await expect(miniBatches(x, y, { seed: -1 })).rejects.toBeInstanceOf(ConfigError);
    await expect(miniBatches(x, y, { epoch: 0.5 })).rejects.toBeInstanceOf(ConfigError);
    await expect(miniBatches(x, y, { epoch: 0 })).rejects.toBeInstanceOf(ConfigError);
    await expect(miniBatches(x, y.slice(1), {})).rejects.toBeInstanceOf(ShapeError);
    await expect(miniBatches([], [], {})).rejects.toBeInstanceOf(ShapeError);
    for (const nothing of [null, undefined, "0101"]) {
      await expect(miniBatches(x, nothing as unknown as number[])).rejects.toBeInstanceOf(DataError);
    }
  });
});

describe("without batchSize", () => {
  it.each([
    { m: 1, sizes: [1] },
    { m: 31, sizes: [31] },
    { m: 32, sizes: [32] },
    { m: 33, sizes: [32, 1] },
    { m: 70, sizes: [32, 32, 6] },
  ])("fit and miniBatches take min(m, 32) of $m examples: $sizes", async ({ m, sizes }) => {
    const { x, y } = numbered(m);
    const seen: number[] = [];
    using network = await createNetwork({ layerDims: [2, 1] });
    await network.fit(x, y, { epochs: 1, onStep: ({ examples }) => seen.push(examples) });
    expect(seen).toEqual(sizes);
    expect((await miniBatches(x, y)).map((batch) => batch.x.rows)).toEqual(sizes);
  });
});

describe("fit", () => {
  it.each([
    { m: 23, batchSize: 5 },
    { m: 20, batchSize: 5 },
    { m: 7, batchSize: 1 },
    { m: 9, batchSize: 8 },
    { m: 9, batchSize: 9 },
    { m: 9, batchSize: 100 },
  ])("visits each of $m examples once in batches of $batchSize, divided by the batch's own size", (row) =>
    visitsEachExampleOnce(row.m, Math.min(row.m, row.batchSize)),
  );

  it.each([
    { m: 23, batchSize: 5, epochs: 3, dtype: "float64" },
    { m: 23, batchSize: 5, epochs: 3, dtype: "float32" },
    { m: 16, batchSize: 16, epochs: 4, dtype: "float32" },
    { m: 5, batchSize: 1, epochs: 2, dtype: "float32" },
    { m: 23, batchSize: 5, epochs: 6, dtype: "float64" },
    { m: 23, batchSize: 5, epochs: 6, dtype: "float32" },
  ] as const)(
    "takes the steps of trainStep over miniBatches: m $m, batches of $batchSize, $epochs epochs, $dtype",
    (row) => fitFollowsMiniBatches(row),
  );
});
