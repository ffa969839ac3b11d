// Data sets whose rows are read by index: the bits of arrays, a bounded part of them in memory, and whole steps.
import { describe, expect, it } from "vitest";
import {
  adam,
  type Batch,
  batchNorm,
  createNetwork,
  DataError,
  type Dataset,
  dense,
  type FitOptions,
  LayerwiseError,
  Matrix,
  type Network,
  resumeTraining,
  ShapeError,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore } from "./files/small-files.js";
import { instanceOf } from "./instance.js";
import { made } from "./made.js";

const m = 50;
const x = Array.from({ length: m }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i)]);
const y = x.map(([a = 0, b = 0]) => Number(a + b > 0));
const pick = (rows: Uint32Array): Batch => ({
  x: Array.from(rows, (i) => x[i] ?? []),
  y: Array.from(rows, (i) => y[i] ?? 0),
});
const later = () => new Promise((resolve) => setTimeout(resolve, 1));

/** The arrays as a data set. */
const overArrays: Dataset = { length: m, read: pick };

const network = async (options: object = {}): Promise<Network> =>
  made(await createNetwork({ layerDims: [3, 8, 1], seed: 3, ...options }));

async function errorOf(call: () => unknown): Promise<LayerwiseError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LayerwiseError) return error;
    throw error;
  }
  throw new Error("expected an error, none came");
}

describe("a data set over arrays gives their bits", () => {
  it.each([1, 7, 16, 25, m, 1000])("in batches of %i", async (batchSize) => {
    for (const dtype of ["float32", "float64"] as const) {
      const options = {
        epochs: 3,
        batchSize,
        keepProb: 0.8,
        l2: 0.1,
        warnings: false,
        validation: { fraction: 0.2 },
      };
      const [read, twin] = [await network({ dtype }), await network({ dtype })];
      const found = await read.fit(overArrays, options);
      expect(found).toEqual(await twin.fit(x, y, options));
      expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
      // And goes on so, by whichever.
      expect(await read.fit(x, y, { epochs: 1, optimizer: adam() })).toEqual(
        await twin.fit({ length: m, read: async (rows) => pick(rows) }, { epochs: 1, optimizer: adam() }),
      );
      expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
    }
  });

  it("in every form, also one that changes from batch to batch", async () => {
    const bytes = Uint8Array.from({ length: m * 3 }, (_, i) => (i * 71) % 256);
    const scale = 1 / 255;
    const rowOf = (i: number) => bytes.subarray(3 * i, 3 * i + 3);
    const scaled = new Matrix(
      Float32Array.from(bytes, (byte) => Math.fround(byte * Math.fround(scale))),
      m,
      3,
    );
    const forms: ((rows: Uint32Array) => Batch["x"])[] = [
      (rows) => ({
        data: Uint8Array.from([...rows].flatMap((i) => [...rowOf(i)])),
        rows: rows.length,
        cols: 3,
        scale,
      }),
      (rows) => Array.from(rows, (i) => scaled.data.slice(3 * i, 3 * i + 3)),
      (rows) => Matrix.from(Array.from(rows, (i) => scaled.toArray()[i] ?? [])),
    ];
    let turn = 0;
    const mixed: Dataset = {
      length: m,
      read: (rows) => ({ x: forms[turn++ % 3]?.(rows) ?? [], y: Uint8Array.from(rows, (i) => y[i] ?? 0) }),
    };
    const [read, twin] = [await network(), await network()];
    const options = { epochs: 4, batchSize: 8, validation: { fraction: 0.3 } };
    const history = await read.fit(mixed, options);
    expect(history).toEqual(await twin.fit({ data: bytes, rows: m, cols: 3, scale }, y, options));
    expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("also where read fills the same array again", async () => {
    const buffer = new Float32Array(8 * 3);
    const reused: Dataset = {
      length: 48,
      read(rows) {
        rows.forEach((row, at) => {
          buffer.set(x[row] ?? [], 3 * at);
        });
        const used = buffer.subarray(0, 3 * rows.length);
        return { x: new Matrix(used, rows.length, 3), y: Array.from(rows, (i) => y[i] ?? 0) };
      },
    };
    const [read, twin] = [await network(), await network()];
    await read.fit(reused, { epochs: 3, batchSize: 8 });
    await twin.fit(x.slice(0, 48), y.slice(0, 48), { epochs: 3, batchSize: 8 });
    expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("with metrics, early stopping, epochs() and a class's own methods", async () => {
    class Rows implements Dataset {
      get length(): number {
        return m;
      }
      async read(rows: Uint32Array): Promise<Batch> {
        await later();
        return pick(rows);
      }
    }
    const options: FitOptions = {
      epochs: 30,
      batchSize: 16,
      optimizer: adam({ learningRate: 0.1 }),
      validation: { x, y },
      metrics: ["rocAuc"],
      earlyStopping: { patience: 2 },
    };
    const [read, twin] = [await network(), await network()];
    const run = read.epochs(new Rows(), { ...options });
    for await (const { epoch } of run) expect(epoch).toBeGreaterThan(0);
    const expected = await twin.fit(x, y, { ...options, optimizer: adam({ learningRate: 0.1 }) });
    expect(run.history).toEqual(expected);
    expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("with averaged weights and a rate that is reduced", async () => {
    const options: FitOptions = {
      epochs: 12,
      batchSize: 8,
      weightAverage: { decay: 0.8 },
      reduceOnPlateau: { monitor: "loss", patience: 1, minDelta: 10 },
    };
    const [read, twin] = [await network(), await network()];
    expect(await read.fit(overArrays, options)).toEqual(await twin.fit(x, y, options));
    expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
  });
});

describe("rows are read", () => {
  it("each once an epoch, the next batch's while this one trains, and none further ahead", async () => {
    const here = await network();
    const asked: number[][] = [];
    let outstanding = 0;
    const log: string[] = [];
    const dataset: Dataset = {
      length: m,
      async read(rows) {
        log.push(`read ${asked.length}`);
        asked.push([...rows]);
        outstanding += 1;
        expect(outstanding).toBe(1);
        await later();
        outstanding -= 1;
        return pick(rows);
      },
    };
    await here.fit(dataset, {
      epochs: 2,
      batchSize: 20,
      onStep: ({ step }) => void log.push(`step ${step}`),
    });
    const all = Array.from({ length: m }, (_, i) => i);
    expect(asked.map((rows) => rows.length)).toEqual([20, 20, 10, 20, 20, 10]);
    for (const epoch of [asked.slice(0, 3), asked.slice(3)])
      expect(epoch.flat().sort((a, b) => a - b)).toEqual(all);
    expect(log).toEqual([
      ...["read 0", "read 1", "step 1", "read 2", "step 2", "step 3"],
      ...["read 3", "read 4", "step 1", "read 5", "step 2", "step 3"],
    ]);
  });

  it("what a reader does to the indices has no effect", async () => {
    const [read, twin] = [await network(), await network()];
    const dataset: Dataset = {
      length: m,
      read(rows) {
        const batch = pick(rows);
        rows.fill(0);
        return batch;
      },
    };
    await read.fit(dataset, { epochs: 2, batchSize: 8 });
    await twin.fit(x, y, { epochs: 2, batchSize: 8 });
    expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("of a set that no memory could hold: 20 million rows of 1000 numbers", async () => {
    const here = await network({ layerDims: [1000, 4, 1] });
    const { memoryBytes: before } = await instanceOf(here);
    const stop = new AbortController();
    const dataset: Dataset = {
      length: 2e7,
      read: (rows) => ({
        x: new Matrix(
          Float32Array.from({ length: 1000 * rows.length }, (_, i) => Math.sin(i)),
          rows.length,
          1000,
        ),
        y: Array.from(rows, (i) => i % 2),
      }),
    };
    const { steps } = await here.fit(dataset, {
      epochs: 1,
      batchSize: 64,
      signal: stop.signal,
      onStep: ({ step, stepsPerEpoch }) => {
        expect(stepsPerEpoch).toBe(312_500);
        if (step === 30) stop.abort();
      },
    });
    expect(steps).toBe(30);
    // The order takes 4 bytes a row; 80 GB of numbers are nowhere.
    expect((await instanceOf(here)).memoryBytes - before).toBeLessThan(2e7 * 4 + 8e6);
  });
});

describe("a fit that is resumed in mid-epoch", () => {
  it.each([{}, { validation: { fraction: 0.3 } }])("comes to the same end, to the bit: %j", async (more) => {
    const options = { epochs: 3, batchSize: 8, keepProb: 0.7, ...more };
    const files: Uint8Array[] = [];
    const store = new MemoryStore();
    const here = await network();
    const history = await here.fit(overArrays, {
      ...options,
      checkpoint: { path: "c", store, everySteps: 1 },
      onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
    });
    for (const i of [0, 2, 5, 7, files.length - 1]) {
      const other = new MemoryStore();
      other.generations.push(files[i] ?? new Uint8Array());
      const { network: resumed, ...found } = await resumeTraining("c", overArrays, { ...more, store: other });
      expect(found.history).toEqual(history);
      expect(hashOf(resumed.parameters())).toBe(hashOf(here.parameters()));
      resumed.dispose();
    }
    const another: Dataset = { length: m, read: (rows) => pick(rows.map((i) => (i + 1) % m)) };
    const again = () => resumeTraining("c", another, { ...more, store });
    await expect(again()).rejects.toMatchObject({ name: "StateError", path: "x" });
    const shorter = { length: m - 1, read: pick };
    await expect(resumeTraining("c", shorter, { ...more, store })).rejects.toMatchObject({
      name: "StateError",
    });
  });
});

/** Reads as the arrays do until batch k, which is another. */
function spoiled(k: number, spoil: (batch: { x: number[][]; y: number[] }) => unknown): Dataset {
  let count = 0;
  return {
    length: m,
    read(rows) {
      const batch = { x: Array.from(rows, (i) => [...(x[i] ?? [])]), y: Array.from(rows, (i) => y[i] ?? 0) };
      count += 1;
      return (count === k ? spoil(batch) : batch) as Batch;
    },
  };
}

describe("bad input", () => {
  it.each<[string, (batch: { x: number[][]; y: number[] }) => unknown, string]>([
    [
      "85 fewer rows",
      ({ x, y }) => ({ x: x.slice(1), y: y.slice(1) }),
      "ShapeError: batch 3, x: expected 8 rows, as many as were asked for, got 7",
    ],
    [
      "85 more rows",
      ({ x, y }) => ({ x: [...x, x[0]], y: [...y, 1] }),
      "ShapeError: batch 3, x: expected 8 rows",
    ],
    [
      "85 another width",
      ({ x, y }) => ({ x: x.map((it) => it.slice(1)), y }),
      "ShapeError: batch 3, x: expected m×3",
    ],
    ["29 other labels", ({ x, y }) => ({ x, y: y.slice(1) }), "ShapeError: batch 3, y: expected 8×1"],
    [
      "35 NaN",
      ({ x, y }) => ({ x: x.map((it, i) => (i === 5 ? [0, Number.NaN, 0] : it)), y }),
      "DataError: batch 3, x[5][1]: expected finite numbers",
    ],
    [
      "38 a label",
      ({ x, y }) => ({ x, y: y.map((label, i) => (i === 2 ? 7 : label)) }),
      "DataError: batch 3, y[2]: expected 0 or 1",
    ],
    ["nothing", () => undefined, "ShapeError: batch 3: expected { x, y }, got undefined"],
    ["no y", ({ x }) => ({ x }), "ShapeError: batch 3: expected { x, y }"],
    [
      "an error",
      () => Promise.reject(new RangeError("no disk")),
      "DataError: batch 3: expected { x, y }, got an error: no disk",
    ],
    [
      "thrown",
      () => {
        throw new RangeError("no disk");
      },
      "DataError: batch 3: expected { x, y }, got an error: no disk",
    ],
  ])("%s: the steps before it stand, and the network goes on", async (_, spoil, message) => {
    const [read, twin] = [await network(), await network()];
    await twin.fit({ length: m, read: pick }, { epochs: 1, batchSize: 8, warnings: false });
    const stop = new AbortController();
    const two = await network();
    await two.fit(overArrays, {
      epochs: 1,
      batchSize: 8,
      warnings: false,
      signal: stop.signal,
      onStep: ({ step }) => void (step === 2 && stop.abort()),
    });
    const { memoryBytes: before } = await instanceOf(read);
    const error = await errorOf(() =>
      read.fit(spoiled(3, spoil), { epochs: 1, batchSize: 8, warnings: false }),
    );
    expect(String(error)).toContain(message);
    expect(read.steps).toBe(2);
    expect(hashOf(read.parameters())).toBe(hashOf(two.parameters()));
    expect((await instanceOf(read)).memoryBytes).toBe(before);
    for (const it of [read, two]) await it.fit(x, y, { epochs: 1, batchSize: 8 });
    expect(hashOf(read.parameters())).toBe(hashOf(two.parameters()));
  });

  it("a number that isn't finite is told by its row of the data set", async () => {
    const here = await network();
    const dataset: Dataset = {
      length: m,
      read: (rows) => ({
        x: new Matrix(
          Float64Array.from([...rows].flatMap((i) => (i === 33 ? [0, Infinity, 0] : [1, 2, 3]))),
          rows.length,
          3,
        ),
        y: Array.from(rows, () => 1),
      }),
    };
    const error = await errorOf(() => here.fit(dataset, { epochs: 1, batchSize: 8 }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.path).toMatch(/^batch \d, x\.data\[\d+\]$/);
    expect(error.got).toContain("in row 33 of the data set");
  });

  it("the cause of a read that failed is there", async () => {
    const mine = new RangeError("no disk");
    const error = await errorOf(async () =>
      (await network()).fit({ length: 4, read: () => Promise.reject(mine) }, { epochs: 1 }),
    );
    expect(error.cause).toBe(mine);
  });

  it.each([0, 1.5, -1, Number.NaN, "50", undefined, 2 ** 32])(
    "a length of %s is a ShapeError",
    async (length) => {
      const error = await errorOf(async () =>
        (await network()).fit({ length, read: pick } as Dataset, { epochs: 1 }),
      );
      expect(error).toBeInstanceOf(ShapeError);
      expect(error.path).toBe("length");
    },
  );

  it.each<[FitOptions, string]>([
    [{ epochs: 1, validation: { fraction: 0.3, stratify: true } }, "validation.stratify"],
    [{ epochs: 1, validation: { fraction: 0.001 } }, "validation.fraction"],
    [{ epochs: 1, validation: { x: [[1]], y: [1] } }, "validation.x"],
    [{ epochs: 1.5 }, "epochs"],
  ])("options %j", async (options, path) => {
    const here = await network();
    expect((await errorOf(() => here.fit(overArrays, options))).path).toBe(path);
    expect(here.steps).toBe(0);
    await here.fit(x, y, { epochs: 1 });
  });

  it("weights of a fit before have no effect", async () => {
    const [here, twin] = [await network(), await network()];
    const sampleWeight = y.map((_, i) => 1 + (i % 3));
    for (const it of [here, twin]) await it.fit(x, y, { epochs: 1, batchSize: 8, sampleWeight });
    await here.fit(overArrays, { epochs: 2, batchSize: 8 });
    await twin.fit(x, y, { epochs: 2, batchSize: 8 });
    expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("labels beside it are refused", async () => {
    const here = await network();
    const error = await errorOf(() => here.fit(overArrays as never, y, { epochs: 1 }));
    expect(error.message).toContain("y: expected none beside a data set that is read");
    expect((await errorOf(() => here.fit(overArrays, undefined as never))).path).toBe("epochs");
  });

  it("86 a last batch of one example, for batchNorm, is refused before the first step", async () => {
    const here = await createNetwork({
      inputs: 3,
      layers: [dense(4), batchNorm(), dense(1, { activation: "sigmoid" })],
    });
    const error = await errorOf(() => here.fit(overArrays, { epochs: 1, batchSize: 7 }));
    expect(error.path).toBe("batchSize");
    here.dispose();
  });
});

describe("a read that never settles", () => {
  it.each([1, 3])("is left when the signal aborts, at batch %i", async (k) => {
    const here = await network();
    const stop = new AbortController();
    let count = 0;
    const dataset: Dataset = {
      length: m,
      read: (rows) => {
        count += 1;
        if (count < k) return pick(rows);
        setTimeout(() => stop.abort("enough"), 5);
        return new Promise(() => undefined);
      },
    };
    const history = await here.fit(dataset, { epochs: 1, batchSize: 8, signal: stop.signal });
    expect(history).toMatchObject({ stoppedBy: "signal", reason: "enough", steps: k - 1 });
    await here.fit(x, y, { epochs: 1 });
  });

  it("also where rows are held back or a checkpoint knows them again; and one that is rejected later is ignored", async () => {
    for (const more of [
      { validation: { fraction: 0.2 } },
      { checkpoint: { path: "c", store: new MemoryStore() } },
    ]) {
      const here = await network();
      const stop = new AbortController();
      const dataset: Dataset = {
        length: m,
        read: () =>
          new Promise((_, reject) => {
            setTimeout(() => stop.abort(), 5);
            setTimeout(() => reject(new Error("late")), 15);
          }),
      };
      const history = await here.fit(dataset, { epochs: 1, signal: stop.signal, ...more });
      expect(history).toMatchObject({ stoppedBy: "signal", steps: 0 });
      await new Promise((resolve) => setTimeout(resolve, 30));
      here.dispose();
    }
  });

  it("another fit and dispose are refused meanwhile, and predict isn't", async () => {
    const here = await network();
    const stop = new AbortController();
    const fitting = here.fit(
      { length: m, read: () => new Promise(() => undefined) },
      { epochs: 1, signal: stop.signal },
    );
    await later();
    expect((await errorOf(() => here.fit(x, y, { epochs: 1 }))).name).toBe("StateError");
    expect(() => here.dispose()).toThrow("no fit running");
    expect(here.predict(x).rows).toBe(m);
    stop.abort();
    expect((await fitting).steps).toBe(0);
  });
});
