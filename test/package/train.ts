// What every kind of project does with the package: ten steps. Nothing here belongs to one runtime.
type Layerwise = typeof import("../../ts/index.js");

export interface Trained {
  readonly threads: number;
  readonly steps: number;
  readonly loss: readonly number[];
  readonly predictions: readonly number[];
}

/** Layers and batch are large enough for two threads to take part in every product. */
export async function train(layerwise: Layerwise, threads: number): Promise<Trained> {
  const { adam, createNetwork, Matrix } = layerwise;
  const data = Float32Array.from({ length: 67 * 65 }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
  const x = new Matrix(data, 67, 65);
  const y = Array.from({ length: 67 }, (_, i) => i % 3);
  const network = await createNetwork({
    layerDims: [65, 257, 130, 3],
    outputActivation: "softmax",
    seed: 6,
    threads,
  });
  const { steps, loss } = await network.fit(x, y, {
    epochs: 10,
    batchSize: 67,
    optimizer: adam(),
    keepProb: 0.8,
  });
  const predictions = [...network.predict(x).data];
  network.dispose();
  return { threads: network.runtime.threads, steps, loss, predictions };
}
