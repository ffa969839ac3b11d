// Runs in Node and in a browser's worker alike: all that it needs of either is WebCrypto.
type Layerwise = typeof import("../../ts/index.js");

export interface Bits {
  readonly threads: number;
  readonly steps: number;
  /** SHA-256 over the parameters' bytes. */
  readonly digest: string;
  /** The same of a network of every type of layer, and its predictions. */
  readonly layers: string;
  /** Of a network that is trained by fast math; its predictions, and how far they may be from exact ones and are. */
  readonly fast: FastBits;
  /** Predictions of the saved network, and of it after a round through bytes. */
  readonly predicted: readonly number[];
  readonly reloaded: readonly number[];
}

export interface FastBits {
  readonly math: string;
  readonly threads: number;
  readonly digest: string;
  /** The largest difference between fast and exact predictions, in parts of what the roundings may make. */
  readonly distance: number;
}

/** 500 steps with dropout, shuffling and L2; and what a saved network predicts. */
export async function findBits(
  layerwise: Layerwise,
  threads: number,
  saved: readonly number[],
): Promise<Bits> {
  const { adam, createNetwork, loadNetwork, Matrix } = layerwise;
  const data = Float32Array.from({ length: 133 * 65 }, (_, i) => Math.fround(((i * 7919) % 1000) / 500 - 1));
  const x = new Matrix(data, 133, 65);
  const y = Array.from({ length: 133 }, (_, i) => i % 3);
  const network = await createNetwork({
    layerDims: [65, 257, 130, 3],
    outputActivation: "softmax",
    seed: 11,
    threads,
  });
  await network.fit(x, y, { epochs: 250, batchSize: 67, optimizer: adam(), keepProb: 0.8, l2: 0.1 });
  const blocks = network.parameters().flatMap(({ weights, biases }) => [weights.data, biases]);
  const loaded = await loadNetwork(Uint8Array.from(saved));
  const again = await loadNetwork(loaded.toBytes());
  return {
    threads: network.runtime.threads,
    steps: network.steps,
    digest: await digestOf(blocks),
    layers: await digestOf(await trainedLayers(layerwise, threads, x, y)),
    fast: await trainedFast(layerwise, threads, x, y),
    predicted: [...loaded.predict(x).data],
    reloaded: [...again.predict(x).data],
  };
}

/** Norms of widths that are no multiples of vector lanes, in batches that threads share. */
async function trainedLayers(
  { activation, batchNorm, createNetwork, dense, dropout, layerNorm, residual }: Layerwise,
  threads: number,
  x: InstanceType<Layerwise["Matrix"]>,
  y: readonly number[],
): Promise<Numbers[]> {
  const network = await createNetwork({
    inputs: 65,
    layers: [
      batchNorm(),
      dense(257, { activation: "relu" }),
      layerNorm(),
      residual([dense(131), batchNorm(), activation("silu"), dropout({ keepProb: 0.7 }), dense(257)]),
      dense(3, { activation: "softmax" }),
    ],
    seed: 12,
    threads,
  });
  await network.fit(x, y, { epochs: 20, batchSize: 67, l2: 0.1 });
  const parameters = network.parameters().flatMap((layer) => {
    if ("weights" in layer)
      return [layer.weights.data, ...(layer.biases === undefined ? [] : [layer.biases])];
    const { scale, shift, runningMean, runningVariance } = layer;
    return [scale, shift, runningMean, runningVariance].filter((block) => block !== undefined);
  });
  return [...parameters, network.predict(x).data];
}

async function trainedFast(
  { createNetwork, Matrix }: Layerwise,
  threads: number,
  x: InstanceType<Layerwise["Matrix"]>,
  y: readonly number[],
): Promise<FastBits> {
  const network = await createNetwork({
    layerDims: [65, 257, 130, 3],
    outputActivation: "softmax",
    seed: 13,
    threads,
    engine: "wasm",
    math: "fast",
  });
  await network.fit(x, y, { epochs: 20, batchSize: 67 });
  const one = { layerDims: [65, 21], outputActivation: "linear", seed: 14, threads, engine: "wasm" } as const;
  const [exact, fast] = [await createNetwork(one), await createNetwork({ ...one, math: "fast" })];
  const weights = exact.parameters()[0]?.weights ?? x;
  const absolute = (matrix: typeof x) => new Matrix(matrix.data.map(Math.abs), matrix.rows, matrix.cols);
  exact.setParameters([{ weights: absolute(weights), biases: new Float32Array(21) }]);
  const sums = exact.predict(absolute(x)).data; // Σ|aᵢ·bᵢ|
  exact.setParameters(fast.parameters());
  const [first, second] = [exact.predict(x).data, fast.predict(x).data];
  const parts = Array.from(sums, (sum, i) => {
    return Math.abs((second[i] ?? Number.NaN) - (first[i] ?? Number.NaN)) / (2 * 65 * 2 ** -24 * sum);
  });
  const { math, threads: found } = network.runtime;
  const blocks = network.parameters().flatMap((layer) => [layer.weights.data, layer.biases]);
  return { math, threads: found, digest: await digestOf(blocks), distance: Math.max(...parts) };
}

type Numbers = Float32Array | Float64Array;

async function digestOf(blocks: readonly Numbers[]): Promise<string> {
  const bytes = await new Blob(
    blocks.map((block) => new Uint8Array(block.buffer, block.byteOffset, block.byteLength).slice()),
  ).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
