// Runs in Node and in a browser's worker alike: all that it needs of either is WebCrypto.
type Layerwise = typeof import("../../ts/index.js");

export interface Bits {
  readonly threads: number;
  readonly steps: number;
  /** SHA-256 over the parameters' bytes. */
  readonly digest: string;
  /** Predictions of the saved network, and of it after a round through bytes. */
  readonly predicted: readonly number[];
  readonly reloaded: readonly number[];
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
  const bytes = new Uint8Array(
    await new Blob(
      blocks.map((block) => new Uint8Array(block.buffer, block.byteOffset, block.byteLength).slice()),
    ).arrayBuffer(),
  );
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const loaded = await loadNetwork(Uint8Array.from(saved));
  const again = await loadNetwork(loaded.toBytes());
  return {
    threads: network.runtime.threads,
    steps: network.steps,
    digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    predicted: [...loaded.predict(x).data],
    reloaded: [...again.predict(x).data],
  };
}
