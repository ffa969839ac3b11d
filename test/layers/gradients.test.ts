import { expect, it } from "vitest";
import { createNetwork, gradientCheck } from "../../ts/index.js";
import { expectSlopes, randomNetwork } from "./networks.js";

const seeds = Array.from({ length: 60 }, (_, i) => i + 1);

it.each(seeds)("random layers of seed %d have the gradients that their loss has slopes", async (seed) => {
  const { inputs, layers, loss, x, targets } = randomNetwork(seed);
  using network = await createNetwork({ inputs, layers, loss, seed, dtype: "float64", threads: 1 });
  expectSlopes(gradientCheck(network, x, targets, { l2: seed % 2 === 0 ? 0 : 0.5 }));
});

it("they are of every type, alone, in residual layers and in these again", () => {
  const text = seeds.map((seed) => JSON.stringify(randomNetwork(seed).layers)).join();
  for (const type of ["dense", "batchNorm", "layerNorm", "activation", "dropout", "residual"]) {
    expect(text).toMatch(new RegExp(`"residual","layers":\\[\\{"type":"${type}"`));
  }
  expect(text.match(/"layers":\[[^\]]*"layers":\[[^\]]*"layers":/)).not.toBeNull();
});
