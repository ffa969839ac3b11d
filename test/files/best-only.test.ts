// checkpoint: { bestOnly: true }: the file is that of the best epoch, and a fit goes on from it.
import { describe, expect, it } from "vitest";
import {
  adam,
  type CheckpointOptions,
  createNetwork,
  type FitOptions,
  loadNetwork,
  resumeTraining,
} from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { MemoryStore } from "./small-files.js";

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const rows = Array.from({ length: 60 }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const labels = rows.map(([a = 0, b = 0], i) => Number(a + b + 0.6 * wave(i, 5) > 0));
const validation = { x: rows.slice(40), y: labels.slice(40) };
const [x, y] = [rows.slice(0, 40), labels.slice(0, 40)];
const make = () => createNetwork({ layerDims: [3, 24, 1], hiddenActivation: "tanh", seed: 4, threads: 1 });
const options = (more: object = {}): FitOptions => ({
  epochs: 40,
  batchSize: 16,
  optimizer: adam({ learningRate: 0.05 }),
  warnings: false,
  ...more,
});

/** A fit with checkpoints of the best alone: at which epochs it wrote, and the network's bits after each epoch. */
async function fitted(given: object, checkpoint: Partial<CheckpointOptions> = {}) {
  using network = await make();
  const store = new MemoryStore();
  const [written, hashes]: [number[], string[]] = [[], []];
  const history = await network.fit(x, y, {
    ...options(given),
    checkpoint: { path: "best", bestOnly: true, store, ...checkpoint },
    onEpoch: () => void hashes.push(hashOf(network.parameters())),
    onCheckpoint: () => void written.push(hashes.length),
  });
  return { network, store, written, hashes, history, last: hashOf(network.parameters()) };
}

/** The epochs at which a list has its least value so far. */
function bests(values: readonly number[]): number[] {
  return values.flatMap((value, i) => (values.slice(0, i).every((before) => value < before) ? [i + 1] : []));
}

async function loadedHash(store: MemoryStore): Promise<string> {
  using network = await loadNetwork("best", { store });
  return hashOf(network.parameters());
}

describe("the only checkpoint", () => {
  it("is that of the epoch with the least validation loss, not of the last", async () => {
    const { written, hashes, history, last, store } = await fitted({ validation });
    const expected = bests(history.validation?.loss ?? []);
    const best = expected.at(-1) ?? 0;
    expect(written).toEqual(expected);
    expect(best).toBeLessThan(40);
    expect(await loadedHash(store)).toBe(hashes[best - 1]);
    expect(last).toBe(hashes[39]);
  });

  it("goes by early stopping's monitor, mode and minDelta, where it is asked for", async () => {
    const metrics = ["rocAuc"];
    const of = { monitor: "validation.metrics.rocAuc", patience: 8, minDelta: 0.01 };
    const { written, hashes, history, store } = await fitted({ validation, metrics, earlyStopping: of });
    expect(written.at(-1)).toBe(history.best?.epoch);
    expect(await loadedHash(store)).toBe(hashes[(history.best?.epoch ?? 0) - 1]);
    const training = await fitted({ earlyStopping: { monitor: "loss", patience: 3 } });
    expect(training.written).toEqual(bests(training.history.loss));
  });

  it("keeps as many of the best before as it is told, and looks at validated epochs alone", async () => {
    const { written, hashes, history, store } = await fitted({ validation, validateEvery: 3 }, { keep: 2 });
    const { epochs = [], loss = [] } = history.validation ?? {};
    const expected = bests(loss).map((i) => epochs[i - 1] ?? 0);
    expect(written).toEqual(expected);
    const [, older = new Uint8Array(), oldest, ...more] = store.generations;
    using network = await loadNetwork(older);
    expect(hashOf(network.parameters())).toBe(hashes[(expected.at(-2) ?? 0) - 1]);
    expect([oldest === undefined, more]).toEqual([false, []]);
  });

  it("isn't written by the signal, and a fit goes on from it to the bit", async () => {
    const early = { earlyStopping: { patience: 6 }, validation };
    const whole = await fitted(early);
    const best = whole.history.best?.epoch ?? 0;
    for (const end of [best - 1, best + 2]) {
      using network = await make();
      const store = new MemoryStore();
      const stop = new AbortController();
      await network.fit(x, y, {
        ...options(early),
        checkpoint: { path: "best", bestOnly: true, store },
        signal: stop.signal,
        onStep: ({ epoch, step }) => void (epoch === end && step === 2 && stop.abort()),
      });
      const before = whole.written.filter((epoch) => epoch < end);
      expect(await loadedHash(store)).toBe(whole.hashes[(before.at(-1) ?? 0) - 1]);
      const written: number[] = [];
      const resumed = await resumeTraining("best", x, y, {
        store,
        ...early,
        warnings: false,
        onCheckpoint: ({ steps }) => void written.push(steps / 3),
      });
      expect(resumed.history).toEqual(whole.history);
      expect(hashOf(resumed.network.parameters())).toBe(whole.last);
      expect(written).toEqual(whole.written.filter((epoch) => epoch > (before.at(-1) ?? 0)));
      resumed.network.dispose();
    }
  });

  it("without early stopping a resumed fit knows the best so far", async () => {
    const whole = await fitted({ validation });
    const written: number[] = [];
    const resumed = await resumeTraining("best", x, y, {
      store: whole.store,
      validation,
      warnings: false,
      onCheckpoint: ({ steps }) => void written.push(steps / 3),
    });
    expect(written).toEqual([]);
    expect(resumed.history).toEqual(whole.history);
    resumed.network.dispose();
  });

  it("may become one by steps when it is taken up again, and the other way round", async () => {
    const { store, written: before } = await fitted({ validation });
    const written: number[] = [];
    const onCheckpoint = ({ steps }: { steps: number }) => void written.push(steps);
    const resume = (checkpoint: object) =>
      resumeTraining("best", x, y, { store, validation, checkpoint, onCheckpoint, warnings: false });
    await expect(resume({ everySteps: 2 })).rejects.toMatchObject({ path: "checkpoint.bestOnly" });
    (await resume({ everySteps: 1, bestOnly: false })).network.dispose();
    const first = 3 * (before.at(-1) ?? 0) + 1;
    expect(written).toEqual(Array.from({ length: 121 - first }, (_, i) => first + i));
    (await resume({ bestOnly: true })).network.dispose();
  });
});

it.each<[object, string]>([
  [{ checkpoint: { bestOnly: true } }, "validation or earlyStopping"],
  [{ validation, checkpoint: { bestOnly: true, everySteps: 5 } }, "beside everySteps or everySeconds"],
  [{ validation, checkpoint: { bestOnly: true, everySeconds: 5 } }, "beside everySteps or everySeconds"],
  [{ validation, checkpoint: { bestOnly: 1 } }, "true or false"],
])("%j is refused, and nothing has changed", async (given, expected) => {
  using network = await make();
  const before = hashOf(network.parameters());
  const store = new MemoryStore();
  const { checkpoint, ...rest } = given as { checkpoint: object };
  const fit = network.fit(x, y, { ...options(rest), checkpoint: { path: "best", store, ...checkpoint } });
  await expect(fit).rejects.toMatchObject({
    name: "ConfigError",
    path: "checkpoint.bestOnly",
    expected: expect.stringContaining(expected),
  });
  expect(hashOf(network.parameters())).toBe(before);
  await network.fit(x, y, { epochs: 1 });
});

it("says what save_best_only is called here", async () => {
  using network = await make();
  const checkpoint = { path: "best", saveBestOnly: true, store: new MemoryStore() };
  await expect(network.fit(x, y, { ...options(), checkpoint } as FitOptions)).rejects.toMatchObject({
    expected: expect.stringContaining("bestOnly"),
  });
});
