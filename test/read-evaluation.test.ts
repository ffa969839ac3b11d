// evaluate of data that are read, and validation by them: the scores of arrays to the bit, a bounded part in memory.
import { describe, expect, it } from "vitest";
import {
  type Batch,
  categoricalCrossEntropy,
  createNetwork,
  custom,
  type Dataset,
  dense,
  type FitOptions,
  fitScaling,
  fScore,
  Matrix,
  type Metric,
  pinball,
  precision,
  recall,
  resumeTraining,
  type Stream,
  stream,
  topK,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore, rejection } from "./files/small-files.js";
import { instanceOf } from "./instance.js";
import { made } from "./made.js";

/** More rows than are predicted at once. */
const m = 1100;
const x = Array.from({ length: m }, (_, i) => [
  Math.sin(i),
  Math.cos(3 * i),
  Math.round(4 * Math.sin(7 * i)) / 4,
]);
const sampleWeight = x.map((_, i) => ((i * 7) % 5) / 2);

const rowsOf = (y: readonly unknown[], isWeighted: boolean) => (rows: Iterable<number>) => {
  const all = [...rows];
  const batch = { x: all.map((i) => x[i] ?? []), y: all.map((i) => y[i]) } as Batch;
  return isWeighted ? { ...batch, sampleWeight: all.map((i) => sampleWeight[i] ?? 0) } : batch;
};

/** The rows as a data set, and as streams. */
function formsOf(y: readonly unknown[], isWeighted: boolean): readonly (Dataset | Stream)[] {
  const read = rowsOf(y, isWeighted);
  const pieces = (size: number) =>
    async function* () {
      for (let start = 0; start < m; start += size) {
        yield read(Array.from({ length: Math.min(size, m - start) }, (_, i) => start + i));
      }
    };
  return [
    { length: m, read },
    stream(pieces(700), { shuffleWindow: 50, length: m }),
    stream(pieces(1050), { shuffleWindow: 1 }),
  ];
}

const classes = x.map(([a = 0, b = 0]) => (a + b > 0.6 ? 2 : a > 0 ? 1 : 0));
const ofClasses: Metric[] = [
  ...(["balancedAccuracy", "rocAuc", "prAuc", "logLoss", "brier", "calibrationError", "matthews"] as const),
  fScore({ beta: 2 }),
  precision({ average: "weighted" }),
  recall({ average: "micro" }),
];
const ofNumbers: Metric[] = [
  "explainedVariance",
  "meanAbsolutePercentageError",
  pinball({ quantile: 0.2 }),
  { name: "own", value: (targets, { rows }) => rows + (targets as Matrix).rows },
];
const absolute = custom({
  valueAndGradient: ({ data, rows, cols }, targets, weights) => {
    const off = Float64Array.from(data, (value, i) => value - (targets.data[i] ?? 0));
    const sum = off.reduce((all, value, i) => all + Math.abs(value) * (weights?.[i] ?? 1), 0);
    return {
      value: sum / rows,
      gradient: new Matrix(
        off.map((value) => Math.sign(value) / rows),
        rows,
        cols,
      ),
    };
  },
});
const target = (unit: number) => x.map(([a = 0], i) => a * 2 + Math.sin(i * unit));

describe("evaluate gives the scores of arrays, to the bit:", () => {
  const cases: readonly [string, object, readonly unknown[], readonly Metric[]][] = [
    [
      "a softmax",
      { layers: [dense(6), dense(3, { activation: "softmax" })] },
      classes,
      [...ofClasses, topK({ k: 2 }), "confusionMatrix"],
    ],
    [
      "one sigmoid",
      { layers: [dense(1, { activation: "sigmoid" })] },
      classes.map((k) => Math.min(k, 1)),
      ofClasses,
    ],
    [
      "several sigmoids, of scaled x",
      { layers: [fitScaling("standard", x), dense(2, { activation: "sigmoid" })] },
      classes.map((k) => [k % 2, Number(k > 1)]),
      ofClasses,
    ],
    [
      "soft labels",
      { layers: [dense(2, { activation: "softmax" })], loss: categoricalCrossEntropy({ softLabels: true }) },
      classes.map((k) => [k / 2, 1 - k / 2]),
      ["rocAuc"],
    ],
    ["numbers", { layers: [dense(4), dense(2)] }, target(3).map((a, i) => [a, i % 5]), ofNumbers],
    ["counts", { layers: [dense(1)], loss: "poisson" }, classes, []],
    ["a loss of one's own", { layers: [dense(1)], loss: absolute }, target(2), ["r2"]],
  ];
  it.each(cases)("%s", async (_, config, y, metrics) => {
    for (const dtype of ["float32", "float64"] as const) {
      using network = await createNetwork({ inputs: 3, seed: 5, dtype, ...config } as never);
      for (const isWeighted of [false, true]) {
        for (const asked of [[], metrics]) {
          const expected = network.evaluate(x, y as never, {
            metrics: asked,
            ...(isWeighted && { sampleWeight }),
          });
          for (const data of formsOf(y, isWeighted)) {
            expect(await network.evaluate(data, { metrics: asked })).toEqual(expected);
          }
        }
      }
    }
  });

  it("with weights of classes, which are counted in a data set", async () => {
    using network = await createNetwork({ layerDims: [3, 3], outputActivation: "softmax" });
    const [rows, flow] = formsOf(classes, true) as [Dataset, Stream];
    for (const classWeight of ["balanced", [1, 0, 3]] as const) {
      const expected = network.evaluate(x, classes, { classWeight, sampleWeight });
      expect(await network.evaluate(rows, { classWeight })).toEqual(expected);
      if (classWeight !== "balanced") expect(await network.evaluate(flow, { classWeight })).toEqual(expected);
    }
    const error = await rejection(network.evaluate(flow, { classWeight: "balanced" }));
    expect(String(error)).toContain("ConfigError: classWeight: expected a number for each class");
  });
});

it("a data set that no memory could hold is read piece by piece", async () => {
  const network = made(await createNetwork({ layerDims: [500, 4, 1], threads: 1 }));
  network.predict(new Matrix(new Float32Array(500 * 1024), 1024, 500));
  const { memoryBytes } = await instanceOf(network);
  const stop = new AbortController();
  let read = 0;
  const data: Dataset = {
    length: 2e9,
    read: ({ length }) => {
      read += length;
      if (read > 40_000) stop.abort("enough");
      return {
        x: new Matrix(new Float32Array(500 * length).fill(0.5), length, 500),
        y: new Uint8Array(length),
      };
    },
  };
  // An order of all rows alone would take 8 GB.
  expect(await rejection(network.evaluate(data, { signal: stop.signal }))).toBe("enough");
  expect((await instanceOf(network)).memoryBytes).toBe(memoryBytes);
});

describe("while its data are read", () => {
  const network = async () =>
    made(await createNetwork({ layerDims: [3, 3], outputActivation: "softmax", seed: 1 }));
  const [rows] = formsOf(classes, false) as [Dataset];

  it("the network stays as it is, and can be read", async () => {
    const here = await network();
    const stop = new AbortController();
    const never = { length: 5, read: () => new Promise<Batch>(() => undefined) };
    const waiting = here.evaluate(never, { signal: stop.signal });
    expect(here.predict(x).rows).toBe(m);
    for (const change of [
      () => here.trainStep(x, classes, { optimizer: {} as never }),
      () => here.setParameters([]),
      () => here.dispose(),
    ]) {
      expect(change).toThrow("expected no evaluation waiting for data that are read");
    }
    expect(await rejection(here.fit(x, classes, { epochs: 1 }))).toMatchObject({ code: "ERR_STATE" });
    stop.abort();
    expect(await rejection(waiting)).toBe(stop.signal.reason);
    await here.fit(x, classes, { epochs: 1 });
  });

  it("a callback of fit may wait for it, and one that doesn't is told", async () => {
    const here = await network();
    const found: unknown[] = [];
    let untold: Promise<unknown> = Promise.resolve();
    let end: (rows: Batch) => void = () => undefined;
    const whenOver = new Promise<Batch>((resolve) => {
      end = resolve;
    });
    const late = { length: 5, read: () => whenOver };
    await here.fit(x, classes, {
      epochs: 2,
      batchSize: 100,
      onEpoch: async ({ epoch }) => {
        const expected = here.evaluate(x, classes);
        if (epoch === 1) untold = rejection(here.evaluate(late));
        else expect(await here.evaluate(rows)).toEqual(expected);
        found.push(epoch);
      },
    });
    expect(found).toEqual([1, 2]);
    end(rowsOf(classes, false)([0, 1, 2, 3, 4]));
    expect(String(await untold)).toContain("StateError: evaluate: expected no step while its data are read");
  });

  it("what is wrong with them is told as fit tells it", async () => {
    const here = await network();
    const wrong = (more: object): Dataset => ({
      length: m,
      read: (at) => ({ ...rowsOf(classes, false)(at), ...more }),
    });
    const told = async (data: unknown, ...rest: unknown[]) =>
      String(
        await rejection(
          (here.evaluate as (...args: unknown[]) => Promise<unknown>).call(here, data, ...rest),
        ),
      );
    expect(await told(wrong({ x: [[1, 2]] }))).toContain("ShapeError: batch 1, x: expected m×3");
    expect(await told(wrong({ y: classes.map(() => 7) }))).toContain("ShapeError: batch 1, y");
    expect(await told(wrong({ sampleWeight: Array(1024).fill(-1) }))).toContain(
      "DataError: batch 1, sampleWeight[0]",
    );
    expect(
      await told({
        length: 9,
        read: (at: Uint32Array) => ({ ...rowsOf(classes, false)(at), sampleWeight: at.fill(0) }),
      }),
    ).toContain("a weight above 0");
    expect(await told({ length: 0, read: () => undefined })).toContain("ShapeError: length");
    expect(await told(stream(() => [], { shuffleWindow: 1 }))).toContain(
      "DataError: stream: expected at least one row",
    );
    const [, flow] = formsOf(classes, false) as [Dataset, Stream];
    expect(await told({ ...flow, length: m + 1 })).toContain(`its end after ${m}`);
    expect(await told({ ...flow, length: m - 1 })).toContain(`more than ${m - 1}`);
    expect(await told(rows, classes, {})).toContain(
      "y: expected none beside a data set that is read: evaluate(data",
    );
    expect(await told(rows, { sampleWeight })).toContain(
      "sampleWeight: expected none beside data that are read",
    );
    expect(await told(rows, { metric: ["rocAuc"] })).toContain("did you mean metrics");
    expect(() => here.evaluate(x, classes, { signal: new AbortController().signal } as never)).toThrow(
      "options.signal",
    );
  });
});

describe("validation: { data }", () => {
  const small = { x: x.slice(0, 60), y: classes.slice(0, 60) };
  const common: FitOptions = {
    epochs: 8,
    metrics: ["rocAuc"],
    earlyStopping: { patience: 2, minDelta: 0.001 },
    reduceOnPlateau: { patience: 1, minDelta: 0.01 },
    weightAverage: { decay: 0.7 },
  };
  const network = async () =>
    made(await createNetwork({ layerDims: [3, 5, 3], outputActivation: "softmax", seed: 1 }));

  it("is as { x, y }, whatever is trained on, and when it is resumed", async () => {
    for (const [k, data] of formsOf(classes, true).entries()) {
      const options = { ...common, batchSize: [16, 100][k] ?? 30 }; // also more than there are examples
      const twin = await network();
      const expected = await twin.fit(small.x, small.y, {
        ...options,
        validation: { x, y: classes, sampleWeight },
      });
      const here = await network();
      const validation = { data };
      const read: Dataset = { length: 60, read: rowsOf(classes, false) };
      expect(await here.fit(read, { ...options, validation })).toEqual(expected);
      expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
      if ("type" in data && data.length === undefined) continue;
      const files: Uint8Array[] = [];
      const store = new MemoryStore();
      await (await network()).fit(small.x, small.y, {
        ...options,
        validation,
        checkpoint: { path: "c", store, everySteps: 1 },
        onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
      });
      for (const i of [0, 2, files.length - 1]) {
        const other = new MemoryStore();
        other.generations.push(files[i] ?? new Uint8Array());
        const { checkpoint: _, epochs: __, ...again } = { ...options, checkpoint: 1 };
        const found = await resumeTraining("c", small.x, small.y, { ...again, validation, store: other });
        expect(found.history).toEqual(expected);
        expect(hashOf(found.network.parameters())).toBe(hashOf(twin.parameters()));
        found.network.dispose();
        const others = { data: { length: m, read: rowsOf(classes, false) } };
        const error = await rejection(
          resumeTraining("c", small.x, small.y, { ...again, validation: others, store: other }),
        );
        expect(error).toMatchObject({ name: "StateError", path: "validation.sampleWeight" });
      }
    }
  });

  it("that is interrupted ends the fit, and the resumed one comes to the same end", async () => {
    const data: Dataset = { length: m, read: rowsOf(classes, false) };
    const options = { ...common, batchSize: 16 };
    const twin = await network();
    const expected = await twin.fit(small.x, small.y, { ...options, validation: { data } });
    const stop = new AbortController();
    let count = 0;
    const slow: Dataset = {
      length: m,
      read: (rows) => {
        if (++count < 9) return data.read(rows);
        stop.abort();
        return new Promise(() => undefined);
      },
    };
    const store = new MemoryStore();
    const here = await network();
    const checkpoint = { path: "c", store, everySteps: 1 };
    const cut = await here.fit(small.x, small.y, {
      ...options,
      validation: { data: slow },
      checkpoint,
      signal: stop.signal,
    });
    expect(cut.stoppedBy).toBe("signal");
    expect(cut.validation?.epochs.length).toBe(cut.loss.length - 1);
    const { epochs: _, ...again } = options;
    const found = await resumeTraining("c", small.x, small.y, { ...again, validation: { data }, store });
    expect(found.history).toEqual(expected);
    expect(hashOf(found.network.parameters())).toBe(hashOf(twin.parameters()));
    found.network.dispose();
  });

  it("bad input", async () => {
    const here = await network();
    const told = async (validation: object, more: object = {}) =>
      String(await rejection(here.fit(small.x, small.y, { epochs: 2, validation, ...more } as FitOptions)));
    const data: Dataset = { length: m, read: rowsOf(classes, false) };
    expect(await told({ data: small.x })).toContain("ConfigError: validation.data: expected a data set");
    expect(await told({ data, x })).toContain("validation.x: expected none beside data");
    expect(await told({ data, fraction: 0.2 })).toContain("validation.data: expected none beside fraction");
    expect(await told({ data: { ...data, length: 0.5 } })).toContain("ShapeError: validation.data.length");
    expect(here.steps).toBe(0);
    const wrong = { length: 5, read: () => ({ x: [[1]], y: [1] }) };
    expect(await told({ data: wrong })).toContain("ShapeError: validation.data, batch 1, x");
    const endless = stream(() => [], { shuffleWindow: 1 });
    const checkpoint = { path: "c", store: new MemoryStore() };
    expect(await told({ data: endless }, { checkpoint })).toContain("ConfigError: validation.data.length");
    expect(await told({ data: wrong }, { checkpoint })).toContain(
      "ShapeError: validation.data, the first batch, x",
    );
    await here.fit(small.x, small.y, { epochs: 1 });
  });
});
