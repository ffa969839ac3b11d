// A WorkerNetwork's handles of layers, its clone and transfer, and data that its worker reads from here.
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import type { WorkerNetwork } from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { errorOf, examples, inWorker, layerwise } from "./package.js";

const { adam, createNetwork, createWorkerNetwork, dense, layerNorm, residual, stream, transfer } = layerwise;
const { x, y } = examples();
const rows = (indices: Iterable<number>) => {
  const all = [...indices];
  return {
    x: all.map((i) => x.data.slice(65 * i, 65 * (i + 1))),
    y: all.map((i) => y[i] ?? 0),
    sampleWeight: all.map((i) => i % 3),
  };
};
const sampleWeight = y.map((_, i) => i % 3);
const layers = [
  dense(8, { activation: "relu", name: "first" }),
  residual([dense(8), layerNorm()]),
  dense(3, { activation: "softmax" }),
];

it("has the handles of the network's layers, as promises", async () => {
  const options = { inputs: 65, layers, seed: 2, threads: 1 } as const;
  using here = await createNetwork(options);
  const there = await createWorkerNetwork(options);
  try {
    expect(there.layers.map(({ type, name }) => [type, name])).toEqual(
      here.layers.map(({ type, name }) => [type, name]),
    );
    const [inner, theirs] = [here.layers[1]?.layers[0], there.layers[1]?.layers[0]];
    if (inner === undefined || theirs === undefined) throw new Error("no layer");
    expect(await theirs.parameters()).toEqual(inner.parameters());
    expect(await there.layers[1]?.parameters()).toBeUndefined();
    expect(await theirs.trainable()).toBe(true);
    inner.trainable = false;
    await theirs.setTrainable(false);
    expect(await theirs.trainable()).toBe(false);
    expect(there.config).toEqual(here.config);
    expect(Object.isFrozen(there.config)).toBe(true);
    const biases = Array.from({ length: 8 }, (_, i) => i / 8);
    const first = { weights: Array.from({ length: 8 }, () => new Float32Array(65).fill(0.1)), biases };
    here.layers[0]?.setParameters(first);
    await there.layers[0]?.setParameters(first);
    const fit = { epochs: 2, batchSize: 16 };
    expect(await there.fit(x, y, fit)).toEqual(await here.fit(x, y, fit));
    expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
    expect(await theirs.parameters()).toEqual(inner.parameters());
    const wrong = there.layers[0]?.setParameters({ weights: [[1]], biases: [1] });
    expect(await errorOf(Promise.resolve(wrong))).toMatchObject({ name: "ShapeError" });
    expect(await errorOf(theirs.setTrainable(1 as never))).toMatchObject({
      name: "ConfigError",
      path: "layers[1].layers[0].trainable",
    });
    let during: unknown;
    const onStep = async () => {
      during ??= await errorOf(theirs.setTrainable(true));
    };
    await there.fit(x, y, { epochs: 1, onStep });
    expect(during).toMatchObject({ name: "StateError", path: "layers[1].layers[0].trainable" });
  } finally {
    await there.dispose();
  }
  expect(await errorOf(Promise.resolve(there.layers[0]?.trainable()))).toMatchObject({ name: "StateError" });
});

it("clone and transfer make networks in workers of their own", async () => {
  const options = { layerDims: [65, 12, 3], outputActivation: "softmax", seed: 6, threads: 1 } as const;
  using here = await createNetwork({ ...options, metadata: { name: "digits" } });
  const made: WorkerNetwork[] = [await createWorkerNetwork({ ...options, metadata: { name: "digits" } })];
  try {
    const [there] = made as [WorkerNetwork];
    const fit = { epochs: 2, batchSize: 16, keepProb: 0.8 };
    for (const network of [here, there]) await network.fit(x, y, fit);
    using ours = here.clone();
    const theirs = await there.clone();
    made.push(theirs);
    expect([theirs.metadata, theirs.runtime.threads, theirs.config]).toEqual([here.metadata, 1, here.config]);
    expect(await theirs.toBytes()).toEqual(ours.toBytes());
    // Their random streams go on as the network's, and neither knows of the other.
    expect(await theirs.fit(x, y, fit)).toEqual(await ours.fit(x, y, fit));
    expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
    const cut = { keep: 1, layers: [dense(4, { activation: "softmax" })], trainable: false, threads: 1 };
    using other = await transfer(here, cut);
    const across = await transfer(there, cut);
    made.push(across as unknown as WorkerNetwork);
    expect(across.config).toEqual(other.config);
    expect(await across.toBytes()).toEqual(other.toBytes());
    const error = await errorOf(there.transfer({ keep: 9, layers: [] }));
    expect(error).toMatchObject({ name: "ConfigError", path: "keep" });
    await there.dispose();
    expect(await errorOf(there.clone())).toMatchObject({ name: "StateError" });
    expect((await theirs.predict(x)).rows).toBe(67);
  } finally {
    for (const network of made) await network.dispose();
  }
});

it.runIf(existsSync(`packages/native/npm/linux-${process.arch}-gnu/layerwise.x64-v3.node`))(
  "a clone computes as its original does",
  async () => {
    const there = await inWorker({ engine: "native", math: "fast" });
    const copy = await there.clone();
    expect(copy.runtime).toMatchObject({ backend: "native", threads: 1, math: "fast" });
    expect(await copy.predict(x)).toEqual(await there.predict(x));
    await copy.dispose();
  },
);

it("evaluates and validates by data that are read here, with their weights", async () => {
  class Rows {
    get length(): number {
      return 67;
    }
    read(indices: Uint32Array) {
      return rows(indices);
    }
  }
  using here = await createNetwork({
    layerDims: [65, 12, 3],
    outputActivation: "softmax",
    seed: 6,
    threads: 1,
  });
  const there = await inWorker({ layerDims: [65, 12, 3] });
  const flow = stream(
    () => [rows(Array.from({ length: 40 }, (_, i) => i)), rows(Array.from({ length: 27 }, (_, i) => 40 + i))],
    {
      shuffleWindow: 1,
    },
  );
  const options = { epochs: 2, batchSize: 10, accumulate: 2, classWeight: "balanced" } as const;
  for (const data of [new Rows(), flow]) {
    const validation = { data };
    const [ours, theirs] = [adam(), adam()];
    expect(await there.fit(new Rows(), { ...options, validation, optimizer: theirs })).toEqual(
      await here.fit(x, y, { ...options, sampleWeight, validation: { x, y, sampleWeight }, optimizer: ours }),
    );
    const metrics = ["rocAuc"] as const;
    expect(await there.evaluate(data, { metrics })).toEqual(here.evaluate(x, y, { metrics, sampleWeight }));
  }
  const stop = new AbortController();
  const never = { length: 5, read: () => new Promise<never>(() => undefined) };
  setTimeout(() => stop.abort("enough"), 20);
  expect(await errorOf(there.evaluate(never, { signal: stop.signal }))).toBe("enough");
});
