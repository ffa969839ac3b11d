// One network in rounds: the mean of what shards came to, the same bits whoever runs them, however often and in which order.
import { adamW, batchNorm, ConfigError, createNetwork, dense, Matrix, momentum } from "layerwise";
import { describe, expect, it } from "vitest";
import { outerStep, runAverage } from "../ts/rounds/average.js";
import { decodeExamples, encodeExamples, shardRows } from "../ts/rounds/examples.js";
import { NAMES } from "../ts/rounds/job.js";
import { PLAIN_AVERAGE } from "../ts/rounds/plan.js";
import { inProcess, type RoundRunner } from "../ts/rounds/round-runner.js";
import { runShard } from "../ts/rounds/run-shard.js";
import { ShardData } from "../ts/rounds/shard-data.js";
import { type RoundsOptions, trainRounds } from "../ts/rounds/train-rounds.js";
import type { BlobStore } from "../ts/store/blob-store.js";
import { MemoryBlobs } from "./memory-blobs.js";

const rows = 61;
const x = new Matrix(
  Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i * 1.7)),
  rows,
  3,
);
const y = new Matrix(
  Float32Array.from({ length: rows }, (_, i) => (x.data[3 * i] ?? 0) * (x.data[3 * i + 1] ?? 0)),
  rows,
  1,
);
const layers = [dense(7, { activation: "tanh" }), batchNorm(), dense(1)];
const network = { inputs: 3, layers, loss: "meanSquaredError" as const, seed: 5, threads: 1 };
const fit = { batchSize: 8, optimizer: adamW({ learningRate: 0.01 }).toJSON(), l2: 0.001 };

function options(store: BlobStore, more: Partial<RoundsOptions> = {}): RoundsOptions {
  const plan = { rounds: 4, localSteps: 5, shards: 3, build: "b" };
  return { ...plan, network, fit, store, runner: inProcess(store, 1), ...more };
}

/** The averaged network's file and losses. */
async function outcome(store: BlobStore, more: Partial<RoundsOptions> = {}) {
  const { network, ...rest } = await trainRounds({ x, y }, options(store, more));
  using it = network;
  return { bytes: Buffer.from(it.toBytes()).toString("hex"), ...rest };
}

describe("a training in rounds", () => {
  it("of one shard and plain averages is fit, to the bit, wherever a round ends", async () => {
    const store = new MemoryBlobs();
    const { network: trained } = await trainRounds(
      { x, y },
      options(store, { shards: 1, outer: PLAIN_AVERAGE, rounds: 4, localSteps: 6 }),
    );
    using it = trained;
    using plain = await createNetwork(network);
    await plain.fit(x, y, { ...fit, epochs: 3, warnings: false }); // 8 steps an epoch
    expect(it.parameters()).toEqual(plain.parameters());
  });

  it.each([PLAIN_AVERAGE, { learningRate: 0.7, momentum: 0.9 }])(
    "is the same in any order, on workers that share the store alone, with each job run twice: %o",
    async (outer) => {
      const expected = await outcome(new MemoryBlobs(), { outer });
      const store = new MemoryBlobs();
      const runner: RoundRunner = {
        async runRound({ shards, average }) {
          const twice = [...shards, ...shards].reverse();
          await Promise.all(twice.map((job) => runShard(job, { store, data: new ShardData() })));
          await Promise.all([runAverage(average, store), runAverage(average, store)]);
        },
      };
      expect(await outcome(store, { outer, runner })).toEqual(expected);
      expect(expected.loss[3]).toBeLessThan(expected.loss[0] ?? 0);
    },
  );

  it("goes on from what the store has, and begins again where that was lost: to the same bits", async () => {
    const expected = await outcome(new MemoryBlobs());
    const store = new MemoryBlobs();
    const inner = inProcess(store, 1);
    const rounds: number[] = [];
    const faults = ["killed", "lost"];
    const runner: RoundRunner = {
      async runRound(round) {
        rounds.push(round.average.round);
        const [first] = round.shards;
        if (first !== undefined) await runShard(first, { store, data: new ShardData() });
        if (round.average.round === 3 && faults[0] === "killed") throw new Error(faults.shift());
        await inner.runRound(round);
        if (round.average.round === 3 && faults.shift() === "lost") store.blobs.clear();
      },
    };
    await expect(outcome(store, { runner })).rejects.toThrow("killed");
    const notes: string[] = [];
    expect(await outcome(store, { runner, onNote: (text) => notes.push(text) })).toEqual(expected);
    expect(rounds).toEqual([1, 2, 3, 3, 1, 2, 3, 4]);
    expect(notes).toHaveLength(1);
  });

  it("takes the best round by the validation loss, ends for want of one, and keeps no more than a round", async () => {
    const validation = { x, y };
    const store = new MemoryBlobs();
    const fast = { ...fit, optimizer: momentum({ learningRate: 0.9 }).toJSON() };
    const { network, bestRound, validationLoss, stoppedBy } = await trainRounds(
      { x, y },
      options(store, { validation, patience: 2, rounds: 30, fit: fast }),
    );
    using it = network;
    expect(stoppedBy).toBe("patience");
    expect(validationLoss).toHaveLength(bestRound + 2);
    expect(it.evaluate(x, y).loss).toBe(Math.min(...validationLoss));
    expect(store.blobs.size).toBeLessThan(20);
  });

  it("ends by its signal with the rounds that are done", async () => {
    const stop = new AbortController();
    const store = new MemoryBlobs();
    const onRound = ({ round }: { round: number }) => round === 2 && stop.abort();
    const { network, loss, stoppedBy } = await trainRounds(
      { x, y },
      options(store, { signal: stop.signal, onRound }),
    );
    network.dispose();
    expect({ stoppedBy, rounds: loss.length }).toEqual({ stoppedBy: "signal", rounds: 2 });
  });

  it.each([
    { rounds: 0 },
    { localSteps: 1.5 },
    { shards: 62 },
    { outer: { learningRate: 0, momentum: 0 } },
    { outer: { learningRate: 1, momentum: 1 } },
  ])("refuses %o", async (more) => {
    await expect(outcome(new MemoryBlobs(), more)).rejects.toThrow(ConfigError);
  });
});

it("the outer step is Nesterov's, in float64", () => {
  const parameters = Float64Array.of(1, 2);
  const velocity = Float64Array.of(0.5, 0);
  outerStep(parameters, Float64Array.of(0.5, 3), velocity, { learningRate: 0.5, momentum: 0.25 });
  // d = (0.5, −1); v = 0.25·(0.5, 0) + d = (0.625, −1); Θ − 0.5·(d + 0.25·v)
  expect([...velocity]).toEqual([0.625, -1]);
  expect([...parameters]).toEqual([1 - 0.5 * (0.5 + 0.15625), 2 - 0.5 * (-1 - 0.25)]);
});

it("each row is in one shard, and a shard's bytes are its examples", async () => {
  const shards = await shardRows(10, 3, 1);
  expect(shards.map(({ length }) => length).sort()).toEqual([3, 3, 4]);
  expect(shards.flatMap((one) => [...one]).sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
  const classes = { x, y: Uint32Array.from({ length: rows }, (_, i) => i % 4) };
  for (const examples of [{ x, y }, classes]) {
    const bytes = encodeExamples(examples);
    const moved = new Uint8Array(bytes.length + 1);
    moved.set(bytes, 1);
    expect(decodeExamples(moved.subarray(1))).toEqual(examples);
  }
});

it("bytes that aren't the shard's are refused", async () => {
  const store = new MemoryBlobs();
  const runner: RoundRunner = {
    async runRound({ shards }) {
      const [job] = shards;
      if (job === undefined) return;
      await store.put(NAMES.data(job.data), encodeExamples({ x, y }));
      await runShard(job, { store, data: new ShardData() });
    },
  };
  await expect(outcome(store, { runner })).rejects.toThrow(/SHA-256/);
});
