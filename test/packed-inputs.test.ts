// A fit on full batches packs a large X once: that changes no bit, and the room is given back.
import { afterEach, describe, expect, test, vi } from "vitest";
import { createNetwork, dense, dropout, Matrix, ResourceError } from "../ts/index.js";
import { PackedInputs } from "../ts/model/packed-inputs.js";
import { hashOf } from "./closeness.js";
import { Random } from "./random-cases.js";

/** More than a mebibyte in float32, and no whole panels of either. */
const [ROWS, INPUTS] = [901, 307];
/** As few as gain something. */
const EPOCHS = 10;
const random = new Random(5);
const matrix = () =>
  new Matrix(
    Float32Array.from({ length: ROWS * INPUTS }, () => random.signed()),
    ROWS,
    INPUTS,
  );
const x = matrix();
const other = matrix();
const y = Array.from({ length: ROWS }, (_, i) => i % 3);
const sampleWeight = Array.from({ length: ROWS }, (_, i) => 1 + (i % 2));

const SETTINGS = (["float32", "float64"] as const).flatMap((dtype) =>
  [1, 2].map((threads) => ({ dtype, threads })),
);

const networkOf = (units: number, setting: Partial<(typeof SETTINGS)[number]> = {}) =>
  createNetwork({
    inputs: INPUTS,
    layers: [
      dense(units, { activation: "gelu", l2: 0.1 }),
      dropout({ keepProb: 0.8 }),
      dense(3, { activation: "softmax" }),
    ],
    loss: "categoricalCrossEntropy",
    seed: 2,
    ...setting,
  });

/** What a network is after fits with other data, other weights and other batches between them. */
async function trained(units: number, setting: (typeof SETTINGS)[number]): Promise<string> {
  using network = await networkOf(units, setting);
  const options = { batchSize: ROWS, epochs: EPOCHS, warnings: false };
  await network.fit(x, y, options);
  await network.fit(other, y, { ...options, sampleWeight });
  await network.fit(x, y, { ...options, batchSize: 64, epochs: 1 });
  await network.fit(x, y, options);
  return hashOf(network.parameters());
}

/** How often X was packed, and whether the network lets go of it. */
async function packedFor(units: number, options: object = {}) {
  const packing = vi.spyOn(PackedInputs, "of").mockClear();
  using network = await networkOf(units);
  await network.fit(x, y, { batchSize: ROWS, epochs: EPOCHS, warnings: false, ...options });
  expect(network.trainee.layers.trainingMemory(1).packed).toBeUndefined();
  return packing.mock.results.filter(({ value }) => value !== undefined).length;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("X of a fit on full batches", () => {
  test.each(SETTINGS)("is packed without changing a bit: $dtype, $threads threads", async (setting) => {
    const packing = vi.spyOn(PackedInputs, "of");
    const packed = await trained(5, setting);
    expect(packing.mock.results.filter(({ value }) => value instanceof PackedInputs)).toHaveLength(3);
    packing.mockReturnValue(undefined);
    expect(await trained(5, setting)).toBe(packed);
  });

  test("is packed where units fill their panels badly, and nowhere else", async () => {
    expect(await packedFor(5)).toBe(1);
    expect(await packedFor(64)).toBe(0);
    expect(await packedFor(5, { batchSize: ROWS - 1 })).toBe(0);
    expect(await packedFor(5, { epochs: EPOCHS - 1 })).toBe(0);
  });

  test("is read as it lies where there is no room", async () => {
    using network = await networkOf(5);
    const { engine } = network.trainee.layers;
    const room = engine.room.bind(engine);
    vi.spyOn(engine, "room").mockImplementation((what, requests) => {
      if ("byExamples" in requests) throw new ResourceError("memory", "more", "less");
      return room(what, requests);
    });
    await network.fit(x, y, { batchSize: ROWS, epochs: EPOCHS, warnings: false });
    expect(network.trainee.layers.trainingMemory(1).packed).toBeUndefined();
  });
});
