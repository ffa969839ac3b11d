// Every update rule trains as in another program.
import { describe, expect, it } from "vitest";
import { UPDATE_RULES } from "../ts/catalog/optimizers.js";
import * as layerwise from "../ts/index.js";
import { blocksError, entryError } from "./closeness.js";
import { goldenRunsOf } from "./update-rules.js";

const asLayers = (parameters: ReturnType<typeof goldenRunsOf>["parameters"]) =>
  parameters.map(([weights, biases]) => ({ weights, biases }));

/** Float32 gradients of near 0 have few digits, and some rules make steps of the same size of them all. */
const BOUNDS = { float64: 1e-9, float32: 1e-3 };

describe.each(UPDATE_RULES)("%s", (rule) => {
  const { dims, l2, keepProb, x, labels, masks, parameters, runs } = goldenRunsOf(rule);
  for (const dtype of ["float64", "float32"] as const) {
    it.each(runs)(`trains with $options as elsewhere, with dropout and L2, in ${dtype}`, async (run) => {
      using network = await layerwise.createNetwork({
        layerDims: dims,
        hiddenActivation: "tanh",
        outputActivation: "softmax",
        dtype,
        threads: 1,
      });
      network.setParameters(asLayers(parameters));
      const optimizer = layerwise[rule](run.options);
      const losses = masks.map((step) => {
        const dropoutMasks = step.map((mask) => layerwise.Matrix.from(mask));
        return network.trainStep(x, labels, { optimizer, l2, keepProb, dropoutMasks });
      });
      expect(entryError(losses, run.losses)).toBeLessThan(BOUNDS[dtype]);
      expect(blocksError(network.parameters(), asLayers(run.trained))).toBeLessThan(BOUNDS[dtype]);
    });
  }
});
