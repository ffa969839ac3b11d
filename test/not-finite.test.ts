// What isn't finite is an error that names the layer, in gradients, predict and evaluate too.
import { describe, expect, it } from "vitest";
import { createNetwork, NumericError } from "../ts/index.js";
import { made } from "./made.js";

/** layers of one unit each, with these weights. */
async function chain(weights: readonly number[], options: object = {}) {
  const network = made(await createNetwork({ layerDims: [1, ...weights.map(() => 1)], ...options }));
  network.setParameters(weights.map((w) => ({ weights: [[w]], biases: [0] })));
  return network;
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("gradients raises NumericError", () => {
  it.each([
    ["where a gradient overflows: dW_1 = W_2·x", [1e-30, 1e30], 1e30, {}, 1],
    ["with an L2 gradient that overflows", [1, 0.5], 1, { l2: 1e308 }, 2],
    ["with an L2 of 0 · ∞", [0, 0], 1, { l2: 1e308 }, 2],
    ["where an activation overflows", [1e20, 1e-30], 1e30, {}, 1],
  ])("%s", async (_, weights, x, options, layer) => {
    const network = await chain(weights);
    const error = errorOf(() => network.gradients([[x]], [0], options));
    expect(error).toBeInstanceOf(NumericError);
    expect(error).toMatchObject({ layer });
  });

  it("and not where all of them are finite, at float32's end", async () => {
    const network = await chain([1e-30, 1e30]);
    const { gradients } = network.gradients([[1e8]], [0]);
    expect(gradients[0]?.weights.data[0]).toBeGreaterThan(1e37);
  });
});

describe("predict and evaluate raise NumericError", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const huge = dtype === "float32" ? 3e38 : 1.7e308;
    it(`for a softmax's logits that overflow in ${dtype}`, async () => {
      const network = made(
        await createNetwork({ layerDims: [2, 3, 3], outputActivation: "softmax", dtype, seed: 1 }),
      );
      network.setParameters([
        {
          weights: [
            [1, 0],
            [0, 1],
            [1, 0],
          ],
          biases: [0, 0, 0],
        },
        {
          weights: [
            [1, 1, 2],
            [1, 0, 0],
            [0, 0, 1],
          ],
          biases: [0, 0, 0],
        },
      ]);
      for (const call of [
        () =>
          network.predict([
            [1, 1],
            [huge, huge],
          ]),
        () => network.evaluate([[huge, huge]], [0]),
      ]) {
        const error = errorOf(call);
        expect(error).toBeInstanceOf(NumericError);
        expect(error).toMatchObject({ layer: 2, step: undefined, path: "layer 2" });
      }
      expect(network.predict([[1, 1]]).data.every(Number.isFinite)).toBe(true);
    });

    it(`naming the first layer that isn't finite in ${dtype}`, async () => {
      const network = await chain([2, 1, 1], { dtype });
      expect(errorOf(() => network.predict([[huge]]))).toMatchObject({ layer: 1 });
      expect(errorOf(() => network.evaluate([[huge]], [1]))).toMatchObject({ layer: 1 });
    });

    it(`not for logits that are finite in ${dtype}: their probabilities are 0 and 1`, async () => {
      const softmax = made(await createNetwork({ layerDims: [1, 3], outputActivation: "softmax", dtype }));
      softmax.setParameters([{ weights: [[1], [0.5], [-1]], biases: [0, 0, 0] }]);
      expect([...softmax.predict([[huge], [-huge]]).data]).toEqual([1, 0, 0, 0, 0, 1]);
      expect(softmax.evaluate([[huge]], [0])).toEqual({ loss: 0, accuracy: 1 });
      const sigmoid = await chain([1], { dtype });
      expect([...sigmoid.predict([[huge], [-huge]]).data]).toEqual([1, 0]);
    });
  }

  it("evaluate: for losses whose sum overflows", async () => {
    const network = await chain([1], { dtype: "float64" });
    expect(network.evaluate([[1.7e308]], [0]).loss).toBe(1.7e308);
    expect(errorOf(() => network.evaluate([[1.7e308], [1.7e308]], [0, 0]))).toMatchObject({ layer: 1 });
  });
});
