// Validation and early stopping, and what checkpoints keep of them.
import { describe, expect, it } from "vitest";
import {
  type AnyLayerParameters,
  adam,
  createNetwork,
  type FitOptions,
  gradientDescent,
  loadNetwork,
  Matrix,
  resumeTraining,
} from "../ts/index.js";
import { MemoryStore } from "./files/small-files.js";

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const x = Array.from({ length: 60 }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const y = x.map(([a = 0, b = 0], i) => Number(a + b + 0.6 * wave(i, 5) > 0));
const held = { x: x.slice(40), y: y.slice(40) };
const [trainX, trainY] = [x.slice(0, 40), y.slice(0, 40)];
const options = { layerDims: [3, 24, 1], hiddenActivation: "tanh", seed: 4, threads: 1 } as const;
const bits = (parameters: readonly AnyLayerParameters[]) => JSON.stringify(parameters);

async function errorOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("validation", () => {
  it("has the scores of evaluate after each epoch, and changes nothing of the training", async () => {
    using network = await createNetwork(options);
    using twin = await createNetwork(options);
    const seen: number[] = [];
    const found = await network.fit(trainX, trainY, {
      epochs: 5,
      validation: held,
      metrics: ["rocAuc"],
      onEpoch: ({ validation }) => {
        const now = network.evaluate(held.x, held.y, { metrics: ["rocAuc"] });
        expect(validation).toEqual(now);
        seen.push(now.loss);
      },
    });
    const plain = await twin.fit(trainX, trainY, { epochs: 5 });
    expect(found.loss).toEqual(plain.loss);
    expect(bits(network.parameters())).toBe(bits(twin.parameters()));
    expect(found.validation?.epochs).toEqual([1, 2, 3, 4, 5]);
    expect(found.validation?.loss).toEqual(seen);
    expect(Object.keys(found.validation?.metrics ?? {})).toEqual(["accuracy", "rocAuc"]);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    expect("validation" in plain).toBe(false);
  });

  it("every n epochs, and at the last", async () => {
    using network = await createNetwork(options);
    const { validation } = await network.fit(trainX, trainY, {
      epochs: 7,
      validation: held,
      validateEvery: 3,
    });
    expect(validation?.epochs).toEqual([3, 6, 7]);
    expect(validation?.loss).toHaveLength(3);
  });

  it("of numbers it has their scores", async () => {
    using network = await createNetwork({ layerDims: [3, 1], outputActivation: "linear" });
    const { validation } = await network.fit(trainX, trainY, { epochs: 2, validation: held });
    expect(Object.keys(validation?.metrics ?? {})).toEqual([
      "rootMeanSquaredError",
      "meanAbsoluteError",
      "r2",
    ]);
  });

  it("holds a fraction back, which follows from the seed, and trains on the rest alone", async () => {
    const trained = async (seed: number | undefined, stratify = false) => {
      using network = await createNetwork(options);
      const store = new MemoryStore();
      const history = await network.fit(x, y, {
        epochs: 1,
        validation: { fraction: 0.25, ...(seed === undefined ? {} : { seed }), stratify },
        checkpoint: { path: "c", store },
      });
      return { history, parameters: bits(network.parameters()) };
    };
    const first = await trained(undefined);
    expect(await trained(4)).toEqual(first); // the network's own
    expect((await trained(5)).parameters).not.toBe(first.parameters);
    expect(first.history.steps).toBe(Math.ceil(45 / 32));
    expect((await trained(4, true)).history.steps).toBe(Math.ceil(45 / 32));
  });

  it("stratified, each class is held back alike", async () => {
    // 40 of class 0 and 10 of class 1; a network that answers nothing but its bias.
    const inputs = Array.from({ length: 50 }, () => [0]);
    const labels = inputs.map((_, i) => Number(i % 5 === 0));
    for (const seed of [1, 2, 3]) {
      using network = await createNetwork({ layerDims: [1, 1], initialization: "zeros" });
      const { validation } = await network.fit(inputs, labels, {
        epochs: 1,
        validation: { fraction: 0.2, stratify: true, seed },
        optimizer: gradientDescent({ learningRate: 1 }),
      });
      expect(validation?.metrics.accuracy).toEqual([0.8]);
    }
  });

  it.each<[object, string]>([
    [{ validation: { x: held.x } }, "validation: expected { x, y } or { fraction }"],
    [{ validation: 0.2 }, "validation: expected"],
    [{ validation: { fraction: 1 } }, "validation.fraction: expected a number in (0, 1)"],
    [{ validation: { fraction: 0.001 } }, "validation.fraction: expected one that leaves examples"],
    [{ validation: { fraktion: 0.5 } }, "did you mean fraction?"],
    [{ validation: { x: [[1, 2]], y: [1] } }, "validation.x: expected m×3"],
    [{ validation: { x: held.x, y: held.y.map(() => 2) } }, "validation.y[0]: expected 0 or 1"],
    [{ validateEvery: 2 }, "validation: expected examples, since validateEvery is given"],
    [{ metrics: ["rocAuc"] }, "validation: expected examples, since metrics is given"],
    [{ validation: held, validateEvery: 0 }, "validateEvery"],
    [{ validation: held, metrics: ["confusionMatrix"] }, "metrics: expected metrics that are numbers"],
    [{ earlyStopping: {} }, "validation: expected examples, for earlyStopping's validation.loss"],
    [{ validation: held, earlyStopping: { monitor: "val_loss" } }, "earlyStopping.monitor"],
    [{ validation: held, earlyStopping: { monitor: "validation.metrics.own" } }, "earlyStopping.mode"],
    [{ validation: held, earlyStopping: { patience: -1 } }, "earlyStopping.patience"],
    [{ validation: held, earlyStopping: { patients: 3 } }, "did you mean patience?"],
    [{ validation: held, earlyStopping: { restoreBest: 1 } }, "earlyStopping.restoreBest"],
  ])("%j is refused, and nothing has changed", async (given, message) => {
    using network = await createNetwork(options);
    const before = bits(network.parameters());
    const error = await errorOf(() => network.fit(trainX, trainY, { epochs: 3, ...given } as FitOptions));
    expect(String(error)).toContain(message);
    expect(network.steps).toBe(0);
    expect(bits(network.parameters())).toBe(before);
  });
});

/** A fit that overfits: validation's loss falls, and then rises. */
const overfits = () => ({
  epochs: 400,
  batchSize: 40,
  optimizer: adam({ learningRate: 0.05 }),
  validation: held,
  warnings: false,
});

describe("early stopping", () => {
  it("ends after patience epochs without gain, with the best epoch's weights", async () => {
    using network = await createNetwork(options);
    const at: string[] = [];
    const history = await network.fit(trainX, trainY, {
      ...overfits(),
      earlyStopping: { patience: 5 },
      onEpoch: () => void at.push(bits(network.parameters())),
    });
    const losses = history.validation?.loss ?? [];
    const best = losses.indexOf(Math.min(...losses));
    expect(history.stoppedBy).toBe("earlyStopping");
    expect(history.best).toEqual({ epoch: best + 1, monitor: "validation.loss", value: losses[best] });
    expect(history.loss).toHaveLength(best + 1 + 5);
    expect(bits(network.parameters())).toBe(at[best]);
    expect(network.evaluate(held.x, held.y).loss).toBe(losses[best]);
  });

  it("restores the best however training ends: at the last epoch, by the signal, by an error in a callback", async () => {
    for (const way of ["epochs", "signal", "error"] as const) {
      using network = await createNetwork(options);
      const stop = new AbortController();
      const fitted = network.fit(trainX, trainY, {
        ...overfits(),
        epochs: 60,
        earlyStopping: { patience: 1000 },
        signal: stop.signal,
        onEpoch: ({ epoch }) => {
          if (epoch < 50 || way === "epochs") return;
          if (way === "error") throw new Error("mine");
          stop.abort();
        },
      });
      const history = await fitted.catch((error: unknown) => {
        expect(way, String(error)).toBe("error");
        return undefined;
      });
      const { loss } = network.evaluate(held.x, held.y);
      if (history !== undefined) expect(loss).toBe(Math.min(...(history.validation?.loss ?? [])));
      expect(loss).toBeLessThan(0.8);
    }
  });

  it("restoreBest: false keeps the last weights", async () => {
    using network = await createNetwork(options);
    const history = await network.fit(trainX, trainY, {
      ...overfits(),
      earlyStopping: { patience: 5, restoreBest: false },
    });
    expect(network.evaluate(held.x, held.y).loss).toBe(history.validation?.loss.at(-1));
    expect(history.best?.value).toBeLessThan(history.validation?.loss.at(-1) ?? 0);
  });

  it("watches training's loss without validation, more of accuracy, and a least gain", async () => {
    using first = await createNetwork(options);
    const still = { epochs: 50, optimizer: gradientDescent({ learningRate: 1e-12 }) };
    const flat = await first.fit(trainX, trainY, {
      ...still,
      batchSize: 40,
      earlyStopping: { monitor: "loss", patience: 3, minDelta: 1e-6 },
    });
    expect(flat.loss).toHaveLength(4);
    expect(flat.best?.epoch).toBe(1);
    using second = await createNetwork(options);
    const { best, validation } = await second.fit(trainX, trainY, {
      ...overfits(),
      earlyStopping: { monitor: "validation.metrics.accuracy", patience: 4 },
    });
    expect(best?.value).toBe(Math.max(...(validation?.metrics.accuracy ?? [])));
  });

  it("running statistics of batchNorm are restored too", async () => {
    using network = await createNetwork({
      inputs: 3,
      layers: [
        { type: "dense", units: 16 },
        { type: "batchNorm" },
        { type: "activation", activation: "relu" },
        { type: "dense", units: 1, activation: "sigmoid" },
      ],
    });
    const { validation } = await network.fit(trainX, trainY, {
      ...overfits(),
      earlyStopping: { patience: 5 },
    });
    expect(network.evaluate(held.x, held.y).loss).toBe(Math.min(...(validation?.loss ?? [])));
  });
});

describe("a fit that is resumed", () => {
  const watched = {
    earlyStopping: { patience: 5, minDelta: 1e-3 },
    metrics: ["rocAuc" as const],
    validateEvery: 2,
  };

  it.each([
    { batchSize: 16, validation: held },
    { batchSize: 7, validation: { fraction: 0.3, stratify: true } },
  ])("at any step comes to the same end, to the bit: %#", async ({ batchSize, validation }) => {
    const store = new MemoryStore();
    const files: Uint8Array[] = [];
    using network = await createNetwork(options);
    const fit = { ...overfits(), ...watched, batchSize, validation };
    const [allX, allY] = [x, y];
    const history = await network.fit(allX, allY, {
      ...fit,
      checkpoint: { path: "c", store, everySteps: 3 },
      onCheckpoint: async () => void files.push((await store.read("c", 0))?.slice() ?? new Uint8Array()),
    });
    expect(history.stoppedBy).toBe("earlyStopping");
    const picked = [
      0,
      1,
      Math.floor(files.length / 3),
      Math.floor(files.length / 2),
      files.length - 2,
      files.length - 1,
    ];
    for (const i of picked) {
      const other = new MemoryStore();
      await other.write("c", files[i] ?? new Uint8Array(), 0);
      const { optimizer: _, ...rest } = fit;
      const resumed = await resumeTraining("c", allX, allY, { ...rest, store: other });
      expect(resumed.history).toEqual(history);
      expect(bits(resumed.network.parameters())).toBe(bits(network.parameters()));
      resumed.network.dispose();
    }
  });

  it("must be given validation again, and no other early stopping", async () => {
    const store = new MemoryStore();
    using network = await createNetwork(options);
    await network.fit(trainX, trainY, {
      ...overfits(),
      epochs: 4,
      ...watched,
      checkpoint: { path: "c", store },
    });
    const resume = (given: object) => errorOf(() => resumeTraining("c", trainX, trainY, { store, ...given }));
    expect(String(await resume({}))).toContain("validation: expected the fit's");
    expect(await resume({ validation: held })).toBeUndefined();
    const other = { x: held.x, y: held.y.map((label) => 1 - label) };
    const given = { ...watched, validation: other };
    expect(String(await resume(given))).toContain("validation.y: expected the checkpoint's data set");
    const stopping = { ...watched, validation: held, earlyStopping: { patience: 6 } };
    expect(String(await resume(stopping))).toContain(
      'earlyStopping: expected {"monitor":"validation.loss","patience":5',
    );
    using loaded = await loadNetwork((await store.read("c", 0)) ?? new Uint8Array());
    expect(loaded.config).toEqual(network.config);
  });
});

it("validation's x may be a Matrix, and is read when fit is called", async () => {
  using network = await createNetwork(options);
  using twin = await createNetwork(options);
  const data = Matrix.from(held.x.map((row) => [...row]));
  const fitted = network.fit(trainX, trainY, { epochs: 2, validation: { x: data, y: held.y } });
  data.data.fill(0);
  expect(await fitted).toEqual(await twin.fit(trainX, trainY, { epochs: 2, validation: held }));
});
