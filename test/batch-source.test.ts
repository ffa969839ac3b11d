// Where fit takes its batches from changes no bit, and its copy of the data set is given back.
import { afterEach, describe, expect, it, vi } from "vitest";
import { openBatchSource } from "../ts/batch-source.js";
import { CHUNK } from "../ts/breath.js";
import { atOnce, toExamples } from "../ts/data.js";
import {
  adam,
  createNetwork,
  DataError,
  Matrix,
  type Network,
  NumericError,
  ResourceError,
} from "../ts/index.js";
import type { Instance } from "../ts/wasm/kernels.js";
import { hashOf } from "./closeness.js";
import { made } from "./made.js";

/** Enough bytes a batch for several threads to gather it. */
const [m, inputs, batchSize] = [700, 301, 333];
const x = new Matrix(
  Float32Array.from({ length: m * inputs }, (_, i) => ((i * 7919) % 1000) / 500 - 1),
  m,
  inputs,
);
const y = Array.from({ length: m }, (_, i) => i % 3);

/** A fit this long has the data set copied. */
const EPOCHS = 4;
const DATA_SET = "a data set of";

async function network(threads = 1): Promise<Network> {
  const layerDims = [inputs, 5, 3];
  const network = await createNetwork({ layerDims, outputActivation: "softmax", seed: 7, threads });
  made(network);
  return network;
}

function instanceOf(network: Network): Instance {
  return network.trainee.layers.instance;
}

/** Offsets of the data sets that were copied into this network's memory, and of those given back. */
function watch(network: Network) {
  const instance = instanceOf(network);
  const { allocate, release } = instance;
  const copied: number[] = [];
  const released: number[] = [];
  vi.spyOn(instance, "allocate").mockImplementation((bytes, what) => {
    const offset = allocate.call(instance, bytes, what);
    if (what.startsWith(DATA_SET)) copied.push(offset);
    return offset;
  });
  vi.spyOn(instance, "release").mockImplementation((offset, bytes) => {
    released.push(offset);
    release.call(instance, offset, bytes);
  });
  return { copied, released };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a data set that is visited often", () => {
  it("is copied into wasm memory once, given back at the end, and trains to the bits of one that isn't", async () => {
    const oneByOne = await network();
    const optimizer = adam();
    for (let epoch = 0; epoch < EPOCHS; epoch++) await oneByOne.fit(x, y, { batchSize, optimizer });
    const digest = hashOf(oneByOne.parameters());
    for (const threads of [1, 2, 3, 8]) {
      const fitted = await network(threads);
      const { copied, released } = watch(fitted);
      await fitted.fit(x, y, { batchSize, epochs: EPOCHS });
      expect(copied).toHaveLength(1);
      expect(released).toContain(copied[0]);
      expect(hashOf(fitted.parameters())).toBe(digest);
      vi.restoreAllMocks();
    }
  });

  it("stays in JavaScript's memory where wasm has no room for it, with the same bits", async () => {
    const expected = await network();
    await expected.fit(x, y, { batchSize, epochs: EPOCHS });
    const fitted = await network();
    const instance = instanceOf(fitted);
    const { allocate } = instance;
    vi.spyOn(instance, "allocate").mockImplementation((bytes, what) => {
      if (what.startsWith(DATA_SET)) throw new ResourceError(what, `${bytes} bytes`, "no room");
      return allocate.call(instance, bytes, what);
    });
    await fitted.fit(x, y, { batchSize, epochs: EPOCHS });
    expect(hashOf(fitted.parameters())).toBe(hashOf(expected.parameters()));
  });

  it("is given back where its array is transferred while it is copied", async () => {
    const fitted = await network();
    const { copied, released } = watch(fitted);
    const rows = 5000; // more than one chunk
    const data = new Float32Array(rows * inputs);
    const { layers } = fitted.trainee;
    const { write } = layers;
    vi.spyOn(layers, "write").mockImplementation((offset, values) => {
      write.call(layers, offset, values);
      if (data.length > 0) structuredClone(0, { transfer: [data.buffer] });
    });
    const training = fitted.fit(
      new Matrix(data, rows, inputs),
      Array.from({ length: rows }, () => 0),
      { batchSize, epochs: EPOCHS },
    );
    await expect(training).rejects.toThrow("x: expected 1505000 numbers, got 0: its buffer was detached");
    expect(copied).toHaveLength(1);
    expect(released).toContain(copied[0]);
  });

  it("is given back where fit fails", async () => {
    const fitted = await network();
    const { copied, released } = watch(fitted);
    const huge = new Matrix(
      x.data.map((value) => 1e38 * value),
      m,
      inputs,
    );
    await expect(fitted.fit(huge, y, { batchSize, epochs: EPOCHS })).rejects.toBeInstanceOf(NumericError);
    expect(copied).toHaveLength(1);
    expect(released).toContain(copied[0]);
  });
});

it.each([
  { what: "a few visits", epochs: EPOCHS - 1, batchSize },
  { what: "one batch", epochs: EPOCHS, batchSize: m },
])("a data set isn't copied for $what", async ({ what: _, ...options }) => {
  const fitted = await network();
  const { copied } = watch(fitted);
  await fitted.fit(x, y, options);
  expect(copied).toEqual([]);
});

describe("a data set that is transferred in the middle of a fit", () => {
  const transfer = (data: Float32Array) => structuredClone(data.buffer, { transfer: [data.buffer] });

  it.each([2, 301])("ends it at the next step, with rows of %i numbers", async (width) => {
    using fitted = await createNetwork({ layerDims: [width, 1], seed: 7 });
    const data = new Float32Array(6 * width).fill(0.5);
    const onStep = () => void (data.length > 0 && fitted.steps === 2 && transfer(data));
    const labels = [0, 1, 0, 1, 0, 1];
    const training = fitted.fit(new Matrix(data, 6, width), labels, { batchSize: 2, onStep });
    await expect(training).rejects.toBeInstanceOf(DataError);
    await expect(training).rejects.toThrow(
      `x: expected ${6 * width} numbers, got 0: its buffer was detached`,
    );
    expect(fitted.steps).toBe(2);
  });

  it("ends it while it is checked", async () => {
    using fitted = await createNetwork({ layerDims: [1, 1], seed: 7 });
    const length = CHUNK + 1;
    const data = new Float32Array(length);
    const { layers } = fitted.trainee;
    const labels = new Float32Array(length);
    const check = toExamples(new Matrix(data, length, 1), labels, fitted.config, layers.instance);
    check.next();
    transfer(data);
    expect(() => check.next()).toThrow(`x: expected ${length} numbers, got 0: its buffer was detached`);
  });

  it("ends it where all of it is one batch", async () => {
    using fitted = await createNetwork({ layerDims: [1, 1], seed: 7 });
    const { layers, config } = fitted.trainee;
    const data = new Float32Array(4);
    const examples = atOnce(toExamples(new Matrix(data, 4, 1), [0, 1, 0, 1], config, layers.instance));
    transfer(data);
    const batch = layers.trainingMemory(4, false);
    const source = openBatchSource(layers, batch, examples, { size: 4, seed: 1, epochs: 1 });
    expect(() => source.next()).toThrow(DataError);
  });
});
