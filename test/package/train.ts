// What every kind of project does with the package: ten steps. Nothing here belongs to one runtime.
type Layerwise = typeof import("../../ts/index.js");

/** Of a Network, or of a WorkerNetwork. */
type Used = Pick<import("../../ts/index.js").Network, "runtime" | "config">;

export interface Trained {
  readonly backend: string;
  /** The number type, and the math that it was: `"float32 exact"`. */
  readonly numbers: string;
  readonly threads: number;
  readonly steps: number;
  readonly loss: readonly number[];
  readonly predictions: readonly number[];
}

/** Those that a build of their own computes. */
interface Kernels {
  readonly dtype?: "float32" | "float64";
  readonly math?: "exact" | "fast";
}

/** Layers and batch are large enough for two threads to take part in every product. */
export async function train(layerwise: Layerwise, threads: number, kernels: Kernels = {}): Promise<Trained> {
  const { adam, createNetwork, Matrix } = layerwise;
  const data = Float32Array.from({ length: 67 * 65 }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
  const x = new Matrix(data, 67, 65);
  const y = Array.from({ length: 67 }, (_, i) => i % 3);
  const network = await createNetwork({
    layerDims: [65, 257, 130, 3],
    outputActivation: "softmax",
    seed: 6,
    threads,
    ...kernels,
  });
  const { steps, loss } = await network.fit(x, y, {
    epochs: 10,
    batchSize: 67,
    optimizer: adam(),
    keepProb: 0.8,
  });
  const predictions = [...network.predict(x).data];
  network.dispose();
  return { ...usedBy(network), steps, loss, predictions };
}

function usedBy({ runtime, config }: Used): Pick<Trained, "backend" | "numbers" | "threads"> {
  return { backend: runtime.backend, numbers: `${config.dtype} ${runtime.math}`, threads: runtime.threads };
}

/**
 * {@link train} by the kernels of each build: exact math of both number types, and fast math. Raises an Error where fast math
 * is missing but for the three reasons that are none of the place's.
 */
export async function trainEach(layerwise: Layerwise, threads: number): Promise<Trained[]> {
  const network = await layerwise.createNetwork({ layerDims: [2, 1], threads: 1, math: "fast" });
  const { math, mathReason } = network.runtime;
  network.dispose();
  if (math !== "fast" && !/no relaxed SIMD|in one rounding|got layerwise\/inline/.test(mathReason))
    throw new Error(mathReason);
  const trained: Trained[] = [];
  for (const kernels of [{}, { dtype: "float64" }, { math: "fast" }] as const)
    trained.push(await train(layerwise, threads, kernels));
  return trained;
}

/** Whether a network of float32 passes its gradient check, which loads float64's build while the caller waits. */
export async function passesGradientCheck(layerwise: Layerwise): Promise<boolean> {
  const network = await layerwise.createNetwork({ layerDims: [2, 3, 1], threads: 1 });
  const { ok } = layerwise.gradientCheck(network, [[0, 1]], [1]);
  network.dispose();
  return ok;
}

/** As {@link train}, in a worker of the network's own, with a callback each epoch and a file kept in a store of the caller's. */
export async function trainInWorker(layerwise: Layerwise, threads: number): Promise<Trained> {
  const { adam, createWorkerNetwork, Matrix } = layerwise;
  const data = Float32Array.from({ length: 67 * 65 }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
  const x = new Matrix(data, 67, 65);
  const y = Array.from({ length: 67 }, (_, i) => i % 3);
  const network = await createWorkerNetwork({
    layerDims: [65, 257, 130, 3],
    outputActivation: "softmax",
    seed: 6,
    threads,
  });
  const optimizer = adam();
  const loss: number[] = [];
  const onEpoch = (report: { loss: number }) => loss.push(report.loss);
  await network.fit(x, y, { epochs: 10, batchSize: 67, optimizer, keepProb: 0.8, onEpoch });
  const files: Uint8Array[] = [];
  const store = {
    write: async (_: string, bytes: Uint8Array) => void files.push(bytes),
    read: async () => files[0],
  };
  await network.save("model", { store });
  const kept = await layerwise.loadNetwork("model", { store, threads: 1 });
  const predictions = [...(await network.predict(x)).data];
  if (String(predictions) !== String([...kept.predict(x).data]))
    throw new Error("the file predicts otherwise");
  kept.dispose();
  const refused = await network.predict([[1]]).catch((error: unknown) => error);
  if (!(refused instanceof layerwise.ShapeError)) throw refused;
  await network.dispose();
  return { ...usedBy(network), steps: optimizer.steps, loss, predictions };
}
