// What fit warns of: once a network, in words that name the columns and the cure, and without a bit of difference.
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { createNetwork, dense, gradientDescent, Matrix, type Network, trainMlp } from "../ts/index.js";
import { warn } from "../ts/platform/warning.js";
import { hashOf } from "./closeness.js";
import { made } from "./made.js";
import { Random } from "./random-cases.js";

const m = 60;
const random = new Random(3);
const standard = random.rows(m, 4);
const y = standard.map(([a = 0]) => (a > 0 ? 1 : 0));
const scaled = (factors: readonly number[], shifts: readonly number[] = []) =>
  standard.map((row) => row.map((value, j) => value * (factors[j] ?? 1) + (shifts[j] ?? 0)));

let emitted: MockInstance<typeof process.emitWarning>;

beforeEach(() => {
  emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const texts = () => emitted.mock.calls.map(([text]) => String(text));
const network = async (options: object = {}): Promise<Network> =>
  made(await createNetwork({ layerDims: [4, 8, 1], seed: 1, threads: 1, ...options }));
const options = { epochs: 2, batchSize: 20 };

describe("columns whose scales lie more than 10³ apart", () => {
  const apart = scaled([1, 1, 5000, 0.1]);

  it("are named, with the cure, once a network", async () => {
    const trained = await network();
    await trained.fit(apart, y, options);
    await trained.fit(apart, y, options);
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toMatch(
      /largest column 2 .*smallest column 3 .*Standardise each column: subtract its mean/,
    );
    await (await network()).fit(apart, y, options);
    expect(texts()).toHaveLength(2);
  });

  it("that come with a later fit are warned of then", async () => {
    const trained = await network();
    await trained.fit(standard, y, options);
    expect(texts()).toEqual([]);
    await trained.fit(apart, y, options);
    expect(texts()).toHaveLength(1);
  });

  it("warnings: false silences, and changes no bit; nor does the warning", async () => {
    const [loud, silent] = [await network(), await network()];
    await silent.fit(apart, y, { ...options, warnings: false });
    expect(texts()).toEqual([]);
    await loud.fit(apart, y, options);
    expect(hashOf(loud.parameters())).toBe(hashOf(silent.parameters()));
    expect(texts()).toHaveLength(1);
  });

  it("in trainMlp too", async () => {
    const silent = await trainMlp(apart, y, [4, 3, 1], { iterations: 1, warnings: false });
    expect(texts()).toEqual([]);
    const loud = await trainMlp(apart, y, [4, 3, 1], { iterations: 1 });
    expect(texts()).toHaveLength(1);
    for (const { network: trained } of [silent, loud]) trained.dispose();
  });
});

describe("no warning of", () => {
  it.each([
    ["standardised columns", standard],
    ["columns 900 times apart", scaled([0.1, 90, 1, 1]).map((row) => row.map((v) => Math.sign(v)))],
    [
      "a constant, an all-zero and a rare column",
      standard.map((row, i) => [row[0] ?? 0, 0, 1, i === 7 ? 1 : 0]),
    ],
    [
      "pixels from 0 to 1",
      standard.map((row) => row.map((v) => Math.round(Math.min(1, Math.abs(v)) * 255) / 255)),
    ],
  ])("%s", async (_, x) => {
    await (await network()).fit(x, y, options);
    expect(texts()).toEqual([]);
  });

  it("epochs 0, or a signal that has aborted", async () => {
    const x = scaled([1e6]);
    await (await network()).fit(x, y, { epochs: 0 });
    await (await network()).fit(x, y, { epochs: 1, signal: AbortSignal.abort() });
    expect(texts()).toEqual([]);
  });
});

describe("a first loss far above that of equal chances", () => {
  it.each([
    ["sigmoid", { layerDims: [4, 8, 1] }, y],
    ["sigmoid units", { layerDims: [4, 8, 2] }, Matrix.from(y.map((label) => [label, 1 - label]))],
    ["softmax", { layerDims: [4, 8, 3], outputActivation: "softmax" }, y],
  ])("%s: names the columns of large numbers", async (_, config, labels) => {
    const x = scaled([200, 200, 200, 1]);
    const trained = await network(config);
    await trained.fit(x, labels, { ...options, optimizer: gradientDescent({ learningRate: 1e-9 }) });
    await trained.fit(x, labels, options);
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toMatch(/the first loss is \d+.*equal chances: .*column [012] \(about .*Standardise/);
    expect(texts()[0]).not.toContain("column 3");
  });

  it("counts without the L2 term", async () => {
    await (await network()).fit(standard, y, {
      ...options,
      l2: 1000,
      optimizer: gradientDescent({ learningRate: 1e-9 }),
    });
    expect(texts()).toEqual([]);
  });

  it("blames the weights where the numbers are small", async () => {
    const wide = await network({ layerDims: [4, 60, 60, 60, 1], initialization: "randomNormal" });
    await wide.fit(standard, y, options);
    expect(texts()[0]).toMatch(/the first loss is .*weights are large/);
  });
});

describe("a last batch of under a tenth of the others with l2 > 0", () => {
  const some = (rows: number) =>
    [standard.concat(standard, standard).slice(0, rows), y.concat(y, y).slice(0, rows)] as const;

  it.each([
    [129, 128, 10, true],
    [140, 128, 10, true], // 12 of 128
    [141, 128, 10, false], // 13 of 128
    [129, 128, 0, false],
    [128, 128, 10, false],
    [20, 128, 10, false],
    [33, 32, 0.1, true],
  ])("%i examples by %i, l2 %f: %s", async (rows, batchSize, l2, expected) => {
    const [x, labels] = some(rows);
    const trained = await network();
    const optimizer = gradientDescent({ learningRate: 0.001 });
    await trained.fit(x, labels, { epochs: 1, batchSize, l2, optimizer });
    await trained.fit(x, labels, { epochs: 1, batchSize, l2, optimizer });
    expect(texts()).toHaveLength(expected ? 1 : 0);
    if (expected) expect(texts()[0]).toMatch(/last batch .*L2's λ\/m.*Take another batchSize/);
    const silent = await network();
    await silent.fit(x, labels, { epochs: 1, batchSize, l2, warnings: false });
    expect(texts()).toHaveLength(expected ? 1 : 0);
  });

  it.each([
    [{ l1: 10 }, {}, "L1's"],
    [{}, { l2: 10 }, "L2's"],
    [{}, { l1: 10 }, "L1's"],
    [{ l2: 10 }, { l2: 0 }, undefined],
  ])("by %j, and %j of its layer: %s", async (call, own, term) => {
    const [x, labels] = some(129);
    using trained = await createNetwork({
      inputs: x[0]?.length ?? 0,
      layers: [dense(1, { activation: "sigmoid", ...own })],
      threads: 1,
    });
    await trained.fit(x, labels, { epochs: 1, batchSize: 128, ...call });
    expect(texts()).toHaveLength(term === undefined ? 0 : 1);
    if (term !== undefined) expect(texts()[0]).toContain(`${term} λ/m`);
  });
});

it("a warning is the console's where the process has none", () => {
  const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { emitWarning } = process;
  Object.assign(process, { emitWarning: undefined });
  try {
    warn("something");
  } finally {
    Object.assign(process, { emitWarning });
  }
  expect(logged.mock.calls).toEqual([["layerwise: something"]]);
});

describe("targets of numbers whose scale is far from 1", () => {
  const linear = { layerDims: [4, 8, 2], outputActivation: "linear" } as const;
  const answers = (...scales: number[]) =>
    standard.map((row) => scales.map((scale, j) => scale * (row[j] ?? 0)));
  const prices = answers(1, 2e5);

  it("are warned of with their unit and the cure, once a network", async () => {
    const trained = await network(linear);
    for (const _ of [1, 2])
      await trained.fit(standard, prices, {
        ...options,
        epochs: 1,
        optimizer: gradientDescent({ learningRate: 1e-9 }),
      });
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toMatch(
      /^y's numbers of unit 1 are about \d+, far from 1, and training goes badly so. Standardise each unit's y: /,
    );
    await (await network(linear)).fit(standard, answers(1e-4, 1e-3), options);
    expect(texts()[1]).toMatch(/unit 1 are about [\d.e-]+ \(and those of 1 more units\)/);
  });

  it("are not where nothing is far, where they count, or where that is silenced", async () => {
    await (await network(linear)).fit(standard, answers(30, 0.1), options);
    await (await network(linear)).fit(standard, answers(0, 1), options);
    await (await network(linear)).fit(standard, prices, { ...options, epochs: 0, warnings: false });
    const counts = standard.map(() => [500, 1000]);
    await (await network({ ...linear, loss: "poisson" })).fit(standard, counts, { ...options, epochs: 1 });
    await (await network({ ...linear, loss: "hinge" })).fit(
      standard,
      y.map((bit) => [bit, bit]),
      options,
    );
    expect(texts()).toEqual([]);
  });
});
