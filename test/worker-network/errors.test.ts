// Errors cross with their class and all their fields.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Network, WorkerNetwork } from "../../ts/index.js";
import { errorOf, examples, inWorker, layerwise, SMALL } from "./package.js";

const { adam, createNetwork, createWorkerNetwork, LayerwiseError, Matrix } = layerwise;
const { x, y } = examples();

class Tensor {
  values = [[1, 2]];
  dataSync() {}
}

function detached(): Float32Array {
  const array = new Float32Array(67 * 65);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

const holes: unknown[] = [[1], [1]];
delete holes[0];

/** x, y and options that fit refuses. */
const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  "too few columns": [[[1, 2]], [1], {}],
  "rows of several lengths": [[[1, 2], [1]], [1], {}],
  "one flat example": [[1, 2, 3], [1], {}],
  "no rows": [[], [], {}],
  "a string among the numbers": [[Array.from({ length: 65 }, (_, i) => (i === 3 ? "a" : i))], [1], {}],
  "a bigint": [[[1n]], [1], {}],
  "three dimensions": [[[[1]]], [1], {}],
  "a hole": [holes, [1], {}],
  "not a number": [x.toArray().map((row, i) => (i === 5 ? row.fill(Number.NaN, 7) : row)), y, {}],
  "a Matrix with an infinity": [
    new Matrix(
      x.data.map((v, i) => (i === 70 ? Infinity : v)),
      67,
      65,
    ),
    y,
    {},
  ],
  "a label that is none": [x, y.map((c, i) => (i === 4 ? 0.5 : c)), {}],
  "a word as label": [x, y.map((c, i) => (i === 4 ? "cat" : c)), {}],
  "a detached array": [{ data: detached(), rows: 67, cols: 65 }, y, {}],
  "a Map": [new Map(), y, {}],
  "a promise": [Promise.resolve(1), y, {}],
  "a tensor": [new Tensor(), y, {}],
  "a Date": [new Date(), y, {}],
  objects: [[{ a: 1, b: 2 }], y, {}],
  columns: [{ a: [1], b: [2] }, y, {}],
  "a typed array": [new Float32Array(65), [1], {}],
  "a BigInt array": [new BigInt64Array(65), [1], {}],
  nothing: [undefined, undefined, {}],
  "a function as epochs": [x, y, { epochs: () => 1 }],
  "a symbol as epochs": [x, y, { epochs: Symbol("many") }],
  "an unknown option": [x, y, { epoch: 1 }],
  "a callback that is none": [x, y, { epochs: 1, onStep: 5 }],
  "a signal that is none": [x, y, { epochs: 1, signal: {} }],
  "an optimizer that is none": [x, y, { epochs: 1, optimizer: { type: "adaam" } }],
  "a store that is none": [x, y, { epochs: 1, checkpoint: { path: "a", store: new Map() } }],
  "weights of another length": [x, y, { epochs: 1, sampleWeight: [1] }],
  "a negative weight": [x, y, { epochs: 1, sampleWeight: y.map((_, i) => (i === 2 ? -1 : 1)) }],
  "weights of too many classes": [x, y, { epochs: 1, classWeight: [1, 2, 3, 4, 5, 6, 7] }],
  "options that are none": [x, y, 5],
};

describe("fit refuses what the network's fit refuses, in the same words", () => {
  let here: Network;
  let there: WorkerNetwork;

  beforeAll(async () => {
    here = await createNetwork(SMALL);
    there = await createWorkerNetwork(SMALL);
  });

  afterAll(async () => {
    here.dispose();
    await there.dispose();
  });

  it.each(Object.keys(REFUSED))("%s", async (name) => {
    const args = REFUSED[name] ?? [];
    const expected = await errorOf(Reflect.apply(here.fit, here, args));
    const error = await errorOf(Reflect.apply(there.fit, there, args));
    expect(error).toBeInstanceOf(LayerwiseError);
    expect(error).toEqual(expected);
    expect(Object.getPrototypeOf(error)).toBe(Object.getPrototypeOf(expected));
    expect({ ...(error as object) }).toEqual({ ...(expected as object) });
    expect(String(error)).toBe(String(expected));
  });

  it("and so do the other methods", async () => {
    expect(await errorOf(there.trainStep(x, y, {} as never))).toMatchObject({ path: "optimizer" });
    expect(await errorOf(there.setParameters([]))).toMatchObject({ path: "parameters", code: "ERR_SHAPE" });
    expect(await errorOf(there.predict([[1]]))).toMatchObject({ path: "x" });
    expect(await errorOf(there.save(""))).toMatchObject({ path: "path", code: "ERR_CONFIG" });
  });
});

it("createWorkerNetwork rejects as createNetwork does", async () => {
  const error = await errorOf(createWorkerNetwork({ layerDims: [2, 1.5] }));
  expect(error).toBeInstanceOf(layerwise.ConfigError);
  expect(error).toMatchObject({ path: "layerDims[1]", got: "1.5" });
  expect(await errorOf(Reflect.apply(createWorkerNetwork, undefined, []))).toBeInstanceOf(
    layerwise.ConfigError,
  );
});

it("a loss of one's own, whose function can't cross, is refused in words that say so", async () => {
  const loss = layerwise.custom({ valueAndGradient: () => ({ value: 0, gradient: [0] }), name: "mine" });
  const error = await errorOf(createWorkerNetwork({ layerDims: [2, 1], outputActivation: "linear", loss }));
  expect(error).toBeInstanceOf(layerwise.ConfigError);
  expect(error).toMatchObject({ path: "loss", expected: expect.stringMatching(/"mine".* no worker/) });
});

it("a NumericError has its layer and step, and training can go on", async () => {
  const network = await inWorker({ layerDims: [65, 3] });
  const huge = new Matrix(
    x.data.map((value) => value * 1e38),
    67,
    65,
  );
  const error = await errorOf(network.fit(huge, y, { epochs: 1, optimizer: adam(), warnings: false }));
  expect(error).toBeInstanceOf(layerwise.NumericError);
  expect(error).toMatchObject({ layer: 1, step: 1, code: "ERR_NUMERIC" });
  await network.fit(x, y, { epochs: 1 });
});

it("a StorageError has its cause", async () => {
  const network = await inWorker();
  const error = await errorOf(network.save(new URL("./package.ts/no-folder", import.meta.url)));
  expect(error).toBeInstanceOf(layerwise.StorageError);
  expect(error).toMatchObject({ cause: expect.any(Error) });
});

it("a getter that throws rejects with what it threw, and the next call works", async () => {
  const network = await inWorker();
  const thrown = new RangeError("mine");
  const options = {
    get epochs(): number {
      throw thrown;
    },
  };
  expect(await errorOf(network.fit(x, y, options))).toBe(thrown);
  await network.fit(x, y, { epochs: 1 });
});
