// Where fit takes its batches from changes no bit, and its copy of the data set is given back.
import { afterEach, describe, expect, it, vi } from "vitest";
import { toExamples } from "../ts/data/examples.js";
import {
  adam,
  createNetwork,
  DataError,
  Matrix,
  type Network,
  NumericError,
  ResourceError,
} from "../ts/index.js";
import { atOnce } from "../ts/platform/breath.js";
import { openBatchSource } from "../ts/training/batch-source.js";
import { hashOf } from "./closeness.js";
import { instanceOf } from "./instance.js";
import { made } from "./made.js";

/** Enough bytes per batch for several threads to gather it. */
const [m, inputs, batchSize] = [700, 301, 333];
const x = new Matrix(
  Float32Array.from({ length: m * inputs }, (_, i) => ((i * 7919) % 1000) / 500 - 1),
  m,
  inputs,
);
const y = Array.from({ length: m }, (_, i) => i % 3);

const EPOCHS = 4;
const DATA_SET = "a data set of";

async function network(threads = 1): Promise<Network> {
  const layerDims = [inputs, 5, 3];
  const network = await createNetwork({ layerDims, outputActivation: "softmax", seed: 7, threads });
  made(network);
  return network;
}

/** Offsets of the data sets that were copied into this network's memory, and of those given back. */
async function watch(network: Network) {
  const instance = await instanceOf(network);
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

describe("a data set", () => {
  it("is copied into wasm memory once, given back at the end, and trains to the bits of one that isn't", async () => {
    const oneByOne = await network();
    const optimizer = adam();
    for (let epoch = 0; epoch < EPOCHS; epoch++)
      await oneByOne.fit(x, y, { epochs: 1, batchSize, optimizer });
    const digest = hashOf(oneByOne.parameters());
    for (const threads of [1, 2, 3, 8]) {
      const fitted = await network(threads);
      const { copied, released } = await watch(fitted);
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
    const instance = await instanceOf(fitted);
    const { allocate } = instance;
    vi.spyOn(instance, "allocate").mockImplementation((bytes, what) => {
      if (what.startsWith(DATA_SET)) throw new ResourceError(what, `${bytes} bytes`, "no room");
      return allocate.call(instance, bytes, what);
    });
    await fitted.fit(x, y, { batchSize, epochs: EPOCHS });
    expect(hashOf(fitted.parameters())).toBe(hashOf(expected.parameters()));
  });

  it.each([
    ["transferred", (data: Float32Array) => void structuredClone(0, { transfer: [data.buffer] }), "detached"],
    ["spoiled", (data: Float32Array) => void data.fill(Number.NaN), "some that were changed"],
  ])("is given back where its array is %s while it is copied", async (_, change, got) => {
    for (const room of [true, false]) {
      const fitted = await network();
      const { layers, config } = fitted.trainee;
      const rows = 5000; // more than one chunk
      const data = new Float32Array(rows * inputs);
      const labels = new Uint8Array(rows);
      const examples = atOnce(toExamples(new Matrix(data, rows, inputs), labels, config, layers.engine));
      expect(examples.borrowed).toBe(true);
      const batch = layers.trainingMemory(batchSize);
      const { copied, released } = await watch(fitted);
      if (!room) {
        vi.spyOn(await instanceOf(fitted), "allocate").mockImplementation((bytes, what) => {
          throw new ResourceError(what, `${bytes} bytes`, "no room");
        });
      }
      const copying = openBatchSource(layers, batch, examples, { size: batchSize, seed: 1 });
      copying.next();
      change(data);
      expect(() => atOnce(copying)).toThrow(DataError);
      expect(() => atOnce(openBatchSource(layers, batch, examples, { size: batchSize, seed: 1 }))).toThrow(
        got,
      );
      expect(released).toEqual(copied);
      expect(copied).toHaveLength(room ? 2 : 0);
      vi.restoreAllMocks();
    }
  });

  it("is given back where fit fails", async () => {
    const fitted = await network();
    const { copied, released } = await watch(fitted);
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
  { what: "a single visit", epochs: 1, batchSize, copies: 1 },
  { what: "one batch, which is a copy itself", epochs: EPOCHS, batchSize: m, copies: 0 },
])("a data set has $copies copies besides for $what", async ({ what: _, copies, ...options }) => {
  const fitted = await network();
  const { copied } = await watch(fitted);
  await fitted.fit(x, y, options);
  expect(copied).toHaveLength(copies);
});
