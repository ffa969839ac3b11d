// Typed arrays with rows and columns, scaled on the way: the bits of numbers scaled by hand, and bytes stay bytes.
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  adam,
  createNetwork,
  DataError,
  gradientCheck,
  type Inputs,
  LayerwiseError,
  Matrix,
  type Network,
  ResourceError,
  resumeTraining,
  ShapeError,
  type TypedRows,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore } from "./files/small-files.js";
import { instanceOf } from "./instance.js";
import { made } from "./made.js";

const [rows, cols] = [90, 37];
const scale = 1 / 255;
const data = Uint8Array.from({ length: rows * cols }, (_, i) => (i * 7919) % 256);
const y = Array.from({ length: rows }, (_, i) => i % 3);
const bytes: TypedRows = { data, rows, cols, scale };

/** As the numbers are scaled in the network's dtype. */
function byHand(dtype: "float32" | "float64", given: ArrayLike<number> = data, by = scale): Matrix {
  if (dtype === "float64")
    return new Matrix(
      Float64Array.from(given, (v) => v * by),
      rows,
      cols,
    );
  return new Matrix(
    Float32Array.from(given, (v) => Math.fround(Math.fround(v) * Math.fround(by))),
    rows,
    cols,
  );
}

async function network(options: object = {}): Promise<Network> {
  const layerDims = [cols, 16, 3];
  return made(await createNetwork({ layerDims, outputActivation: "softmax", seed: 5, ...options }));
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** All that a network gives of these inputs. */
async function found(x: Inputs, options: object, batchSize: number): Promise<unknown> {
  const here = await network(options);
  const history = await here.fit(x, y, { epochs: 3, batchSize, validation: { x, y }, metrics: ["logLoss"] });
  const held = await here.fit(x, y, { epochs: 1, validation: { fraction: 0.3 }, optimizer: adam() });
  return {
    history,
    held,
    step: here.trainStep(x, y, { optimizer: adam() }),
    gradients: here.gradients(x, y),
    outputs: here.predict(x),
    classes: here.classify(x),
    scores: here.evaluate(x, y),
    hash: hashOf(here.parameters()),
  };
}

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  it.each([
    [1, 7],
    [1, 32],
    [1, rows],
    [2, 64],
  ])(
    "bytes times a scale are the numbers scaled by hand, to the bit: %i threads, batches of %i",
    async (threads, size) => {
      const options = { dtype, threads };
      expect(await found(bytes, options, size)).toEqual(await found(byHand(dtype), options, size));
    },
  );

  it.each([
    ["Uint8ClampedArray", Uint8ClampedArray.from(data), scale],
    ["Int8Array", Int8Array.from(data), -0.3],
    ["Uint16Array", Uint16Array.from(data, (v) => 257 * v), 1 / 65535],
    ["Int32Array", Int32Array.from(data, (v) => 1e6 * v + 1), 1e-8],
    ["Float32Array", Float32Array.from(data, (v) => v / 7), 0.1],
    ["Float64Array", Float64Array.from(data, (v) => v / 7), 0.1],
    ["Uint8Array", data, 1],
    ["shared bytes", shared(), scale],
    ["bytes in a larger buffer", new Uint8Array([9, 9, 9, ...data]).subarray(3), scale],
  ] as const)("%s", async (_, array, by) => {
    const [first, second] = [await network({ dtype }), await network({ dtype })];
    await first.fit({ data: array, rows, cols, scale: by }, y, { epochs: 2, batchSize: 16, warnings: false });
    await second.fit(byHand(dtype, array, by), y, { epochs: 2, batchSize: 16, warnings: false });
    expect(hashOf(first.parameters())).toBe(hashOf(second.parameters()));
  });

  it("where the engine has no room for the data set, too", async () => {
    const [first, second] = [await network({ dtype }), await network({ dtype })];
    const instance = await instanceOf(first);
    const { allocate } = instance;
    vi.spyOn(instance, "allocate").mockImplementation((size, what) => {
      if (what.startsWith("a data set of")) throw new ResourceError(what, `${size} bytes`, "no room");
      return allocate.call(instance, size, what);
    });
    for (const [here, x] of [
      [first, bytes],
      [second, byHand(dtype)],
    ] as const) {
      await here.fit(x, y, { epochs: 2, batchSize: 16 });
    }
    expect(hashOf(first.parameters())).toBe(hashOf(second.parameters()));
  });
});

function shared(): Uint8Array {
  const array = new Uint8Array(new SharedArrayBuffer(rows * cols));
  array.set(data);
  return array;
}

it("without a scale bytes are what a Matrix of them is", async () => {
  const [first, second] = [await network(), await network()];
  await first.fit({ data, rows, cols }, y, { epochs: 2, warnings: false });
  await second.fit(new Matrix(data, rows, cols), y, { epochs: 2, warnings: false });
  expect(hashOf(first.parameters())).toBe(hashOf(second.parameters()));
});

it("bytes stay bytes: fit's copy of them is a byte each, in the engine's memory", async () => {
  const here = await network();
  const instance = await instanceOf(here);
  const allocate = vi.spyOn(instance, "allocate");
  await here.fit(bytes, y, { epochs: 2, batchSize: 16 });
  const [copied, ...others] = allocate.mock.calls.filter(([, what]) => what.startsWith("a data set of"));
  expect(others).toEqual([]);
  // x, and 4 bytes for each label and each place in the order; each block of 64 bytes.
  expect(copied?.[0]).toBeLessThan(rows * cols + 8 * rows + 3 * 64);
});

it("fit reads them at the call, and copies no more than the bytes", async () => {
  const [here, twin] = [await network(), await network()];
  const own = data.slice();
  for (const batchSize of [16, rows]) {
    const fitted = here.fit({ data: own, rows, cols, scale }, y, { epochs: 2, batchSize });
    own.fill(0);
    await fitted;
    own.set(data);
    await twin.fit(bytes, y, { epochs: 2, batchSize });
    expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
  }
});

it("a checkpoint knows the data in either form", async () => {
  const here = await network();
  const store = new MemoryStore();
  await here.fit(bytes, y, {
    epochs: 2,
    batchSize: 16,
    checkpoint: { path: "c", store, everySteps: 4, keep: 1 },
  });
  const path = "c";
  const half = new MemoryStore();
  half.generations.push(store.generations[1] ?? new Uint8Array());
  for (const x of [bytes, byHand("float32")]) {
    const { network: resumed } = await resumeTraining(path, x, y, { store: half });
    expect(hashOf(resumed.parameters())).toBe(hashOf(here.parameters()));
    resumed.dispose();
  }
  const other = { ...bytes, scale: 1 / 256 };
  await expect(resumeTraining(path, other, y, { store: half })).rejects.toMatchObject({ path: "x" });
});

it("gradientCheck takes them", async () => {
  const here = await network({ dtype: "float64" });
  const few = { data: data.subarray(0, 4 * cols), rows: 4, cols, scale };
  expect(await gradientCheck(here, few, y.slice(0, 4))).toMatchObject({ ok: true });
});

describe("bad input", () => {
  it.each<[string, object, abstract new (...args: never[]) => LayerwiseError, string]>([
    [
      "scale NaN",
      { ...bytes, scale: Number.NaN },
      DataError,
      "x.scale: expected a finite number other than 0, got NaN",
    ],
    ["scale ∞", { ...bytes, scale: Infinity }, DataError, "x.scale"],
    ["scale 0", { ...bytes, scale: 0 }, DataError, "x.scale"],
    ["a scale of 0 in float32", { ...bytes, scale: 1e-60 }, DataError, "x.scale"],
    [
      "scale as text",
      { ...bytes, scale: "1" },
      DataError,
      'x.scale: expected a finite number other than 0, got "1"',
    ],
    ["an overflow", { ...bytes, scale: 1e38 }, DataError, "x.data[1]: expected finite numbers"],
    ["28", { ...bytes, rows: 91 }, ShapeError, "x.data.length: expected rows·cols = 91·37 = 3367, got 3330"],
    ["rows −1", { ...bytes, rows: -1 }, ShapeError, "x.rows"],
    ["cols 1.5", { ...bytes, cols: 1.5 }, ShapeError, "x.cols"],
    ["30", { data: new Uint8Array(0), rows: 0, cols }, ShapeError, "x: expected at least one example"],
    ["33", { data, rows: cols, cols: rows }, ShapeError, "x: expected m×37"],
    ["42", { ...bytes, data: new BigInt64Array(3330) }, DataError, "x.data"],
    [
      "35",
      { ...bytes, data: new Float32Array(3330).fill(Number.NaN, 40) },
      DataError,
      "NaN at row 1, column 3",
    ],
  ])("%s", async (_, x, kind, message) => {
    const [here, twin] = [await network(), await network()];
    const { memoryBytes: before } = await instanceOf(here);
    for (const call of [
      () => here.fit(x as Inputs, y, { epochs: 1 }),
      () => here.predict(x as Inputs),
      () => here.trainStep(x as Inputs, y, { optimizer: adam() }),
    ]) {
      const error = await errorOf(call);
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toContain(message);
    }
    expect((await instanceOf(here)).memoryBytes).toBe(before);
    for (const it of [here, twin]) await it.fit(bytes, y, { epochs: 1 });
    expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("44 a detached buffer, 84 validation's x", async () => {
    const here = await network();
    const gone = data.slice();
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const x = { data: gone, rows, cols, scale };
    expect(await errorOf(() => here.fit(x, y, { epochs: 1 }))).toBeInstanceOf(DataError);
    const error = await errorOf(() =>
      here.fit(bytes, y, { epochs: 1, validation: { x: { ...bytes, scale: 0 }, y } }),
    );
    expect(error.path).toBe("validation.x.scale");
    expect(here.steps).toBe(0);
  });

  it("a scale has no meaning for labels", async () => {
    const here = await network();
    const labels = { data: Uint8Array.from(y), rows, cols: 1, scale: 2 };
    const error = await errorOf(() => here.fit(bytes, labels as never, { epochs: 1 }));
    expect(error.message).toContain("y.scale: expected none here");
  });
});

async function errorOf(call: () => unknown): Promise<LayerwiseError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LayerwiseError) return error;
    throw error;
  }
  throw new Error("expected an error, none came");
}
