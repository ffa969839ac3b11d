// A network that begins with a scaling layer is the network without it on scaled x, to the bit, wherever x comes in.
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import {
  adam,
  createNetwork,
  type Dtype,
  dense,
  dropout,
  fitScaling,
  gradientCheck,
  Matrix,
  ResourceError,
  residual,
  resumeTraining,
  type ScalingLayer,
  type ScalingMethod,
  scaling,
  stream,
} from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { checkpointsOf, storeOf } from "../files/small-files.js";
import { instanceOf } from "../instance.js";
import { Random } from "../random-cases.js";
import { scaled } from "./scaled.js";

const METHODS: readonly ScalingMethod[] = ["standard", "minMax", "robust", "quantileNormal"];
const DTYPES: readonly Dtype[] = ["float32", "float64"];
const EACH = METHODS.flatMap((method) => DTYPES.map((dtype) => ({ method, dtype })));

const [m, inputs] = [157, 9];
const random = new Random(4);
/** Columns of scales from 10⁻³ to 10⁵ and far from 0, one of them with few different numbers. */
const x = random
  .rows(m, inputs)
  .map((row) => row.map((value, j) => (j === 4 ? Math.round(value) : 3 + value) * 10 ** (j - 3)));
const y = Array.from({ length: m }, () => random.below(3));

let emitted: MockInstance<typeof process.emitWarning>;
beforeEach(() => {
  emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());
const warnings = () => emitted.mock.calls.map(([text]) => String(text));

const rest = [
  dense(16, { activation: "tanh" }),
  dropout({ keepProb: 0.8 }),
  dense(3, { activation: "softmax" }),
];
const options = (dtype: Dtype, layer?: ScalingLayer) => ({
  inputs,
  layers: layer === undefined ? rest : [layer, ...rest],
  dtype,
  seed: 2,
  threads: 1,
});

describe.each(EACH)("by $method in $dtype", ({ method, dtype }) => {
  const layer = fitScaling(method, x);

  it.each([
    { what: "mini-batches", fit: { epochs: 3, batchSize: 20 } },
    { what: "one batch", fit: { epochs: 3, batchSize: m } },
    { what: "validation", fit: { epochs: 3, batchSize: 50, validation: { fraction: 0.2 } } },
    { what: "each step watched", fit: { epochs: 2, batchSize: 20, onStep: () => undefined } },
  ])("fit in $what, predict, evaluate and classify are the same", async ({ fit }) => {
    const before = Matrix.from(await scaled(layer, x, dtype));
    using scales = await createNetwork(options(dtype, layer));
    using plain = await createNetwork(options(dtype));
    const history = await scales.fit(x, y, { ...fit, l2: 0.1 });
    expect(history).toEqual(await plain.fit(before, y, { ...fit, l2: 0.1 }));
    expect(hashOf(scales.parameters())).toBe(hashOf(plain.parameters()));
    expect(scales.predict(x)).toEqual(plain.predict(before));
    expect(scales.classify(x)).toEqual(plain.classify(before));
    const metrics = ["logLoss"] as const;
    expect(scales.evaluate(x, y, { metrics })).toEqual(plain.evaluate(before, y, { metrics }));
  });

  it("trainStep and gradients are the same, again and again", async () => {
    const before = Matrix.from(await scaled(layer, x, dtype));
    using scales = await createNetwork(options(dtype, layer));
    using plain = await createNetwork(options(dtype));
    const [one, other] = [adam(), adam()];
    for (const rows of [m, m, 40]) {
      const [raw, ready] = [x.slice(0, rows), before.toArray().slice(0, rows)];
      const labels = y.slice(0, rows);
      expect(scales.gradients(raw, labels)).toEqual(plain.gradients(ready, labels));
      const step = scales.trainStep(raw, labels, { optimizer: one });
      expect(step).toBe(plain.trainStep(ready, labels, { optimizer: other }));
      expect(scales.predict(raw)).toEqual(plain.predict(ready));
    }
    expect(hashOf(scales.parameters())).toBe(hashOf(plain.parameters()));
  });

  it("a data set for which the engine has no room is scaled batch by batch", async () => {
    using roomy = await createNetwork(options(dtype, layer));
    using cramped = await createNetwork(options(dtype, layer));
    const instance = await instanceOf(cramped as never);
    const { allocate } = instance;
    await roomy.fit(x, y, { epochs: 2, batchSize: 20 });
    vi.spyOn(instance, "allocate").mockImplementation((bytes, what) => {
      if (what.startsWith("a data set of")) throw new ResourceError(what, `${bytes} bytes`, "no room");
      return allocate.call(instance, bytes, what);
    });
    await cramped.fit(x, y, { epochs: 2, batchSize: 20 });
    expect(hashOf(cramped.parameters())).toBe(hashOf(roomy.parameters()));
  });

  it("batches that are read while training goes on are scaled", async () => {
    const [held, read, streamed] = [
      await createNetwork(options(dtype, layer)),
      await createNetwork(options(dtype, layer)),
      await createNetwork(options(dtype, layer)),
    ];
    const rowsOf = (from: readonly number[]) => ({
      x: from.map((i) => x[i] ?? []),
      y: from.map((i) => y[i] ?? 0),
    });
    const data = { length: m, read: (rows: Uint32Array) => rowsOf([...rows]) };
    const fit = { epochs: 2, batchSize: 20 };
    expect(await read.fit(data, fit)).toEqual(await held.fit(x, y, fit));
    expect(hashOf(read.parameters())).toBe(hashOf(held.parameters()));
    const all = stream(() => [{ x, y }], { shuffleWindow: 1 });
    const whole = { epochs: 2, batchSize: m };
    expect(await streamed.fit(all, whole)).toEqual(
      await (await createNetwork(options(dtype, layer))).fit(x, y, whole),
    );
  });

  it("threads change no bit", async () => {
    const wide = Matrix.from(new Random(8).rows(801, 70));
    const labels = Array.from({ length: wide.rows }, (_, i) => i % 3);
    const first = fitScaling(method, wide, { softClip: 2 });
    const bits = async (threads: number) => {
      using network = await createNetwork({ inputs: 70, layers: [first, ...rest], dtype, seed: 2, threads });
      await network.fit(wide, labels, { epochs: 2, batchSize: 100 });
      return [hashOf(network.parameters()), network.predict(wide).data];
    };
    const one = await bits(1);
    expect(await bits(2)).toEqual(one);
    expect(await bits(3)).toEqual(one);
  });

  it("its configuration is JSON that makes the same network", async () => {
    using network = await createNetwork(options(dtype, layer));
    using again = await createNetwork({ ...JSON.parse(JSON.stringify(network.config)), threads: 1 });
    expect(again.config).toEqual(network.config);
    expect(again.predict(x)).toEqual(network.predict(x));
    expect(Object.isFrozen(layer)).toBe(true);
  });

  it("a fit that is resumed ends with the same bits", async () => {
    using network = await createNetwork(options(dtype, layer));
    const rows = x.slice(0, 23);
    const fit = { epochs: 3, batchSize: 5, optimizer: adam() };
    const checkpoints = await checkpointsOf(network as never, fit, { everySteps: 4 }, y.slice(0, 23), rows);
    for (const bytes of checkpoints.slice(1)) {
      const resumed = await resumeTraining("-", rows, y.slice(0, 23), { store: storeOf(bytes) });
      expect(resumed.network.config).toEqual(network.config);
      expect(hashOf(resumed.network.parameters())).toBe(hashOf(network.parameters()));
      resumed.network.dispose();
    }
  });
});

it.each([{ batchSize: 20 }, { batchSize: m }, { batchSize: 20, room: false }])(
  "bytes are scaled after they have become numbers: %j",
  async ({ batchSize, room }) => {
    const data = Uint8Array.from({ length: m * inputs }, () => random.below(256));
    const scale = 1 / 255;
    const bytes = { data, rows: m, cols: inputs, scale };
    const numbers = new Matrix(
      Float32Array.from(data, (byte) => byte * Math.fround(scale)),
      m,
      inputs,
    );
    const layer = fitScaling("standard", bytes);
    expect(layer).toMatchObject({ method: "standard" });
    using of = await createNetwork(options("float32", layer));
    using other = await createNetwork(options("float32", layer));
    if (room === false) {
      const instance = await instanceOf(of as never);
      const { allocate } = instance;
      vi.spyOn(instance, "allocate").mockImplementation((count, what) => {
        if (what.startsWith("a data set of")) throw new ResourceError(what, `${count} bytes`, "no room");
        return allocate.call(instance, count, what);
      });
    }
    await of.fit(bytes, y, { epochs: 2, batchSize });
    vi.restoreAllMocks();
    await other.fit(numbers, y, { epochs: 2, batchSize });
    expect(hashOf(of.parameters())).toBe(hashOf(other.parameters()));
    expect(of.predict(bytes)).toEqual(other.predict(numbers));
    expect(of.evaluate(bytes, y)).toEqual(other.evaluate(numbers, y));
  },
);

it.each(METHODS)("gradientCheck passes behind %s", async (method) => {
  const layers = [
    fitScaling(method, x, { softClip: 3 }),
    dense(6, { activation: "tanh" }),
    residual([dense(6)]),
    dense(2),
  ];
  using network = await createNetwork({ inputs, layers, threads: 1 });
  const check = await gradientCheck(
    network as never,
    x.slice(0, 20),
    x.slice(0, 20).map((row) => row.slice(0, 2)),
  );
  expect(check.ok, check.report()).toBe(true);
});

it("summary lists it, with no parameters", async () => {
  using network = await createNetwork(options("float32", fitScaling("robust", x)));
  expect(network.summary().split("\n").slice(0, 4)).toEqual([
    "layer                     output  parameters",
    "input                          9           0",
    "scaling, robust                9           0",
    "dense, tanh, dropout 0.8      16         160",
  ]);
  expect(network.parameters()).toHaveLength(2);
});

it("numbers that scaling makes infinite are the scaling layer's", async () => {
  const layer = scaling({ method: "standard", center: [0], scale: [1e-30] });
  using network = await createNetwork({ inputs: 1, layers: [layer, dense(1)], threads: 1 });
  expect(() => network.predict([[1e10]])).toThrow("layer 1");
});

describe("warnings", () => {
  const wide = x.map((row) => row.map((value, j) => value * 10 ** j));

  it("of scales look at scaled columns", async () => {
    using network = await createNetwork(options("float32", fitScaling("standard", wide)));
    await network.fit(wide, y, { epochs: 1 });
    expect(warnings()).toEqual([]);
    using unfit = await createNetwork(options("float32", fitScaling("standard", x)));
    await unfit.fit(wide, y, { epochs: 1 });
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain("x's columns differ");
  });

  it("name columns without spread, whose scale is 1", () => {
    const flat = x.map(([a = 0, b = 0], i) => [a, 7, b, 0.1, i === 0 ? 1 : 0]);
    expect(fitScaling("standard", flat)).toMatchObject({ center: { 1: 7, 3: 0.1 }, scale: { 1: 1, 3: 1 } });
    expect(warnings()[0]).toMatch(
      /^fitScaling\("standard"\): x's columns 1, 3 have one value alone, and so the scale 1\./,
    );
    expect(fitScaling("robust", flat)).toMatchObject({ scale: { 1: 1, 3: 1, 4: 1 } });
    expect(warnings()[1]).toContain("columns 1, 3, 4 have quartiles that are equal");
    fitScaling("quantileNormal", flat);
    expect(warnings()[2]).toContain("columns 1, 3 have no range");
    fitScaling("minMax", flat, { warnings: false });
    expect(warnings()).toHaveLength(3);
  });
});
