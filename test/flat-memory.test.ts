// A step allocates nothing: bytes, not time.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { adam, createNetwork, Matrix } from "../ts/index.js";
import { instanceOf } from "./instance.js";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/**
 * Bytes of JavaScript's heap and of array buffers outside it, once a collection frees no more. After a single one the
 * difference of two was anything from −207,000 to 167,000, now it is 22,000 to 173,000.
 */
async function bytesInUse(): Promise<number> {
  let least = Infinity;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers >= least) return least;
    least = heapUsed + arrayBuffers;
  }
}

const STEPS = 100_000;

describe.each([1, 2])("%i threads", (threads) => {
  it("wasm memory and JavaScript's heap stay flat over 100,000 steps", async () => {
    const network = await createNetwork({ layerDims: [5, 4, 1], threads });
    const x = new Matrix(
      Float32Array.from({ length: 40 }, (_, i) => Math.fround(i % 7) / 7),
      8,
      5,
    );
    const y = Float32Array.from([0, 1, 0, 1, 1, 0, 0, 1]);
    const optimizer = adam();
    const train = async (steps: number) => {
      await network.fit(x, y, { epochs: steps / 4, batchSize: 4, optimizer, keepProb: 0.9, l2: 0.1 });
      for (let i = 0; i < steps / 2; i++) network.trainStep(x, y, { optimizer });
    };
    await train(2_000);
    const instance = await instanceOf(network);
    const wasmBytes = instance.memoryBytes;
    const before = await bytesInUse();
    await train(STEPS);
    expect(instance.memoryBytes).toBe(wasmBytes);
    // 100,000 steps that leave a single number each would be 800,000 bytes. fit's own losses are 25,000 numbers.
    expect((await bytesInUse()) - before).toBeLessThan(400_000);
    expect(network.steps).toBe(2_000 + STEPS);
    network.dispose();
  });
});
