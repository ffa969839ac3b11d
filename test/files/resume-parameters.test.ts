// A fit that goes on from other parameters than the file's, as local SGD does after an average.
import { expect, it } from "vitest";
import { adam, createNetwork, Matrix, resumeTraining, ShapeError } from "../../ts/index.js";
import { MemoryStore, x, y } from "./small-files.js";

const options = { layerDims: [3, 5, 1], seed: 3, threads: 1 } as const;
const fit = { batchSize: 5, warnings: false };

/** A fit of two epochs that was ended after the first one, and parameters that are others. */
async function interrupted() {
  const store = new MemoryStore();
  const stop = new AbortController();
  using network = await createNetwork(options);
  await network.fit(x, y, {
    ...fit,
    epochs: 2,
    optimizer: adam(),
    checkpoint: { path: "-", store },
    signal: stop.signal,
    onEpoch: () => stop.abort(),
  });
  const others = network.parameters().map(({ weights, biases }) => ({
    weights: new Matrix(
      weights.data.map((w) => w / 2),
      weights.rows,
      weights.cols,
    ),
    biases: biases.map((b) => b + 0.25),
  }));
  return { store, others };
}

it("to the bit as a network that was given them between two epochs, the optimizer's state kept", async () => {
  const { store, others } = await interrupted();
  using whole = await createNetwork(options);
  const optimizer = adam();
  await whole.fit(x, y, { ...fit, epochs: 1, optimizer });
  whole.setParameters(others);
  await whole.fit(x, y, { ...fit, epochs: 1, optimizer });

  const resumed = await resumeTraining("-", x, y, { store, parameters: others, warnings: false });
  using network = resumed.network;
  expect(network.parameters()).toEqual(whole.parameters());
  expect(resumed.optimizer.state).toEqual(optimizer.state);
});

it("parameters of another shape are a ShapeError, and the file is what it was", async () => {
  const { store, others } = await interrupted();
  const before = [...store.generations];
  const wrong = resumeTraining("-", x, y, { store, parameters: others.slice(1), warnings: false });
  await expect(wrong).rejects.toThrow(ShapeError);
  expect(store.generations).toEqual(before);
});
