// Weights of examples and classes, and steps of several batches, of data that are read while training goes on.
import { describe, expect, it, vi } from "vitest";
import {
  type Batch,
  createNetwork,
  custom,
  type Dataset,
  dense,
  type FitOptions,
  Matrix,
  type Network,
  resumeTraining,
  stream,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore, rejection } from "./files/small-files.js";
import { made } from "./made.js";

const m = 53;
const x = Array.from({ length: m }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i)]);
const y = x.map(([a = 0, b = 0]) => (a + b > 0.6 ? 2 : a > 0 ? 1 : 0));
/** With zeros, in some places for a whole batch. */
const sampleWeight = x.map((_, i) => (i > 10 && i < 25 ? 0 : ((i * 7) % 5) / 2));

const rowsOf = (rows: Iterable<number>): Required<Batch> => {
  const all = [...rows];
  return {
    x: all.map((i) => x[i] ?? []),
    y: all.map((i) => y[i] ?? 0),
    sampleWeight: all.map((i) => sampleWeight[i] ?? 0),
  };
};
const weighted: Dataset = { length: m, read: rowsOf };
const plain: Dataset = {
  length: m,
  read: (rows) => {
    const { x, y } = rowsOf(rows);
    return { x, y };
  },
};
/** All rows, in batches of these sizes by turns. */
async function* inPieces(...sizes: readonly number[]): AsyncGenerator<Batch> {
  for (let start = 0, turn = 0; start < m; turn++) {
    const end = Math.min(m, start + (sizes[turn % sizes.length] ?? 1));
    yield rowsOf(Array.from({ length: end - start }, (_, i) => start + i));
    start = end;
  }
}

const network = async (options: object = {}): Promise<Network> =>
  made(await createNetwork({ layerDims: [3, 6, 3], outputActivation: "softmax", seed: 3, ...options }));

const squares = custom({
  valueAndGradient: (outputs, targets, weights) => {
    const { rows, cols } = outputs;
    const weight = (i: number) => (weights?.[Math.floor(i / cols)] ?? 1) / rows;
    const off = Float64Array.from(outputs.data, (value, i) => value - (targets.data[i] ?? 0));
    return {
      value: off.reduce((sum, value, i) => sum + value * value * weight(i), 0),
      gradient: new Matrix(
        off.map((value, i) => 2 * value * weight(i)),
        rows,
        cols,
      ),
    };
  },
});

describe("a data set has the bits of its rows as arrays", () => {
  it.each<[FitOptions]>([
    [{ epochs: 3, batchSize: 8 }],
    [{ epochs: 3, batchSize: 4, accumulate: 3, l2: 0.1, keepProb: 0.8, clip: { norm: 0.5 } }],
    [{ epochs: 2, batchSize: 20, accumulate: 2, classWeight: [1, 0, 3] }],
    [{ epochs: 2, batchSize: 9, accumulate: 8, classWeight: "balanced" }],
    [{ epochs: 2, batchSize: m, classWeight: "balanced", validation: { fraction: 0.3 } }],
    [
      {
        epochs: 6,
        batchSize: 7,
        accumulate: 2,
        classWeight: "balanced",
        validation: { fraction: 0.3 },
        weightAverage: { decay: 0.8 },
        earlyStopping: { patience: 1, minDelta: 0.02 },
      },
    ],
  ])("%j", async (given) => {
    const options = { ...given, warnings: false };
    for (const dtype of ["float32", "float64"] as const) {
      for (const [data, weights] of [
        [weighted, { sampleWeight }],
        [plain, {}],
      ] as const) {
        const [read, twin] = [await network({ dtype }), await network({ dtype })];
        expect(await read.fit(data, options)).toEqual(await twin.fit(x, y, { ...options, ...weights }));
        expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
      }
    }
  });

  it("with a loss of one's own, with bytes, and where steps are watched by none", async () => {
    const bytes = Uint8Array.from({ length: 3 * m }, (_, i) => (i * 71) % 256);
    const read = async (rows: Uint32Array): Promise<Batch> => ({
      x: {
        data: Uint8Array.from([...rows].flatMap((i) => [...bytes.subarray(3 * i, 3 * i + 3)])),
        rows: rows.length,
        cols: 3,
        scale: 1 / 255,
      },
      y: Array.from(rows, (i) => Math.sin(i)),
      sampleWeight: Float32Array.from(rows, (i) => i % 4),
    });
    const all = Uint32Array.from({ length: m }, (_, i) => i);
    for (const accumulate of [1, 3]) {
      const fit = { epochs: 3, batchSize: 6, accumulate, warnings: false };
      const [one, other] = await Promise.all(
        [1, 2].map(() => createNetwork({ inputs: 3, layers: [dense(4), dense(1)], loss: squares, seed: 1 })),
      );
      const { x, y, sampleWeight = [] } = await read(all);
      expect(await one?.fit({ length: m, read }, fit)).toEqual(
        await other?.fit(x, y, { ...fit, sampleWeight }),
      );
      expect(hashOf(one?.parameters() ?? [])).toBe(hashOf(other?.parameters() ?? []));
    }
  });

  it("reads a part at a time, the next one meanwhile", async () => {
    const asked: number[] = [];
    const read = (rows: Uint32Array) => {
      asked.push(rows.length);
      return rowsOf(rows);
    };
    const here = await network();
    const steps: number[] = [];
    const onStep = ({ examples }: { examples: number }) => void steps.push(examples);
    await here.fit({ length: m, read }, { epochs: 2, batchSize: 8, accumulate: 3, onStep });
    expect(asked).toEqual([...Array(2)].flatMap(() => [8, 8, 8, 8, 8, 8, 5]));
    expect(steps).toEqual([24, 24, 5, 24, 24, 5]);
  });
});

describe("a stream", () => {
  it("has the bits of arrays where a step has all of it, and however it is cut", async () => {
    const options = { epochs: 3, batchSize: 10, accumulate: 6, classWeight: [1, 2, 0.5], warnings: false };
    const twin = await network();
    const expected = await twin.fit(x, y, { ...options, sampleWeight });
    for (const sizes of [[1], [m], [7, 30]]) {
      for (const length of [m, undefined]) {
        const here = await network();
        const data = stream(() => inPieces(...sizes), { shuffleWindow: 1, ...(length && { length }) });
        expect(await here.fit(data, options)).toEqual(expected);
        expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
      }
    }
  });

  it("of unknown length ends with a step of what is left", async () => {
    const steps: number[] = [];
    const data = stream(() => inPieces(5), { shuffleWindow: 12 });
    const here = await network();
    const onStep = ({ examples }: { examples: number }) => void steps.push(examples);
    await here.fit(data, { epochs: 2, batchSize: 4, accumulate: 5, onStep });
    expect(steps).toEqual([20, 20, 13, 20, 20, 13]);
  });
});

it("a fit that is resumed in mid-epoch comes to the same end", async () => {
  const sources = [weighted, stream(() => inPieces(7, 3), { shuffleWindow: 12, length: m })];
  for (const data of sources) {
    const given = { classWeight: data === weighted ? ("balanced" as const) : [1, 2, 3] };
    const options = { epochs: 3, batchSize: 5, accumulate: 3, keepProb: 0.7, ...given };
    const files: Uint8Array[] = [];
    const store = new MemoryStore();
    const here = await network();
    const history = await here.fit(data, {
      ...options,
      checkpoint: { path: "c", store, everySteps: 1 },
      onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
    });
    for (const i of [0, 2, 5, 7]) {
      const other = new MemoryStore();
      other.generations.push(files[i] ?? new Uint8Array());
      const { network: resumed, ...found } = await resumeTraining("c", data, { ...given, store: other });
      expect(found.history).toEqual(history);
      expect(hashOf(resumed.parameters())).toBe(hashOf(here.parameters()));
      resumed.dispose();
    }
    const others = { classWeight: [3, 2, 1] };
    const error = await rejection(resumeTraining("c", data, { ...others, store }));
    expect(error).toMatchObject({ name: "StateError", path: "sampleWeight" });
  }
});

describe("bad input", () => {
  const spoiled = (k: number, spoil: (batch: Required<Batch>) => unknown): Dataset => {
    let count = 0;
    return {
      length: m,
      read: (rows) => (++count === k ? spoil(rowsOf(rows)) : rowsOf(rows)) as Batch,
    };
  };
  it.each<[string, (batch: Required<Batch>) => unknown, string]>([
    [
      "none",
      ({ x, y }) => ({ x, y }),
      "ShapeError: batch 3, sampleWeight: expected 8 weights, since the batches before",
    ],
    [
      "too few",
      (it) => ({ ...it, sampleWeight: [1] }),
      "ShapeError: batch 3, sampleWeight: expected 8 weights",
    ],
    [
      "no array",
      (it) => ({ ...it, sampleWeight: 1 }),
      "ShapeError: batch 3, sampleWeight: expected an array",
    ],
    [
      "negative",
      (it) => ({ ...it, sampleWeight: [1, 2, -1, 0, 0, 0, 0, 1] }),
      "DataError: batch 3, sampleWeight[2]: expected a finite",
    ],
    [
      "NaN",
      (it) => ({ ...it, sampleWeight: Array(8).fill(Number.NaN) }),
      "DataError: batch 3, sampleWeight[0]: expected a finite",
    ],
  ])("87 weights of a batch: %s", async (_, spoil, message) => {
    const here = await network();
    const error = await rejection(here.fit(spoiled(3, spoil), { epochs: 1, batchSize: 8, warnings: false }));
    expect(String(error)).toContain(message);
    if (message.includes("[")) expect(String(error)).toMatch(/in row \d+ of the data set/);
    expect(here.steps).toBe(2);
    await here.fit(weighted, { epochs: 1 });
    // In the middle of a step of several batches: it isn't taken.
    const whole = await rejection(here.fit(spoiled(3, spoil), { epochs: 1, batchSize: 8, accumulate: 4 }));
    expect(String(whole)).toContain(message);
    expect(here.steps).toBe(4);
  });

  it("a batch that has weights where the first had none", async () => {
    const pieces = () => [plain.read(Uint32Array.of(0, 1)), weighted.read(Uint32Array.of(2, 3))];
    const error = await rejection((await network()).fit(stream(pieces, { shuffleWindow: 1 }), { epochs: 1 }));
    expect(String(error)).toContain(
      "batch 2 of the stream, sampleWeight: expected none, as the batches before",
    );
  });

  it("87 an epoch in which nothing weighs anything; a batch of zeros among others is none", async () => {
    const zeros: Dataset = { length: m, read: (rows) => ({ ...rowsOf(rows), sampleWeight: rows.fill(0) }) };
    for (const data of [zeros, stream(() => [zeros.read(new Uint32Array(5))], { shuffleWindow: 4 })]) {
      const error = await rejection((await network()).fit(data, { epochs: 2, batchSize: 8 }));
      expect(String(error)).toContain(
        "DataError: sampleWeight: expected a weight above 0 among an epoch's examples",
      );
    }
    const held = await rejection((await network()).fit(zeros, { epochs: 1, validation: { fraction: 0.2 } }));
    expect(String(held)).toContain("either side of validation.fraction");
    const oneClass = { length: m, read: (rows: Uint32Array) => ({ ...rowsOf(rows), y: rows.fill(1) }) };
    const classless = await rejection((await network()).fit(oneClass, { epochs: 1, classWeight: [1, 0, 1] }));
    expect(String(classless)).toContain("an epoch's examples");
  });

  it("78 options: weights beside the data, classes that nobody counts, wrong counts", async () => {
    const here = await network();
    const message = async (data: Dataset | ReturnType<typeof stream>, options: object) =>
      String(await rejection(here.fit(data, { epochs: 1, ...options })));
    expect(await message(weighted, { sampleWeight })).toContain(
      "sampleWeight: expected none beside data that are read",
    );
    const flow = stream(() => inPieces(7), { shuffleWindow: 1 });
    expect(await message(flow, { classWeight: "balanced" })).toContain(
      "classWeight: expected a number for each class",
    );
    expect(await message(flow, { classWeight: [1, 2] })).toContain("classWeight: expected 3 numbers");
    expect(here.steps).toBe(0);
    const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const two: Dataset = {
      length: m,
      read: (rows) => ({ ...rowsOf(rows), y: Array.from(rows, (i) => i % 2) }),
    };
    await here.fit(two, { epochs: 1, classWeight: "balanced" });
    expect(emitted.mock.calls.map(String).join()).toContain('"balanced" finds no example of class 2');
    emitted.mockRestore();
  });

  it("a read that never settles ends by the signal, while classes are counted and within a step", async () => {
    for (const [k, classWeight] of [
      [1, "balanced"],
      [3, undefined],
    ] as const) {
      const stop = new AbortController();
      let count = 0;
      const data: Dataset = {
        length: m,
        read: (rows) => {
          if (++count < k) return rowsOf(rows);
          setTimeout(() => stop.abort(), 2);
          return new Promise(() => undefined);
        },
      };
      const here = await network();
      const options = { epochs: 1, batchSize: 5, accumulate: 4, signal: stop.signal };
      const history = await here.fit(data, { ...options, ...(classWeight && { classWeight }) });
      expect(history).toMatchObject({ stoppedBy: "signal", steps: 0 });
      await here.fit(x, y, { epochs: 1 });
    }
  });
});
