// The average of the weights, which a network is validated and ends with.
import { describe, expect, it } from "vitest";
import {
  type AnyLayerParameters,
  type AnyLayerParametersInput,
  adam,
  ConfigError,
  createNetwork,
  dense,
  type FitOptions,
  gradientDescent,
  type Layer,
  loadNetwork,
  NumericError,
  resumeTraining,
  sgd,
  type WeightAverage,
} from "../ts/index.js";
import { blocksOf, entryError, hashOf, layersError } from "./closeness.js";
import { MemoryStore, rejection, storeOf } from "./files/small-files.js";
import golden from "./golden/updates/runs.json" with { type: "json" };
import { made } from "./made.js";

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const x = Array.from({ length: 60 }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const y = x.map(([a = 0, b = 0], i) => Number(a + b + 0.6 * wave(i, 5) > 0));
const held = { x: x.slice(40), y: y.slice(40) };
const [trainX, trainY] = [x.slice(0, 40), y.slice(0, 40)];
const layers: Layer[] = [
  dense(8),
  { type: "batchNorm", decay: 0.8, epsilon: 1e-5 },
  { type: "activation", activation: "relu" },
  { type: "dropout", keepProb: 0.7 },
  dense(1, { activation: "sigmoid" }),
];
const EMA = { decay: 0.9 };
const SWA = { fromEpoch: 3 };
const FORMS: WeightAverage[] = [EMA, SWA];

async function network(more: object = {}) {
  return made(await createNetwork({ inputs: 3, layers, seed: 3, threads: 1, dtype: "float64", ...more }));
}

const fit = { epochs: 6, batchSize: 16, l2: 0.1, warnings: false } as const;

/** All numbers, running statistics included. */
function numbersOf(parameters: readonly AnyLayerParameters[]): number[] {
  return blocksOf(parameters).flatMap((block) => [...block]);
}

describe("is what torch.optim.swa_utils makes (golden/updates/make.py):", () => {
  it.each(golden.averaged)("$options", async ({ options, parameters, losses, trained }) => {
    const one = made(
      await createNetwork({
        inputs: 3,
        layers: [
          dense(5),
          { type: "batchNorm" },
          { type: "activation", activation: "tanh" },
          dense(3, { activation: "softmax" }),
        ],
        dtype: "float64",
      }),
    );
    one.setParameters(parameters as AnyLayerParametersInput[]);
    const history = await one.fit(golden.x, golden.labels, {
      ...(options as { weightAverage: WeightAverage }),
      epochs: golden.epochs,
      l2: golden.l2,
      optimizer: sgd({ learningRate: golden.learningRate, momentum: 0.9 }),
      warnings: false,
    });
    expect(entryError(history.loss, losses)).toBeLessThan(1e-9);
    expect(layersError(one.parameters(), trained)).toBeLessThan(1e-9);
  });
});

describe.each(FORMS)("%j", (weightAverage) => {
  it("changes nothing of the training, and is the mean or moving average of what steps leave", async () => {
    const [one, plain] = [await network(), await network()];
    const afterSteps: number[][] = [];
    const raw: string[] = [];
    const plainly: string[] = [];
    const history = await one.fit(trainX, trainY, {
      ...fit,
      weightAverage,
      onStep: () => {
        raw.push(hashOf(one.parameters()));
        afterSteps.push(numbersOf(one.parameters()));
      },
    });
    const without = await plain.fit(trainX, trainY, {
      ...fit,
      onStep: () => void plainly.push(hashOf(plain.parameters())),
    });
    expect(raw).toEqual(plainly);
    expect(history).toEqual(without);
    const taken =
      "decay" in weightAverage ? afterSteps : afterSteps.filter((_, i) => i % 3 === 2 && i >= 3 * 2);
    const average = taken.reduce((sum, numbers, n) =>
      sum.map((a, i) => {
        const t = "decay" in weightAverage ? 1 - weightAverage.decay : 1 / (n + 1);
        return a + t * ((numbers[i] ?? 0) - a);
      }),
    );
    expect(entryError(numbersOf(one.parameters()), average)).toBeLessThan(1e-12);
    expect(hashOf(one.parameters())).not.toBe(raw.at(-1));
  });

  it("is what validation, onEpoch, save and the end see, and steps don't", async () => {
    const one = await network();
    const inEpochs: string[] = [];
    const history = await one.fit(trainX, trainY, {
      ...fit,
      weightAverage,
      validation: held,
      onEpoch: async ({ epoch, validation }) => {
        expect(validation).toEqual(one.evaluate(held.x, held.y));
        const saved = made(await loadNetwork(one.toBytes()));
        expect(hashOf(saved.parameters())).toBe(hashOf(one.parameters()));
        inEpochs[epoch] = hashOf(one.parameters());
      },
    });
    expect(hashOf(one.parameters())).toBe(inEpochs[fit.epochs]);
    expect(one.evaluate(held.x, held.y).loss).toBe(history.validation?.loss.at(-1));
  });

  it.each(["signal", "step", "epoch", "NumericError"])("is what the network ends with: %s", async (way) => {
    const [one, twin] = [await network(), await network()];
    const stop = new AbortController();
    let last: number[] = [];
    const seen: number[][] = [];
    const wrong = way === "NumericError" ? trainX.map((row) => row.map(() => 1e200)) : trainX;
    if (way === "NumericError") {
      const error = await rejection(one.fit(wrong, trainY, { ...fit, weightAverage }));
      expect(error).toBeInstanceOf(NumericError);
      expect(hashOf(one.parameters())).toBe(hashOf(twin.parameters())); // nothing was averaged
      return;
    }
    const run = one.fit(trainX, trainY, {
      ...fit,
      weightAverage,
      signal: stop.signal,
      onStep: ({ epoch, step }) => {
        last = numbersOf(one.parameters());
        seen.push(last);
        if (epoch < 5 || step < 2) return;
        if (way === "signal") stop.abort();
        if (way === "step") throw new Error("mine");
      },
      onEpoch: ({ epoch }) => {
        if (way === "epoch" && epoch === 5) throw new Error("mine");
      },
    });
    const error = await rejection(run);
    expect(error === undefined).toBe(way === "signal");
    const isMoving = "decay" in weightAverage;
    const ofEpochs = seen.filter((_, i) => i % 3 === 2 && i >= 6);
    const average = (isMoving ? seen : ofEpochs).reduce((sum, numbers, n) =>
      sum.map((a, i) => a + (isMoving ? 1 - weightAverage.decay : 1 / (n + 1)) * ((numbers[i] ?? 0) - a)),
    );
    expect(entryError(numbersOf(one.parameters()), average)).toBeLessThan(1e-12);
    await one.fit(trainX, trainY, { epochs: 1 });
  });

  it("goes with early stopping: the best average is restored", async () => {
    const one = await network();
    const history = await one.fit(trainX, trainY, {
      ...fit,
      epochs: 60,
      optimizer: adam({ learningRate: 0.05 }),
      weightAverage,
      validation: held,
      earlyStopping: { patience: 6 },
    });
    expect(one.evaluate(held.x, held.y).loss).toBe(Math.min(...(history.validation?.loss ?? [])));
  });

  it("a fit that is resumed at any step comes to the same end, to the bit", async () => {
    for (const dtype of ["float32", "float64"] as const) {
      const one = await network({ dtype });
      const store = new MemoryStore();
      const files: Uint8Array[] = [];
      const raw: string[] = [];
      const given = {
        ...fit,
        batchSize: 5,
        accumulate: 3,
        weightAverage,
        validation: held,
        earlyStopping: { patience: 2 },
        reduceOnPlateau: { patience: 1, factor: 0.5 },
      };
      const history = await one.fit(trainX, trainY, {
        ...given,
        optimizer: adam({ learningRate: 0.05 }),
        onStep: () => void raw.push(hashOf(one.parameters())),
        checkpoint: { path: "c", store, everySteps: 1 },
        onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
      });
      expect(files).toHaveLength(raw.length);
      for (const [i, file] of files.entries()) {
        const loaded = made(await loadNetwork(file));
        expect(hashOf(loaded.parameters())).toBe(raw[i]);
        const resumed = await resumeTraining("c", trainX, trainY, { ...given, store: storeOf(file) });
        expect(resumed.history).toEqual(history);
        expect(hashOf(resumed.network.parameters())).toBe(hashOf(one.parameters()));
        resumed.network.dispose();
      }
      const { weightAverage: _, ...without } = given;
      const again = await resumeTraining("c", trainX, trainY, { ...without, store: storeOf(files[0]) });
      expect(hashOf(again.network.parameters())).toBe(hashOf(one.parameters()));
      again.network.dispose();
      const other = { ...given, weightAverage: { decay: 0.5 }, store: storeOf(files[0]) };
      expect(await rejection(resumeTraining("c", trainX, trainY, other))).toMatchObject({
        path: "weightAverage",
      });
    }
  });

  it("gives the same bits on any number of threads", async () => {
    const hashes = new Set<string>();
    for (const threads of [1, 2, 3]) {
      const one = made(
        await createNetwork({ layerDims: [3, 400, 300, 1], seed: 3, threads, hiddenActivation: "tanh" }),
      );
      await one.fit(trainX, trainY, { ...fit, weightAverage });
      hashes.add(hashOf(one.parameters()));
    }
    expect(hashes.size).toBe(1);
  });
});

it("before its first epoch the mean is none: the network ends with the last weights", async () => {
  const [one, plain] = [await network(), await network()];
  const stop = new AbortController();
  const until = {
    signal: stop.signal,
    onEpoch: ({ epoch }: { epoch: number }) => void (epoch === 2 && stop.abort()),
  };
  await one.fit(trainX, trainY, { ...fit, ...until, weightAverage: { fromEpoch: 3 } });
  await plain.fit(trainX, trainY, { ...fit, epochs: 2 });
  expect(hashOf(one.parameters())).toBe(hashOf(plain.parameters()));
});

it("what doesn't move is its own average, to the bit", async () => {
  const one = made(await createNetwork({ layerDims: [3, 40, 1], seed: 3 }));
  one.setParameters(
    one.parameters().map(({ weights, biases }) => ({ weights, biases: biases.map((_, i) => 1 + i) })),
  );
  const before = hashOf(one.parameters());
  const optimizer = gradientDescent({ learningRate: 1e-30 });
  for (const weightAverage of FORMS)
    await one.fit(trainX, trainY, { ...fit, l2: 0, optimizer, weightAverage });
  expect(hashOf(one.parameters())).toBe(before);
});

it("takes one block more while it trains, and gives it back", async () => {
  const one = made(await createNetwork({ layerDims: [3, 4000, 1], seed: 3, threads: 1 }));
  const rooms: Record<string, number> = {};
  const { engine } = one.trainee.layers;
  const room = engine.room.bind(engine);
  engine.room = (what, spans) => {
    const given = room(what, spans);
    rooms[what] = (rooms[what] ?? 0) + 1;
    const release = given.release.bind(given);
    given.release = () => {
      rooms[what] = (rooms[what] ?? 0) - 1;
      release();
    };
    return given;
  };
  try {
    await one.fit(trainX, trainY, {
      ...fit,
      weightAverage: EMA,
      onStep: () => expect(rooms["the averages of the weights"]).toBe(1),
    });
    await rejection(
      one.fit(trainX, trainY, { ...fit, weightAverage: EMA, onStep: () => Promise.reject(new Error()) }),
    );
  } finally {
    engine.room = room;
  }
  expect(rooms["the averages of the weights"]).toBe(0);
});

it("a later fit goes on from the average", async () => {
  const one = await network();
  await one.fit(trainX, trainY, { ...fit, weightAverage: EMA });
  const begun = one.parameters();
  const twin = await network();
  twin.setParameters(begun as AnyLayerParametersInput[]);
  one.trainStep(trainX, trainY, { optimizer: sgd(), l2: 0 });
  twin.trainStep(trainX, trainY, { optimizer: sgd(), l2: 0 });
  expect(one.parameters()).toHaveLength(begun.length);
});

describe("fit refuses, and nothing has changed,", () => {
  it.each<[unknown, string, string]>([
    [{}, "weightAverage", "either { decay } or { fromEpoch }, got neither"],
    [{ decay: 0.9, fromEpoch: 2 }, "weightAverage", "got both"],
    [{ decay: 0 }, "weightAverage.decay", "a number in (0, 1)"],
    [{ decay: 1 }, "weightAverage.decay", "a number in (0, 1)"],
    [{ decay: Number.NaN }, "weightAverage.decay", "a number in (0, 1)"],
    [{ decay: "0.9" }, "weightAverage.decay", "a number in (0, 1)"],
    [{ fromEpoch: 0 }, "weightAverage.fromEpoch", "an integer in [1, 6]"],
    [{ fromEpoch: 1.5 }, "weightAverage.fromEpoch", "an integer in [1, 6]"],
    [{ fromEpoch: 7 }, "weightAverage.fromEpoch", "an integer in [1, 6]"],
    [{ emaMomentum: 0.9 }, "weightAverage.emaMomentum", "did you mean decay?"],
    [0.99, "weightAverage", "an object with options"],
    [null, "weightAverage", "an object with options"],
  ])("%j", async (weightAverage, path, text) => {
    const one = await network();
    const before = hashOf(one.parameters());
    const error = await rejection(one.fit(trainX, trainY, { ...fit, weightAverage } as FitOptions));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
    expect(String(error)).toContain(text);
    expect([one.steps, hashOf(one.parameters())]).toEqual([0, before]);
  });
});
