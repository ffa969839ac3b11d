// A learning rate that falls when training gets no better: as PyTorch does it, over a schedule, and in checkpoints.
import { describe, expect, it } from "vitest";
import {
  type AnyLayerParameters,
  adam,
  ConfigError,
  cosine,
  createNetwork,
  type FitOptions,
  gradientDescent,
  type ReduceOnPlateau,
  resumeTraining,
  StateError,
  sgd,
} from "../ts/index.js";
import { blocksError, entryError, hashOf } from "./closeness.js";
import { checkpointsOf, MemoryStore, rejection, storeOf } from "./files/small-files.js";
import golden from "./golden/plateau/runs.json" with { type: "json" };
import { asInput, type Parameters } from "./golden-parameters.js";

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const x = Array.from({ length: 60 }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const y = x.map(([a = 0, b = 0], i) => Number(a + b + 0.6 * wave(i, 5) > 0));
const held = { x: x.slice(40), y: y.slice(40) };
const [trainX, trainY] = [x.slice(0, 40), y.slice(0, 40)];
const options = { layerDims: [3, 12, 1], hiddenActivation: "tanh", seed: 4, threads: 1 } as const;
const bits = (parameters: readonly AnyLayerParameters[]) => JSON.stringify(parameters);

describe("trains as PyTorch's ReduceLROnPlateau does (golden/plateau/make.py):", () => {
  it.each(golden.runs)("$plateau", async ({ learningRate, plateau, rates, losses, validation, trained }) => {
    using network = await createNetwork({
      layerDims: golden.dims,
      hiddenActivation: "tanh",
      dtype: "float64",
    });
    network.setParameters(asInput(golden.parameters as unknown as Parameters));
    const history = await network.fit(golden.x, golden.y, {
      epochs: rates.length,
      batchSize: golden.x.length,
      optimizer: sgd({ learningRate, momentum: 0.9 }),
      validation: { x: golden.heldX, y: golden.heldY },
      reduceOnPlateau: plateau as ReduceOnPlateau,
      warnings: false,
    });
    expect(entryError(history.learningRate, rates)).toBeLessThan(1e-14);
    expect(entryError(history.loss, losses)).toBeLessThan(1e-9);
    expect(entryError(history.validation?.loss ?? [], validation)).toBeLessThan(1e-9);
    expect(blocksError(network.parameters(), asInput(trained as unknown as Parameters))).toBeLessThan(1e-9);
  });
});

/** A rate so low that nothing gets better by more than minDelta. */
const still = (given: object = {}) => ({
  epochs: 12,
  batchSize: 40,
  warnings: false,
  reduceOnPlateau: { monitor: "loss", minDelta: 1, patience: 3, factor: 0.5, ...given },
});

async function ratesOf(given: Partial<FitOptions>, optimizer: FitOptions["optimizer"]): Promise<number[]> {
  using network = await createNetwork(options);
  const history = await network.fit(trainX, trainY, {
    ...still(),
    ...given,
    ...(optimizer !== undefined && { optimizer }),
  });
  return history.learningRate;
}

describe("the rate", () => {
  it("falls by the factor after `patience` epochs without gain, from the next step on, again and again", async () => {
    // The first epoch is the best; epochs 2 to 4 are no better.
    const expected = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125].map((part) => part * 0.25);
    expect(await ratesOf({}, gradientDescent({ learningRate: 0.25 }))).toEqual(expected);
    const patient = { reduceOnPlateau: still({ patience: 0 }).reduceOnPlateau };
    const rates = await ratesOf({ ...patient, epochs: 4 }, gradientDescent({ learningRate: 0.25 }));
    expect(rates).toEqual([0.25, 0.25, 0.125, 0.0625]);
  });

  it("is the one of each step: as two fits with the two rates", async () => {
    using network = await createNetwork(options);
    using twin = await createNetwork(options);
    const fit = { ...still(), epochs: 6, batchSize: 7 };
    await network.fit(trainX, trainY, { ...fit, optimizer: gradientDescent({ learningRate: 0.25 }) });
    const { reduceOnPlateau: _, ...plain } = fit;
    await twin.fit(trainX, trainY, {
      ...plain,
      epochs: 4,
      optimizer: gradientDescent({ learningRate: 0.25 }),
    });
    await twin.fit(trainX, trainY, {
      ...plain,
      epochs: 2,
      optimizer: gradientDescent({ learningRate: 0.125 }),
    });
    expect(bits(network.parameters())).toBe(bits(twin.parameters()));
  });

  it("never falls below `lowest`, and is exactly that there", async () => {
    const given = { ...still({ lowest: 0.1, patience: 1 }), epochs: 6 };
    const rates = await ratesOf(given, gradientDescent({ learningRate: 0.3 }));
    expect(rates).toEqual([0.3, 0.3, 0.15, 0.1, 0.1, 0.1]);
  });

  it("multiplies a schedule's, which may be below `lowest` by itself", async () => {
    const learningRate = cosine({ from: 0.3, to: 0, steps: 10 });
    const alone = await ratesOf({ reduceOnPlateau: undefined as never }, gradientDescent({ learningRate }));
    const rates = await ratesOf({ ...still({ lowest: 0.02 }) }, gradientDescent({ learningRate }));
    const factors = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25];
    const expected = alone.map((rate, i) => Math.max(rate * (factors[i] ?? 1), Math.min(rate, 0.02)));
    expect(rates).toEqual(expected);
    expect(rates[10]).toBe(0);
  });

  it("stays with the optimizer, in later fits and in trainStep", async () => {
    using network = await createNetwork(options);
    const optimizer = gradientDescent({ learningRate: 0.25 });
    await network.fit(trainX, trainY, { ...still(), epochs: 5, optimizer });
    const { learningRate } = await network.fit(trainX, trainY, { epochs: 1, optimizer });
    expect(learningRate).toEqual([0.125]);
    using twin = await createNetwork(options);
    twin.setParameters(network.parameters());
    network.trainStep(trainX, trainY, { optimizer });
    twin.trainStep(trainX, trainY, { optimizer: gradientDescent({ learningRate: 0.125 }) });
    expect(bits(network.parameters())).toBe(bits(twin.parameters()));
    // While another optimizer has the memory, too.
    network.trainStep(trainX, trainY, { optimizer: adam() });
    expect((await network.fit(trainX, trainY, { epochs: 1, optimizer })).learningRate).toEqual([0.125]);
  });

  it("waits for epochs that are validated, and goes by more of a metric of which more is better", async () => {
    using network = await createNetwork(options);
    const { learningRate, validation } = await network.fit(trainX, trainY, {
      epochs: 9,
      optimizer: gradientDescent({ learningRate: 1e-9 }),
      validation: held,
      validateEvery: 2,
      reduceOnPlateau: { monitor: "validation.metrics.accuracy", patience: 2, factor: 0.5 },
    });
    expect(new Set(validation?.metrics.accuracy).size).toBe(1);
    expect(learningRate.map((rate) => rate / 1e-9)).toEqual([1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5]);
  });

  it("falls before early stopping ends the fit, which keeps the best weights", async () => {
    using network = await createNetwork(options);
    const history = await network.fit(trainX, trainY, {
      epochs: 400,
      batchSize: 40,
      optimizer: adam({ learningRate: 0.05 }),
      validation: held,
      warnings: false,
      reduceOnPlateau: { patience: 3, minDelta: 0.05 },
      earlyStopping: { patience: 8, minDelta: 1e-3 },
    });
    expect(history.stoppedBy).toBe("earlyStopping");
    expect(history.learningRate.at(-1)).toBeLessThan(0.006);
    expect(network.evaluate(held.x, held.y).loss).toBe(history.best?.value);
  });
});

describe("values that aren't finite are never the best:", () => {
  const fitted = async (values: readonly number[], given: object) => {
    using network = await createNetwork(options);
    let i = 0;
    return await network.fit(trainX, trainY, {
      epochs: values.length,
      optimizer: gradientDescent({ learningRate: 0.25 }),
      validation: held,
      metrics: [{ name: "mine", value: () => values[i++] ?? 0 }],
      ...given,
    });
  };
  const watch = { monitor: "validation.metrics.mine", mode: "min", patience: 2 } as const;

  it("early stopping waits, and stops", async () => {
    const { NaN: none, POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;
    expect((await fitted([none, 3, 2, 2, 2], { earlyStopping: watch })).best).toMatchObject({ epoch: 3 });
    const never = await fitted([none, most, least, 5], { earlyStopping: watch });
    expect([never.stoppedBy, never.loss.length, never.best]).toEqual(["earlyStopping", 2, undefined]);
  });

  it("the rate falls", async () => {
    const { learningRate } = await fitted([1, Number.NaN, -Number.POSITIVE_INFINITY, 0.5], {
      reduceOnPlateau: watch,
    });
    expect(learningRate).toEqual([0.25, 0.25, 0.25, 0.025]);
  });
});

describe("a fit that is resumed", () => {
  it.each([
    adam({ learningRate: 0.02 }),
    sgd({ learningRate: cosine({ from: 0.1, epochs: 20 }), momentum: 0.5 }),
  ])("at any step comes to the same end, to the bit: %#", async (optimizer) => {
    using network = await createNetwork(options);
    const reduceOnPlateau = { patience: 1, factor: 0.3, lowest: 1e-4, minDelta: 0.05 };
    const fit = { epochs: 12, batchSize: 16, validation: held, validateEvery: 2, reduceOnPlateau };
    const store = new MemoryStore();
    const files: Uint8Array[] = [];
    const history = await network.fit(trainX, trainY, {
      ...fit,
      optimizer,
      checkpoint: { path: "c", store, everySteps: 1 },
      onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
    });
    expect(new Set(history.learningRate).size).toBeGreaterThan(2);
    for (let i = 0; i < files.length; i += 3) {
      const resumed = await resumeTraining("c", trainX, trainY, { ...fit, store: storeOf(files[i]) });
      expect(resumed.history).toEqual(history);
      expect(bits(resumed.network.parameters())).toBe(bits(network.parameters()));
      expect(resumed.optimizer.state).toEqual(optimizer.state);
      resumed.network.dispose();
    }
  });

  it("has a rate that an earlier fit reduced", async () => {
    using network = await createNetwork(options);
    const optimizer = adam({ learningRate: 0.25 });
    await network.fit(trainX, trainY, { ...still({ lowest: 0.01 }), epochs: 5, optimizer });
    const fit = { epochs: 3, batchSize: 8 };
    const store = new MemoryStore();
    const files: Uint8Array[] = [];
    const onCheckpoint = () => void files.push(...store.generations.slice(0, 1));
    const checkpoint = { path: "c", store, everySteps: 2 };
    const history = await network.fit(trainX, trainY, { ...fit, optimizer, checkpoint, onCheckpoint });
    expect(history.learningRate).toEqual([0.125, 0.125, 0.125]);
    const resumed = await resumeTraining("c", trainX, trainY, { store: storeOf(files[1]) });
    expect(resumed.history).toEqual(history);
    expect(hashOf(resumed.network.parameters())).toBe(hashOf(network.parameters()));
    resumed.network.dispose();
  });

  it("is the checkpoint's where none is given, and can be no other", async () => {
    using network = await createNetwork(options);
    const fit = {
      epochs: 6,
      reduceOnPlateau: { monitor: "loss", patience: 1, minDelta: 1 },
      earlyStopping: { monitor: "loss", patience: 4, minDelta: 1 },
    };
    const store = new MemoryStore();
    const files: Uint8Array[] = [];
    const onCheckpoint = () => void files.push(...store.generations.slice(0, 1));
    const checkpoint = { path: "c", store, everySteps: 1 };
    const history = await network.fit(trainX, trainY, { ...fit, checkpoint, onCheckpoint });
    expect(history.stoppedBy).toBe("earlyStopping");
    const resumed = await resumeTraining("c", trainX, trainY, { store: storeOf(files[0]) });
    expect(resumed.history).toEqual(history);
    expect(hashOf(resumed.network.parameters())).toBe(hashOf(network.parameters()));
    resumed.network.dispose();
    const other = await rejection(
      resumeTraining("c", trainX, trainY, { store, reduceOnPlateau: { monitor: "loss", factor: 0.5 } }),
    );
    expect(other).toBeInstanceOf(StateError);
    expect(String(other)).toContain('reduceOnPlateau: expected {"monitor":"loss"');
    const average = await rejection(
      resumeTraining("c", trainX, trainY, { store, weightAverage: { decay: 0.5 } }),
    );
    expect(String(average)).toContain(
      'weightAverage: expected none, as in the checkpoint, got {"decay":0.5}',
    );
  });
});

describe("fit refuses, and nothing has changed,", () => {
  it.each<[object, string]>([
    [{ reduceOnPlateau: {} }, "validation: expected examples, for reduceOnPlateau's validation.loss"],
    [{ reduceOnPlateau: true }, "reduceOnPlateau: expected an object with options"],
    [{ reduceOnPlateau: { monitor: "val_loss" } }, "reduceOnPlateau.monitor"],
    [{ reduceOnPlateau: { monitor: 3 } }, "reduceOnPlateau.monitor"],
    [{ reduceOnPlateau: { monitor: "loss", patience: 1.5 } }, "reduceOnPlateau.patience"],
    [{ reduceOnPlateau: { monitor: "loss", patience: -1 } }, "reduceOnPlateau.patience"],
    [{ reduceOnPlateau: { monitor: "loss", minDelta: Number.NaN } }, "reduceOnPlateau.minDelta"],
    [{ reduceOnPlateau: { monitor: "loss", minDelta: -1 } }, "reduceOnPlateau.minDelta"],
    [
      { reduceOnPlateau: { monitor: "loss", factor: 1 } },
      "reduceOnPlateau.factor: expected a number in (0, 1)",
    ],
    [{ reduceOnPlateau: { monitor: "loss", factor: 0 } }, "reduceOnPlateau.factor"],
    [{ reduceOnPlateau: { monitor: "loss", lowest: -1 } }, "reduceOnPlateau.lowest"],
    [
      { reduceOnPlateau: { monitor: "loss", lowest: 0.001 } },
      "reduceOnPlateau.lowest: expected a number below the optimizer's learningRate, 0.001",
    ],
    [{ reduceOnPlateau: { monitor: "loss", mode: "least" } }, "reduceOnPlateau.mode"],
    [{ reduceOnPlateau: { monitor: "loss", minLr: 1e-5 } }, "did you mean lowest?"],
    [{ reduceOnPlateau: { monitor: "loss", threshold: 1e-5 } }, "did you mean minDelta?"],
    [{ reduceLROnPlateau: {} }, "did you mean reduceOnPlateau?"],
    [
      { validation: held, reduceOnPlateau: { monitor: "validation.metrics.rocAuc" } },
      'reduceOnPlateau.monitor: expected "loss" or "validation.loss" or "validation.metrics.accuracy", which this',
    ],
    [
      { validation: held, earlyStopping: { monitor: "validation.metrics.rocAuc" } },
      'earlyStopping.monitor: expected "loss" or "validation.loss" or "validation.metrics.accuracy", which this',
    ],
    [
      { validation: held, earlyStopping: { monitor: "validation.metrics.toString", mode: "min" } },
      "earlyStopping.monitor",
    ],
    [
      { validation: held, earlyStopping: { monitor: "validation.metrics.loss", mode: "min" } },
      "earlyStopping.monitor",
    ],
  ])("%j", async (given, message) => {
    using network = await createNetwork(options);
    const before = bits(network.parameters());
    const error = await rejection(network.fit(trainX, trainY, { epochs: 3, ...given } as FitOptions));
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(message);
    expect([network.steps, bits(network.parameters())]).toEqual([0, before]);
    await network.fit(trainX, trainY, { epochs: 1 });
  });
});

it("a checkpoint without it stays of format version 1, byte by byte what it was", async () => {
  using network = await createNetwork({ layerDims: [3, 4, 1], seed: 5 });
  const [last] = await checkpointsOf(network, { epochs: 1, batchSize: 5, optimizer: adam() });
  const text = new TextDecoder().decode(last?.subarray(0, 4000));
  expect(text).toContain('"formatVersion":"1"');
  expect(text).not.toContain("reduction");
});
