// Classes are integers: none is taken for its neighbour, however many there are.
import { describe, expect, it } from "vitest";
import { createNetwork, gradientDescent } from "../ts/index.js";

const CLASSES = 2 ** 24 + 8;
/** No float32 is this number: the nearest are its neighbours. */
const LABEL = 2 ** 24 + 1;

describe("more classes than float32 has integers", () => {
  it("train and are evaluated as the labels say", async () => {
    using network = await createNetwork({
      layerDims: [1, CLASSES],
      outputActivation: "softmax",
      initialization: "randomNormal",
      threads: 1,
    });
    const before = network.parameters()[0]?.biases ?? [];
    network.trainStep([[0]], [LABEL], { optimizer: gradientDescent({ learningRate: 1 }) });
    const after = network.parameters()[0]?.biases ?? [];
    const raised = [...after.keys()].filter((i) => Number(after[i]) > Number(before[i]));
    expect(raised).toEqual([LABEL]);
    expect(network.evaluate([[0]], [LABEL]).accuracy).toBe(1);
    expect(network.evaluate([[0]], Uint32Array.of(LABEL - 1)).accuracy).toBe(0);
    expect(network.evaluate([[0]], Int32Array.of(LABEL + 1)).accuracy).toBe(0);
    expect(() => network.evaluate([[0]], [CLASSES])).toThrow(`an integer in [0, ${CLASSES - 1}]`);

    const batches = { epochs: 1, batchSize: 2, optimizer: gradientDescent({ learningRate: 1 }) };
    await network.fit([[0], [0], [0]], [LABEL, LABEL, LABEL], batches);
    const fitted = network.parameters()[0]?.biases ?? [];
    expect(Number(fitted[LABEL])).toBeGreaterThan(Number(after[LABEL]));
    expect(Number(fitted[LABEL - 1])).toBeLessThan(0);
  });
});
