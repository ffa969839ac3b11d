import { describe, expect, it, test } from "vitest";
import {
  checkGolden,
  FLOAT64_REACH,
  type GoldenCase,
  type GoldenErrors,
  goldenCases,
  goldenErrors,
} from "./golden.js";

/**
 * How far float32 may stray. A number that comes out of k additions and multiplications is off by at
 * most γ_k = k·u/(1 − k·u) of Σ|a||b|, u = 2⁻²⁴ (Higham 2002, lemma 3.1). From X to a gradient, a
 * number passes the sums of all layers (n_{l−1} products, bias, activation, mask and its scale: + 4)
 * forward and backward, and one over the batch. What terms of unlike sign cancel stands above that:
 * a factor 4.
 *
 * A step rounds the parameters once (u) and moves them by α times a gradient with that error. Weights
 * are at least as large as their gradients, biases at least a tenth (0.1, and Adam's steps are 1). T
 * steps add up. Losses and predictions are computed from the weights of all L layers.
 *
 * Measured: the first output is off by at most 1/19 of its bound, gradients by 1/5, parameters by 1/9,
 * losses and predictions by 1/100: sums err like √k and the bound allows for k.
 */
function float32Reach({ layer_dims, batches, learning_rate }: GoldenCase): GoldenErrors {
  const u = 2 ** -24;
  const steps = batches.length;
  const perLayer = layer_dims.slice(0, -1).map((inputs) => 2 * (inputs + 4));
  const roundings = perLayer.reduce((sum, k) => sum + k, batches[0]?.length ?? 0);
  const evaluation = (4 * roundings * u) / (1 - roundings * u);
  const moved = (gradientSize: number) => (steps + 1) * u + learning_rate * steps * gradientSize * evaluation;
  const trajectory = evaluation + perLayer.length * moved(1);
  return {
    output: evaluation,
    gradients: evaluation,
    losses: trajectory,
    parameters: moved(10),
    predictions: trajectory,
  };
}

test("the golden cases cover every optimizer with and without L2 and dropout", () => {
  const kinds = goldenCases.map(
    ({ optimizer, lambda, keep_prob }) =>
      `${optimizer} ${lambda > 0 ? "L2" : ""} ${keep_prob < 1 ? "dropout" : ""}`,
  );
  expect(goldenCases.length).toBeGreaterThanOrEqual(36);
  expect(new Set(kinds).size).toBe(3 * 2 * 2);
});

describe.each(goldenCases)("$name: $layer_dims, $optimizer, λ $lambda, keep $keep_prob", (golden) => {
  it("is reproduced in float64", () => checkGolden(golden, "float64", FLOAT64_REACH));

  it("is reproduced in float32", () => checkGolden(golden, "float32", float32Reach(golden)));
});

test("float32 is computed in float32: it strays where float64 does not", async () => {
  for (const golden of goldenCases) {
    expect((await goldenErrors(golden, "float32")).parameters).toBeGreaterThan(1e-9);
  }
});
