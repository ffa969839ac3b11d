import { describe, expect, it } from "vitest";
import { SCRATCH_BYTES } from "../ts/engine/wasm/instance.js";
import { createNetwork, DataError, type Dtype, Matrix } from "../ts/index.js";
import { instanceOf } from "./instance.js";

const LARGEST: Record<Dtype, number> = { float32: 2 ** 128 - 2 ** 104, float64: Number.MAX_VALUE };

describe.each<Dtype>(["float32", "float64"])("numbers that aren't finite in %s", (dtype) => {
  const piece = SCRATCH_BYTES / 8;
  const length = 2 * piece + 5;
  const numbers = () => (dtype === "float32" ? new Float32Array(length) : new Float64Array(length));

  it("are found at the ends of each piece that is looked at", async () => {
    using network = await createNetwork({ layerDims: [1, 1], dtype });
    for (const place of [0, 1, piece - 1, piece, 2 * piece - 1, 2 * piece, length - 1])
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const data = numbers();
        data[place] = bad;
        const x = new Matrix(data, length, 1);
        expect(() => network.predict(x)).toThrow(DataError);
        expect(() => network.predict(x)).toThrow(`x.data[${place}]: expected finite numbers`);
      }
  });

  it("are not seen in finite ones whose sum overflows", async () => {
    using network = await createNetwork({ layerDims: [1, 1], dtype });
    network.setParameters([{ weights: [[0]], biases: [0] }]);
    const x = new Matrix(numbers().fill(LARGEST[dtype]), length, 1);
    expect(network.predict(x).data.every((p) => p === 0.5)).toBe(true);
  });

  it("are refused before memory grows for a large data set", async () => {
    using network = await createNetwork({ layerDims: [1024, 1], dtype });
    const instance = await instanceOf(network);
    const before = instance.memoryBytes;
    const data = dtype === "float32" ? new Float32Array(1 << 22) : new Float64Array(1 << 22);
    data[data.length - 1] = Number.NaN;
    const labels = new Float32Array(4096);
    const fit = network.fit(new Matrix(data, 4096, 1024), labels, { epochs: 9, batchSize: 64 });
    await expect(fit).rejects.toThrow("x.data[4194303]");
    expect(instance.memoryBytes).toBe(before);
  });
});
