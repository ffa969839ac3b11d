// split and kFold: each row in one part, the shares that were asked for, the same for the same seed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ConfigError,
  createNetwork,
  DataError,
  type Inputs,
  kFold,
  type Labels,
  LayerwiseError,
  Matrix,
  type Part,
  ShapeError,
  split,
} from "../ts/index.js";

/** Row i is [i, −i]. */
const numbered = (m: number) => Array.from({ length: m }, (_, i) => [i, -i]);
const range = (m: number) => Array.from({ length: m }, (_, i) => i);

type AnyPart = Part<Inputs, Labels, unknown>;
const rowsOf = (...parts: readonly AnyPart[]) => parts.flatMap(({ indices }) => [...indices]);

/** The parts hold each of m rows once, each in its order and beside its label. */
function expectPartition(m: number, y: readonly number[], parts: readonly AnyPart[]): void {
  expect(rowsOf(...parts).sort((a, b) => a - b)).toEqual(range(m));
  for (const part of parts) {
    const indices = [...part.indices];
    expect(indices).toEqual(indices.slice().sort((a, b) => a - b));
    expect(part.x).toEqual(indices.map((i) => [i, -i]));
    expect(part.y).toEqual(indices.map((i) => y[i]));
  }
}

/** How many rows of each class. */
function countsOf(y: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of y) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

async function errorOf(call: () => unknown): Promise<LayerwiseError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LayerwiseError) return error;
    throw error;
  }
  throw new Error("expected an error, none came");
}

/** Labels of up to six classes, at least two rows of each. */
const labels = fc
  .array(fc.record({ label: fc.integer({ min: -3, max: 1000 }), count: fc.integer({ min: 2, max: 40 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((classes) => {
    const y = classes.flatMap(({ label, count }) => new Array<number>(count).fill(label));
    return fc.shuffledSubarray(y, { minLength: y.length, maxLength: y.length });
  });
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const shares = fc.double({ min: 0.1, max: 0.45, noNaN: true });

describe("split", () => {
  it("puts each row in one part, round(share · m) of them; the same for the same seed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: 200 }), shares, shares, seeds, async (m, a, b, seed) => {
        const [x, y] = [numbered(m), range(m)];
        const options = { test: a, validation: b, seed };
        const { train, validation, test } = await split(x, y, options);
        expectPartition(m, y, [train, validation, test]);
        expect(test.indices).toHaveLength(Math.round(a * m));
        expect(validation.indices).toHaveLength(Math.round(b * m));
        expect(await split(x, y, options)).toEqual({ train, validation, test });
        const two = await split(x, y, { test: a, seed });
        expectPartition(m, y, [two.train, two.test]);
        expect(Object.keys(two)).toEqual(["train", "test"]);
        expect([...two.test.indices]).toEqual([...test.indices]);
      }),
      { numRuns: 60 },
    );
  });

  it("by default a fifth is tested on, and another seed takes other rows", async () => {
    const [x, y] = [numbered(100), range(100)];
    const parts = await Promise.all([{}, { seed: 0 }, { seed: 1 }, { seed: 2 }].map((it) => split(x, y, it)));
    const tested = parts.map(({ test }) => [...test.indices].join());
    expect(parts[0]?.test.indices).toHaveLength(20);
    expect(tested[0]).toBe(tested[1]);
    expect(new Set(tested).size).toBe(3);
  });

  it("takes the very rows that it took before, on every machine", async () => {
    const { test } = await split(numbered(20), range(20), { test: 0.3, seed: 7 });
    // What this version drew first; the streams behind it are pinned in crate/src/random.rs.
    expect([...test.indices]).toEqual([3, 9, 10, 16, 17, 19]);
    const folds = await kFold(numbered(9), range(9), { folds: 3, seed: 7 });
    expect(folds.map((fold) => [...fold.test.indices])).toEqual([
      [1, 7, 8],
      [2, 5, 6],
      [0, 3, 4],
    ]);
  });

  it("every row is tested on about equally often over the seeds", async () => {
    const counts = new Array<number>(5).fill(0);
    for (let seed = 0; seed < 500; seed++) {
      for (const i of (await split(numbered(5), range(5), { test: 0.4, seed })).test.indices) {
        counts[i] = (counts[i] ?? 0) + 1;
      }
    }
    // 200 ± 11 each; five deviations.
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(55);
  });

  it("stratified, each part has each class's share to within one row, and its own size", async () => {
    await fc.assert(
      fc.asyncProperty(labels, shares, shares, seeds, async (y, a, b, seed) => {
        const m = y.length;
        fc.pre(Math.min(Math.round(a * m), Math.round(b * m), m - Math.round(a * m) - Math.round(b * m)) > 0);
        const { train, validation, test } = await split(numbered(m), y, {
          test: a,
          validation: b,
          stratify: true,
          seed,
        });
        expectPartition(m, y, [train, validation, test]);
        expect(test.indices).toHaveLength(Math.round(a * m));
        expect(validation.indices).toHaveLength(Math.round(b * m));
        for (const part of [train, validation, test]) {
          const found = countsOf(part.y);
          for (const [label, count] of countsOf(y)) {
            const share = (count * part.indices.length) / m;
            expect(Math.abs((found.get(label) ?? 0) - share)).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("stratified, it has scikit-learn's counts of each class", async () => {
    // train_test_split(x, y, test_size=0.3, stratify=y), scikit-learn 1.9.1: np.bincount(y_test) of 50, 30 and 20 rows,
    // and of 90 and 10.
    for (const [counts, expected] of [
      [
        [50, 30, 20],
        [15, 9, 6],
      ],
      [
        [90, 10],
        [27, 3],
      ],
    ] as const) {
      const y = counts.flatMap((count, label) => new Array<number>(count).fill(label));
      const { test } = await split(numbered(100), y, { test: 0.3, stratify: true });
      expect([...countsOf(test.y).values()]).toEqual(expected);
    }
  });

  it("grouped, no group is divided, and parts are about as large as asked", async () => {
    const groups = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 30, maxLength: 90 });
    await fc.assert(
      fc.asyncProperty(groups, shares, seeds, async (of, share, seed) => {
        const m = of.length;
        fc.pre(new Set(of).size >= 3);
        const options = { test: share, validation: 0.2, groups: of, seed };
        const { train, validation, test } = await split(numbered(m), range(m), options);
        expectPartition(m, range(m), [train, validation, test]);
        const groupsOf = [train, validation, test].map(
          ({ indices }) => new Set([...indices].map((i) => of[i])),
        );
        expect(groupsOf.reduce((sum, part) => sum + part.size, 0)).toBe(new Set(of).size);
        for (const part of groupsOf) expect(part.size).toBeGreaterThan(0);
        expect(await split(numbered(m), range(m), options)).toEqual({ train, validation, test });
      }),
      { numRuns: 80 },
    );
    const patients = range(100).map((i) => `patient ${i % 20}`);
    const { test } = await split(numbered(100), range(100), { groups: patients, test: 0.25 });
    expect(test.indices).toHaveLength(25);
    const other = await split(numbered(100), range(100), { groups: patients, test: 0.25, seed: 1 });
    expect(other.test.indices).not.toEqual(test.indices);
  });

  it("ordered, the last rows are tested on and those before them validated on", async () => {
    const { train, validation, test } = await split(numbered(10), range(10), {
      test: 0.3,
      validation: 0.2,
      ordered: true,
    });
    expect([train, validation, test].map(({ indices }) => [...indices])).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6],
      [7, 8, 9],
    ]);
  });
});

describe("kFold", () => {
  it("tests on each row once; sizes differ by at most one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 7, max: 80 }),
        fc.integer({ min: 2, max: 7 }),
        seeds,
        async (m, k, seed) => {
          const [x, y] = [numbered(m), range(m)];
          const folds = await kFold(x, y, { folds: k, seed });
          expect(folds).toHaveLength(k);
          for (const { train, test } of folds) {
            expectPartition(m, y, [train, test]);
            expect([Math.floor(m / k), Math.ceil(m / k)]).toContain(test.indices.length);
          }
          expect(rowsOf(...folds.map(({ test }) => test)).sort((a, b) => a - b)).toEqual(range(m));
          expect(await kFold(x, y, { folds: k, seed })).toEqual(folds);
        },
      ),
      { numRuns: 60 },
    );
    const [first, second] = await Promise.all([1, 2].map((seed) => kFold(numbered(50), range(50), { seed })));
    expect(first).toHaveLength(5);
    expect(first?.[0]?.test.indices).not.toEqual(second?.[0]?.test.indices);
  });

  it("stratified, each fold has each class's share to within one row", async () => {
    await fc.assert(
      fc.asyncProperty(labels, fc.integer({ min: 2, max: 6 }), seeds, async (y, k, seed) => {
        const m = y.length;
        fc.pre(m >= k);
        const folds = await kFold(numbered(m), y, { folds: k, stratify: true, seed });
        for (const { train, test } of folds) {
          expectPartition(m, y, [train, test]);
          const found = countsOf(test.y);
          for (const [label, count] of countsOf(y)) {
            expect(Math.abs((found.get(label) ?? 0) - count / k)).toBeLessThan(1);
          }
        }
        expect(rowsOf(...folds.map(({ test }) => test)).sort((a, b) => a - b)).toEqual(range(m));
      }),
      { numRuns: 100 },
    );
  });

  it("grouped, no group is on both sides, and folds are nearly as large as each other", async () => {
    const groups = range(60).map((i) => Math.floor(Math.sqrt(i)));
    for (const seed of [0, 1, 2]) {
      const folds = await kFold(numbered(60), range(60), { folds: 3, groups, seed });
      for (const { train, test } of folds) {
        const tested = new Set([...test.indices].map((i) => groups[i]));
        expect([...train.indices].some((i) => tested.has(groups[i]))).toBe(false);
        expect(Math.abs(test.indices.length - 20)).toBeLessThan(4);
      }
    }
  });

  it("ordered, it is scikit-learn's TimeSeriesSplit", async () => {
    // TimeSeriesSplit(n_splits=3).split(range(11)), scikit-learn 1.9.1.
    const folds = await kFold(numbered(11), range(11), { folds: 3, ordered: true });
    expect(folds.map(({ train, test }) => [[...train.indices], [...test.indices]])).toEqual([
      [range(5), [5, 6]],
      [range(7), [7, 8]],
      [range(9), [9, 10]],
    ]);
  });
});

describe("every form that fit takes comes out as it is", () => {
  const m = 12;
  const floats = (Kind: typeof Float32Array | typeof Float64Array) =>
    new Matrix(Kind.from(numbered(m).flat()), m, 2);

  it.each([
    ["Matrix of float32", floats(Float32Array), Uint8Array.from(range(m))],
    ["Matrix of float64", floats(Float64Array), Uint32Array.from(range(m))],
    ["bytes", { data: Uint8Array.from(range(2 * m)), rows: m, cols: 2, scale: 1 / 255 }, range(m)],
    ["typed rows", numbered(m).map((row) => Int16Array.from(row)), Float64Array.from(range(m))],
  ] as [string, Inputs, Labels][])("%s", async (_, x, y) => {
    const { train, test } = await split(x, y, { sampleWeight: Float32Array.from(range(m)), seed: 3 });
    for (const part of [train, test]) {
      expect(Object.getPrototypeOf(part.x)).toBe(Object.getPrototypeOf(x));
      expect((part.y as object).constructor).toBe((y as object).constructor);
      expect([...(part.y as Iterable<number>)]).toEqual([...part.indices]);
      expect(part.sampleWeight).toEqual(Float32Array.from(part.indices));
      if (!("data" in part.x && "data" in x)) continue;
      expect(part.x.data.constructor).toBe(x.data.constructor);
      expect([...part.x.data]).toEqual([...part.indices].flatMap((i) => [x.data[2 * i], x.data[2 * i + 1]]));
      expect([part.x.rows, part.x.cols]).toEqual([part.indices.length, 2]);
      if ("scale" in x) expect(part.x).toHaveProperty("scale", 1 / 255);
    }
  });

  it("one-hot rows are stratified by, and a network trains on the parts", async () => {
    const x = floats(Float32Array);
    const y = range(m).map((i) => [Number(i % 3 !== 0), Number(i % 3 === 0)]);
    const { train, test } = await split(x, y, { test: 0.25, stratify: true });
    expect(test.y.filter(([, second]) => second === 1)).toHaveLength(1);
    using network = await createNetwork({ layerDims: [2, 2], outputActivation: "softmax" });
    await network.fit(train.x, train.y, { epochs: 1, warnings: false });
    expect(network.evaluate(test.x, test.y).loss).toBeGreaterThan(0);
  });
});

describe("bad input", () => {
  const [x, y] = [numbered(10), range(10).map((i) => i % 2)];
  const bad: [string, () => Promise<unknown>, abstract new (...args: never[]) => LayerwiseError, string][] = [
    ["test 0", () => split(x, y, { test: 0 }), ConfigError, "test: expected a number in (0, 1), got 0"],
    ["test NaN", () => split(x, y, { test: Number.NaN }), ConfigError, "test: expected a number in (0, 1)"],
    ["test so small", () => split(x, y, { test: 0.01 }), ConfigError, "test: expected one that leaves rows"],
    [
      "nothing left",
      () => split(x, y, { test: 0.5, validation: 0.5 }),
      ConfigError,
      "validation: expected one",
    ],
    ["another word", () => split(x, y, { test_size: 0.2 } as never), ConfigError, "did you mean test?"],
    ["null", () => split(x, y, null as never), ConfigError, "options"],
    ["seed 1.5", () => split(x, y, { seed: 1.5 }), ConfigError, "seed"],
    [
      "seed of ordered",
      () => split(x, y, { ordered: true, seed: 1 }),
      ConfigError,
      "seed: expected none beside",
    ],
    [
      "two ways",
      () => split(x, y, { ordered: true, stratify: true }),
      ConfigError,
      "ordered: expected none beside",
    ],
    [
      "stratify 1",
      () => split(x, y, { stratify: 1 as never }),
      ConfigError,
      "stratify: expected true or false",
    ],
    [
      "91",
      () => split(x, [0, 0, 0, 0, 0, 0, 0, 0, 0, 7], { stratify: true }),
      DataError,
      "row 9) of class 7",
    ],
    ["91 kFold", () => kFold(x, range(10), { stratify: true }), DataError, "at least 2 rows of each class"],
    [
      "NaN class",
      () =>
        split(
          x,
          y.map((label, i) => (i === 3 ? Number.NaN : label)),
          { stratify: true },
        ),
      DataError,
      "y[3]: expected a class",
    ],
    [
      "many targets",
      () => split(x, x, { stratify: true }),
      ConfigError,
      "stratify: expected one class a row",
    ],
    ["29", () => split(x, [1, 0]), ShapeError, "y: expected 10 rows, as x has, got 2"],
    ["30", () => split([], []), ShapeError, "x: expected at least one example"],
    ["27", () => split(null as never, y), ShapeError, "x: expected a Matrix or an array of rows"],
    ["flat x", () => split(Float32Array.of(1, 2) as never, y), ShapeError, "x: expected a Matrix"],
    ["no y", () => split(x, undefined as never), ShapeError, "y: expected a Matrix, an array"],
    ["83", () => split(x, y, { sampleWeight: [1] }), ShapeError, "sampleWeight: expected 10 rows"],
    [
      "28",
      () => split({ data: new Uint8Array(3), rows: 10, cols: 2 } as never, y),
      ShapeError,
      "x.data.length",
    ],
    ["groups short", () => split(x, y, { groups: [1] }), ShapeError, "groups: expected 10, as many"],
    [
      "groups null",
      () => split(x, y, { groups: new Array(10).fill(null) }),
      DataError,
      "groups[0]: expected",
    ],
    [
      "one group",
      () => split(x, y, { groups: new Array(10).fill("a") }),
      ConfigError,
      "groups: expected at least 2",
    ],
    ["folds 1", () => kFold(x, y, { folds: 1 }), ConfigError, "folds: expected an integer in [2"],
    ["folds 11", () => kFold(x, y, { folds: 11 }), ConfigError, "folds: expected at most 10, of 10 rows"],
    [
      "ordered folds",
      () => kFold(x, y, { folds: 10, ordered: true }),
      ConfigError,
      "folds: expected at most 9",
    ],
    [
      "few groups",
      () => kFold(x, y, { groups: y }),
      ConfigError,
      "folds: expected at most 2, the number of groups",
    ],
  ];

  it.each(bad)("%s", async (_, call, kind, message) => {
    const error = await errorOf(call);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
  });

  it("44 a detached buffer", async () => {
    const matrix = new Matrix(new Float32Array(20), 10, 2);
    structuredClone(matrix.data.buffer, { transfer: [matrix.data.buffer] });
    expect(await errorOf(() => split(matrix, y))).toBeInstanceOf(DataError);
  });

  it("91 validation stratified by a class of one row", async () => {
    using network = await createNetwork({ layerDims: [2, 3, 1] });
    const options = { epochs: 1, validation: { fraction: 0.5, stratify: true }, warnings: false };
    const error = await errorOf(() => network.fit(x, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], options));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain("row 0) of class 1");
    expect(network.steps).toBe(0);
  });
});
