// One network in rounds, on 1, 2 and 8 workers that are killed -9 at random: its file must be that of one process.
import { adamW, batchNorm, dense, Matrix } from "layerwise";
import { inProcess } from "../../ts/rounds/round-runner.js";
import { DILOCO, type RoundsOptions, trainRounds } from "../../ts/rounds/train-rounds.js";
import { MemoryBlobs } from "../memory-blobs.js";
import type { Cluster } from "./cluster.js";
import { killAtRandom } from "./kills.js";
import type { Scenario } from "./scenarios.js";

const ROUNDS = 24;
const ROWS = 4000;
const KILLS = 12;

const x = new Matrix(
  Float32Array.from({ length: ROWS * 6 }, (_, i) => Math.sin(i * 1.7) + Math.cos(i * 0.31)),
  ROWS,
  6,
);
const y = new Matrix(
  Float32Array.from({ length: ROWS }, (_, i) => (x.data[6 * i] ?? 0) * (x.data[6 * i + 1] ?? 0)),
  ROWS,
  1,
);

const plan: Omit<RoundsOptions, "runner" | "store" | "build"> = {
  ...{ rounds: ROUNDS, localSteps: 100, shards: 8, outer: DILOCO },
  network: {
    inputs: 6,
    layers: [dense(64, { activation: "tanh" }), batchNorm(), dense(32, { activation: "silu" }), dense(1)],
    loss: "meanSquaredError",
    seed: 5,
    threads: 1,
  },
  fit: { batchSize: 32, optimizer: adamW({ learningRate: 0.002 }) },
};

/** The network's file, as text, and the losses. */
async function trained(more: Pick<RoundsOptions, "runner" | "store" | "build" | "onRound">): Promise<string> {
  const { network, loss } = await trainRounds({ x, y }, { ...plan, ...more });
  using it = network;
  return `${Buffer.from(it.toBytes()).toString("base64")} ${loss}`;
}

async function through(cluster: Cluster): Promise<string> {
  const store = new MemoryBlobs();
  const expected = await trained({ store, runner: inProcess(store, 1), build: "here" });
  const runner = await cluster.runner();
  try {
    const onRound = ({ round }: { round: number }) => {
      cluster.done = round;
    };
    const there = trained({ store: runner.store, runner, build: runner.build, onRound }).finally(() => {
      cluster.isOver = true;
    });
    const [file, kills] = await Promise.all([there, killAtRandom(cluster, ROUNDS, KILLS)]);
    const how = file === expected ? "to the bit that of one process" : "OTHERWISE";
    return `${ROUNDS} rounds of 8 shards, the network ${how}; ${kills}`;
  } finally {
    await runner.close();
  }
}

export const IN_ROUNDS: readonly Scenario[] = [
  ["a"],
  ["a", "b"],
  ["a", "b", "c", "a", "b", "c", "a", "b"],
].map((workers) => ({
  name: `rounds, workers: ${workers.length}`,
  trials: 0,
  options: {},
  workers,
  run: through,
}));
