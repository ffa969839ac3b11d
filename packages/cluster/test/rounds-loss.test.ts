// What rounds cost in loss, on two real sets: the bounds of docs/cluster.md.
import { fileURLToPath } from "node:url";
import { prepareTraining, readCsv } from "@layerwise/data";
import { adamW, type CreateLayersOptions, createNetwork, dense, Matrix, split } from "layerwise";
import { expect, it } from "vitest";
import { takeRows } from "../ts/rounds/examples.js";
import { inProcess } from "../ts/rounds/round-runner.js";
import { trainRounds } from "../ts/rounds/train-rounds.js";
import { MemoryBlobs } from "./memory-blobs.js";

const ROWS = 4000;
const EPOCHS = 8;
const BATCH = 32;

/** Rows to train on and to test on, prepared by all of them. */
async function read(name: string, options: { target: string; ignore?: string[] }) {
  const path = fileURLToPath(new URL(`../../../examples/data/${name}.csv.gz`, import.meta.url));
  const table = await readCsv(path, { maxRows: ROWS });
  const { x, y } = prepareTraining(table, { ...options, networks: 1, validation: false });
  const all = Float64Array.from({ length: x.rows }, (_, i) => i);
  const { train, test } = await split(new Matrix(all, x.rows, 1), all, { test: 0.2, seed: 1 });
  const take = ({ x: rows }: { x: Matrix }) => takeRows({ x, y }, Uint32Array.from(rows.data));
  return { train: take(train), test: take(test) };
}

it.each([
  ["california_housing", { target: "median_house_value" }, 1.15],
  ["telco_churn", { target: "Churn", ignore: ["customerID"] }, 1.05],
] as const)(
  "%s: on four shards the loss stays within its bounds of one machine's, after as many examples",
  async (name, { target, ...more }, most) => {
    const { train, test } = await read(name, {
      target,
      ...("ignore" in more && { ignore: [...more.ignore] }),
    });
    const isClasses = train.y instanceof Uint32Array;
    const network: CreateLayersOptions = {
      inputs: train.x.cols,
      layers: [
        dense(64, { activation: "silu" }),
        dense(32, { activation: "silu" }),
        dense(isClasses ? 2 : 1, { activation: isClasses ? "softmax" : "linear" }),
      ],
      loss: isClasses ? "categoricalCrossEntropy" : "meanSquaredError",
      seed: 1,
      threads: 1,
    };
    const fit = { batchSize: BATCH, optimizer: adamW({ learningRate: 0.002 }) };
    using one = await createNetwork(network);
    await one.fit(train.x, train.y, { ...fit, epochs: EPOCHS, warnings: false });
    const [shards, localSteps] = [4, 10];
    const rounds = Math.round((EPOCHS * train.x.rows) / (shards * localSteps * BATCH));
    const store = new MemoryBlobs();
    const plan = { rounds, localSteps, shards, build: "here", store, runner: inProcess(store, 1) };
    const trained = await trainRounds(train, { ...plan, network, fit });
    using many = trained.network;
    const ratio = many.evaluate(test.x, test.y).loss / one.evaluate(test.x, test.y).loss;
    expect(ratio).toBeLessThan(most);
  },
  60_000,
);
