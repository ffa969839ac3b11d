import { describe, expect, it, test } from "vitest";
import { load } from "../ts/batch-source.js";
import { atOnce } from "../ts/breath.js";
import { toExamples } from "../ts/data.js";
import { adam, createNetwork, type Dtype, Matrix, NumericError } from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { Random } from "./random-cases.js";

/** Few examples of wide layers: the bound comes from dZ and X. Many, or narrow ones: from dW and db. */
const FEW = { rows: 3, layerDims: [64, 48, 40] };
const MANY = { rows: 70, layerDims: [64, 48, 40] };

describe("the bound on gradients is above every one of them and not far above:", () => {
  for (const { rows, layerDims } of [FEW, MANY, { rows: 5, layerDims: [3, 1] }]) {
    for (const dtype of ["float32", "float64"] as const satisfies readonly Dtype[]) {
      for (const scale of [1e-6, 1, 1e6]) {
        it(`${rows} examples of [${layerDims}] in ${dtype}, x about ${scale}`, async () => {
          using network = await createNetwork({ layerDims, dtype, seed: 3 });
          const { config, layers } = network.trainee;
          const { x, y } = examplesOf(rows, layerDims, scale);
          const batch = layers.trainingMemory(rows, false);
          for (const l2 of [0, 0.5]) {
            load(layers, batch, atOnce(toExamples(x, y, config, layers.instance)));
            layers.forward(batch, rows);
            layers.lossSum(batch, rows, true);
            const bound = layers.backward(batch, rows, 1, l2 / rows);
            const largest = layers.kernels.largestMagnitude(layers.gradients, layers.parameterCount);
            expect(bound).toBeGreaterThanOrEqual(largest);
            expect(bound).toBeLessThan(1e8 * largest);
          }
        });
      }
    }
  }
});

describe("with few examples of wide layers, Adam", () => {
  it("refuses a gradient whose square would overflow, and nothing changes", async () => {
    using network = await createNetwork({ layerDims: [64, 48], seed: 3 });
    const optimizer = adam();
    const { x, y } = examplesOf(3, [64, 48], 1);
    x.data[70] = 1e30;
    const before = hashOf(network.parameters());
    const step = () => network.trainStep(x, y, { optimizer });
    expect(step).toThrow(NumericError);
    expect(step).toThrow("layer 1");
    expect([hashOf(network.parameters()), network.steps, optimizer.steps]).toEqual([before, 0, 0]);
  });

  it("takes gradients that are in range where their bound is not", async () => {
    using network = await createNetwork({ layerDims: [64, 48], seed: 3 });
    const { x, y } = examplesOf(3, [64, 48], 1e16);
    network.trainStep(x, y, { optimizer: adam() });
    expect(network.steps).toBe(1);
  });
});

test("a NaN in dZ or X makes the bound NaN", async () => {
  using network = await createNetwork({ layerDims: FEW.layerDims, seed: 3 });
  const { layers } = network.trainee;
  const batch = layers.trainingMemory(FEW.rows, false);
  for (const block of [batch.x, batch.dz[0]]) {
    layers.clear(batch.x, FEW.rows * layers.inputs);
    layers.clear(batch.dz[0], FEW.rows * layers.outputs);
    layers.forward(batch, FEW.rows);
    layers.numbers()[layers.indexOf(block)] = Number.NaN;
    expect(layers.backward(batch, FEW.rows, 1, 0)).toBeNaN();
  }
});

function examplesOf(rows: number, layerDims: readonly number[], scale: number): { x: Matrix; y: Matrix } {
  const random = new Random(5);
  const x = Matrix.from(random.rows(rows, layerDims[0] ?? 0));
  const y = Matrix.from(random.rows(rows, layerDims[layerDims.length - 1] ?? 0));
  return {
    x: new Matrix(
      x.data.map((value) => scale * value),
      rows,
      x.cols,
    ),
    y: new Matrix(
      y.data.map((value) => Number(value > 0)),
      rows,
      y.cols,
    ),
  };
}
