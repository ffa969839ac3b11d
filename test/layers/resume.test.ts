import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  activation,
  adam,
  batchNorm,
  createNetwork,
  type Dtype,
  dense,
  dropout,
  layerNorm,
  loadNetwork,
  momentum,
  residual,
  resumeTraining,
} from "../../ts/index.js";
import { MemoryStore, storeOf, x, y } from "../files/small-files.js";

const layers = [
  dropout({ keepProb: 0.9 }),
  batchNorm({ decay: 0.7 }),
  dense(5),
  batchNorm(),
  activation("tanh"),
  residual([layerNorm(), dense(4, { activation: "silu" }), dropout({ keepProb: 0.75 }), dense(5)]),
  dense(1, { activation: "sigmoid" }),
];
const fit = { epochs: 3, batchSize: 5, l2: 0.01, warnings: false };

type Made = Awaited<ReturnType<typeof createNetwork>>;

/** All that a network holds and would do next, to the bit. */
async function fate(network: Pick<Made, "trainee" | "fit">, optimizer = adam()): Promise<string> {
  const { layers: memory, progress } = network.trainee;
  const hash = createHash("sha256").update(JSON.stringify({ progress }));
  hash.update(memory.parameters.read()).update(memory.statistics.read());
  for (const moment of optimizer.moments) hash.update(moment.read());
  const next = await network.fit(x, y, { ...fit, epochs: 1, optimizer });
  return hash.update(JSON.stringify(next)).update(memory.statistics.read()).digest("hex");
}

describe.each<Dtype>(["float32", "float64"])("in %s", (dtype) => {
  const options = { inputs: 3, layers, seed: 5, dtype, threads: 1 };

  it.each(Object.entries({ adam, momentum }))(
    "with %s, resumed at any step, it ends as if never interrupted, to the bit",
    async (_, rule) => {
      using whole = await createNetwork(options);
      const plain = rule();
      const history = await whole.fit(x, y, { ...fit, optimizer: plain });
      const expected = await fate(whole, plain);

      using observed = await createNetwork(options);
      const store = new MemoryStore();
      const all: Uint8Array[] = [];
      const onCheckpoint = () => void all.push(...store.generations.slice(0, 1));
      const checkpoint = { path: "-", store, everySteps: 1 };
      await observed.fit(x, y, { ...fit, optimizer: rule(), checkpoint, onCheckpoint });
      expect(all).toHaveLength(history.steps);
      for (const bytes of all) {
        const resumed = await resumeTraining("-", x, y, { store: storeOf(bytes), warnings: false });
        using network = resumed.network;
        expect(resumed.history).toEqual(history);
        expect(await fate(network, resumed.optimizer)).toBe(expected);
      }
    },
  );

  it("a file keeps running statistics: what was loaded predicts and trains on as what was saved", async () => {
    using network = await createNetwork(options);
    await network.fit(x, y, fit);
    using loaded = await loadNetwork(network.toBytes());
    expect(loaded.config).toEqual(network.config);
    expect(loaded.parameters()).toEqual(network.parameters());
    expect(loaded.predict(x)).toEqual(network.predict(x));
    expect(await fate(loaded)).toBe(await fate(network));
  });
});
