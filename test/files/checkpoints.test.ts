import { createHash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import {
  adam,
  cosine,
  createNetwork,
  type FitOptions,
  gradientDescent,
  type History,
  Matrix,
  momentum,
  type Network,
  type NetworkOptions,
  type Optimizer,
  piecewise,
  resumeTraining,
} from "../../ts/index.js";
import { VARIANTS } from "../update-rules.js";
import {
  checkpointsOf,
  classes,
  fitOptions,
  MemoryStore,
  options,
  rejection,
  storeOf,
  x,
  y,
} from "./small-files.js";

/** A name for parameters, moments and all that a next fit would do, to the bit, and for the history. */
async function fate(
  network: Network,
  optimizer: Optimizer,
  history: History,
  labels: number[],
): Promise<string> {
  const { layers, progress } = network.trainee;
  const hash = createHash("sha256").update(JSON.stringify({ history, progress, state: optimizer.state }));
  hash.update(layers.parameters.read());
  for (const moment of optimizer.moments) hash.update(moment.read());
  const next = await network.fit(x, labels, { ...fitOptions, epochs: 1, optimizer });
  return hash.update(JSON.stringify(next)).digest("hex");
}

interface Case {
  readonly network: NetworkOptions;
  readonly fit: FitOptions;
  readonly optimizer: () => Optimizer;
  readonly labels?: number[];
}

const CASES: Record<string, Case> = {
  "adam, dropout and L2 in float32": { network: options, fit: fitOptions, optimizer: () => adam() },
  "adam in float64": {
    network: { ...options, dtype: "float64", layerDims: [3, 6, 5, 1] },
    fit: { ...fitOptions, l2: 0.3 },
    optimizer: () => adam({ beta1: 0.7, beta2: 0.95, learningRate: 1 / 3 }),
  },
  "momentum and softmax": {
    network: { layerDims: [3, 5, 3], outputActivation: "softmax", seed: 2 ** 53 - 1 },
    fit: { epochs: 2, batchSize: 4, keepProb: 0.5 },
    optimizer: () => momentum({ learningRate: 0.1 }),
    labels: classes,
  },
  "gradient descent, batches of one": {
    network: { ...options, hiddenActivation: "sigmoid", initialization: "xavier" },
    fit: { epochs: 1, batchSize: 1 },
    optimizer: () => gradientDescent(),
  },
  "clipped by norm and value": {
    network: options,
    fit: { ...fitOptions, clip: { norm: 0.1, value: 1 / 30 } },
    optimizer: () => adam(),
  },
  "a schedule in epochs, with a warm-up": {
    network: options,
    fit: fitOptions,
    optimizer: () => adam({ learningRate: cosine({ from: 0.01, epochs: 2.5, warmup: 0.5, restarts: 1 }) }),
  },
  "a schedule of pieces, in steps": {
    network: options,
    fit: fitOptions,
    optimizer: () => momentum({ learningRate: piecewise({ rates: [0.1, 1 / 3, 0.2], steps: [4, 11] }) }),
  },
  "one batch of all": { network: options, fit: { epochs: 6, keepProb: 0.9 }, optimizer: () => adam() },
};

const ALL_RULES = VARIANTS.map(({ name, make }): [string, Case] => [
  name,
  { network: options, fit: { ...fitOptions, epochs: 2 }, optimizer: make },
]);

describe.each([...Object.entries(CASES), ...ALL_RULES])(
  "%s",
  (_name, { network, fit, optimizer, labels = y }) => {
    test("resumed at any step, it ends as if never interrupted, to the bit", async () => {
      using whole = await createNetwork(network);
      const plain = optimizer();
      const history = await whole.fit(x, labels, { ...fit, optimizer: plain });
      const expected = await fate(whole, plain, history, labels);

      using observed = await createNetwork(network);
      const checkpoints = await checkpointsOf(
        observed,
        { ...fit, optimizer: optimizer() },
        undefined,
        labels,
      );
      expect(checkpoints).toHaveLength(history.steps);
      for (const checkpoint of checkpoints) {
        const resumed = await resumeTraining("-", x, labels, { store: storeOf(checkpoint) });
        expect(resumed.recovery).toBeUndefined();
        expect(await fate(resumed.network, resumed.optimizer, resumed.history, labels)).toBe(expected);
        resumed.network.dispose();
      }
    });
  },
);

test("interrupted again and again, after every step, it ends the same", async () => {
  using whole = await createNetwork(options);
  const plain = adam();
  const expected = await fate(whole, plain, await whole.fit(x, y, { ...fitOptions, optimizer: plain }), y);
  const store = new MemoryStore();
  const stopping = () => {
    const stop = new AbortController();
    return { signal: stop.signal, onStep: () => stop.abort() };
  };
  using first = await createNetwork(options);
  const checkpoint = { path: "-", everySteps: 100, store };
  await first.fit(x, y, { ...fitOptions, optimizer: adam(), checkpoint, ...stopping() });
  for (let step = 1; ; step++) {
    const { network, history, optimizer } = await resumeTraining("-", x, y, { store, ...stopping() });
    expect(history.steps).toBe(step + 1);
    if (history.stoppedBy === "epochs") {
      expect(await fate(network, optimizer, history, y)).toBe(expected);
      break;
    }
    network.dispose();
  }
});

test("a fit that isn't the network's first, with an optimizer that isn't new, resumes the same", async () => {
  const train = async (): Promise<{ network: Network; optimizer: Optimizer }> => {
    const network = await createNetwork(options);
    const optimizer = adam();
    await network.fit(x, y, { ...fitOptions, optimizer });
    network.trainStep(x, y, { optimizer });
    return { network, optimizer };
  };
  const whole = await train();
  const history = await whole.network.fit(x, y, { ...fitOptions, optimizer: whole.optimizer });
  const observed = await train();
  const checkpoints = await checkpointsOf(observed.network, { ...fitOptions, optimizer: observed.optimizer });
  const resumed = await resumeTraining("-", x, y, { store: storeOf(checkpoints[7]) });
  expect(resumed.history).toEqual(history);
  const expected = await fate(whole.network, whole.optimizer, history, y);
  expect(await fate(resumed.network, resumed.optimizer, resumed.history, y)).toBe(expected);
});

test("what is finished is handed back as it is", async () => {
  using network = await createNetwork(options);
  const [last] = await checkpointsOf(network, fitOptions);
  const store = storeOf(last);
  const never = () => expect.unreachable();
  const resumed = await resumeTraining("-", x, y, {
    store,
    onStep: never,
    onEpoch: never,
    onCheckpoint: never,
  });
  expect(resumed.history).toMatchObject({ steps: 15, stoppedBy: "epochs" });
  expect(resumed.network.parameters()).toEqual(network.parameters());
});

test("data of other types is the same data, if its numbers are", async () => {
  using network = await createNetwork(options);
  const checkpoints = await checkpointsOf(network, fitOptions);
  const matrix = new Matrix(Float32Array.from(x.flat()), 23, 3);
  const { history } = await resumeTraining("-", matrix, Uint8Array.from(y), {
    store: storeOf(checkpoints[5]),
  });
  expect(history.steps).toBe(15);
});

describe("reports", () => {
  test("callbacks go on where they were, with the numbers of the whole fit", async () => {
    const collect = () => {
      const reports: unknown[] = [];
      const note = (report: unknown) => void reports.push(report);
      return { reports, callbacks: { onStep: note, onEpoch: note } };
    };
    const whole = collect();
    using network = await createNetwork(options);
    const checkpoints = await checkpointsOf(network, { ...fitOptions, ...whole.callbacks });
    // 15 steps, and the end of an epoch after every fifth; the 7 newest checkpoints are of steps 9 … 15.
    const resumed = collect();
    await resumeTraining("-", x, y, { store: storeOf(checkpoints[6]), ...resumed.callbacks });
    expect(resumed.reports).toEqual(whole.reports.slice(10));
  });

  test("come after the file is there, with its path and the network's steps", async () => {
    const store = new MemoryStore();
    const seen: unknown[] = [];
    using network = await createNetwork(options);
    const onCheckpoint = (report: unknown) => void seen.push([report, store.generations.length]);
    const checkpoint = { path: "a", everySteps: 6, keep: 9, store };
    await network.fit(x, y, { ...fitOptions, checkpoint, onCheckpoint });
    expect(seen).toEqual([
      [{ path: "a", steps: 6 }, 1],
      [{ path: "a", steps: 12 }, 2],
      [{ path: "a", steps: 15 }, 3],
    ]);
  });

  test("everySeconds counts the time since the last one", async () => {
    using network = await createNetwork(options);
    expect(await checkpointsOf(network, fitOptions, { everySeconds: 1e-9 })).toHaveLength(15);
    expect(await checkpointsOf(network, fitOptions, { everySeconds: 1e9 })).toHaveLength(1);
    expect(await checkpointsOf(network, fitOptions, {})).toHaveLength(1);
  });

  test("a callback that throws ends the fit, and the checkpoint is there", async () => {
    const store = new MemoryStore();
    using network = await createNetwork(options);
    const onCheckpoint = () => {
      throw new RangeError("mine");
    };
    const fit = network.fit(x, y, {
      ...fitOptions,
      checkpoint: { path: "a", everySteps: 4, store },
      onCheckpoint,
    });
    expect(await rejection(fit)).toBeInstanceOf(RangeError);
    expect((await resumeTraining("a", x, y, { store })).history.steps).toBe(15);
    await network.fit(x, y, fitOptions);
  });

  test("no step, no checkpoint", async () => {
    using network = await createNetwork(options);
    expect(await checkpointsOf(network, { ...fitOptions, epochs: 0 })).toEqual([]);
    expect(await checkpointsOf(network, { ...fitOptions, signal: AbortSignal.abort() })).toEqual([]);
  });
});

test("the event loop gets its turn while a large data set is hashed and a large file is made", async () => {
  const rows = 40_000;
  const large = new Matrix(new Float32Array(rows * 500), rows, 500);
  using network = await createNetwork({ layerDims: [500, 700, 1], threads: 1 });
  // A clock by which every look comes 50 ms after the one before: each pause that could be made is made.
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => {
    now += 50;
    return now;
  });
  const turns = vi.spyOn(globalThis, "setImmediate");
  const stop = new AbortController();
  const settings = { epochs: 1, batchSize: 16, signal: stop.signal, onStep: () => stop.abort() };
  await network.fit(large, new Float32Array(rows), {
    ...settings,
    checkpoint: { path: "-", store: new MemoryStore() },
  });
  const taken = turns.mock.calls.length;
  clock.mockRestore();
  turns.mockRestore();
  // One per megabyte of the 80 and more, which takes a few milliseconds.
  expect(taken).toBeGreaterThanOrEqual(80);
});

test("a fit without batchSize is resumed with what it used", async () => {
  const many = Matrix.from([0, 1, 2].flatMap(() => x));
  const labels = [0, 1, 2].flatMap(() => y);
  const store = new MemoryStore();
  using whole = await createNetwork(options);
  const history = await whole.fit(many, labels, {
    epochs: 2,
    checkpoint: { path: "-", store, everySteps: 2, keep: 9 },
  });
  expect(history.steps).toBe(6); // 69 examples are 32 + 32 + 5
  for (const given of [{}, { batchSize: 32 }, { epochs: 2 }]) {
    const resumed = await resumeTraining("-", many, labels, {
      store: storeOf(store.generations[1]),
      ...given,
    });
    expect(resumed.history).toEqual(history);
    expect(resumed.network.parameters()).toEqual(whole.parameters());
    resumed.network.dispose();
  }
});
