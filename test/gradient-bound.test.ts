import { describe, expect, it, test } from "vitest";
import { toExamples } from "../ts/data/examples.js";
import type { Span } from "../ts/engine/memory.js";
import { adam, createNetwork, type Dtype, Matrix, NumericError } from "../ts/index.js";
import type { Layers } from "../ts/model/layers.js";
import type { StepOperation } from "../ts/model/loss-call.js";
import { backwardPass, forwardPass, gradientGuard, lossPass } from "../ts/model/passes.js";
import { atOnce } from "../ts/platform/breath.js";
import { load } from "../ts/training/batch-source.js";
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
          const batch = layers.trainingMemory(rows);
          load(layers, batch, atOnce(toExamples(x, y, config, layers.engine)));
          for (const l2 of [0, 0.5]) {
            const backward = [
              ...forwardPass(layers, batch),
              lossPass(layers, batch, true),
              ...backwardPass(layers, batch, { l1: 0, l2 }),
            ];
            expect(outcome(layers, rows, backward, LARGEST[dtype])).toBe(true);
            const largest = largestOf(layers.gradients);
            // Above: a limit that is just too low is never taken for kept.
            expect(outcome(layers, rows, backward, largest * (1 - 1e-6))).toBe(false);
            // Not far above: a limit that is far higher is kept without a look at the gradients that have a bound.
            const looked = spoiled(layers, backward, rows);
            expect(outcome(layers, rows, backward, 1e8 * largest, looked)).toBe(true);
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
  const { rows } = FEW;
  const batch = layers.trainingMemory(rows);
  const backward = backwardPass(layers, batch, { l1: 0, l2: 0 });
  const looked = spoiled(layers, backward, rows);
  const forward = layers.bind(forwardPass(layers, batch));
  for (const block of [undefined, batch.x, batch.dz[0]]) {
    batch.x.fill(0);
    batch.dz[0]?.fill(0);
    forward.run(rows, 0, 0);
    block?.set(0, Number.NaN);
    // All layers have bounds: the guard looks at gradients only where one is beyond the limit, as NaN is.
    expect(outcome(layers, rows, backward, LARGEST.float32, looked)).toBe(block === undefined);
  }
  forward.release();
});

/** The largest finite number. */
const LARGEST: Record<Dtype, number> = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE };

/** Whether the program runs to its end with a guard behind it that sees `gradients`. */
function outcome(
  layers: Layers,
  rows: number,
  operations: readonly StepOperation[],
  limit: number,
  gradients: Span = layers.gradients,
): boolean {
  const guard = { ...gradientGuard(layers, limit), gradients } as StepOperation;
  const program = layers.bind([...operations, guard]);
  try {
    return program.run(rows, 0, 0);
  } finally {
    program.release();
  }
}

/** A copy of the gradients, infinite for layers whose bound is computed from dZ and X. */
function spoiled(layers: Layers, backward: readonly StepOperation[], rows: number): Span {
  const { type, length } = layers.gradients;
  const { copy } = layers.engine.room("a test", { copy: { type, length } }).spans;
  copy.write(layers.gradients.read());
  for (const operation of backward) {
    if (operation.op !== "gradientBound") continue;
    const layer = layers.dense[operation.layer];
    if (layer === undefined || rows * (layer.inputs + layer.outputs) >= layer.inputs * layer.outputs)
      continue;
    copy.part(layer.weightsAt, (layer.inputs + 1) * layer.outputs).fill(Number.POSITIVE_INFINITY);
  }
  return copy;
}

function largestOf(block: Span): number {
  return Array.from(block.read()).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

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
