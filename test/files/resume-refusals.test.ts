import { describe, expect, test } from "vitest";
import {
  adam,
  type ClipOptions,
  ConfigError,
  createNetwork,
  DataError,
  exponential,
  type FitOptions,
  momentum,
  type ResumeOptions,
  resumeTraining,
  ShapeError,
  StateError,
} from "../../ts/index.js";
import { checkpointsOf, fitOptions, options, rejection, storeOf, x, y } from "./small-files.js";

/** The list with another entry at one place. */
function replaced<Entry>(list: readonly Entry[], at: number, entry: Entry): Entry[] {
  return list.map((old, i) => (i === at ? entry : old));
}

describe("another configuration or data set", async () => {
  using network = await createNetwork(options);
  const checkpoint = (await checkpointsOf(network, { ...fitOptions, optimizer: adam() }))[8];
  const resume = (inputs: number[][], labels: number[], given: ResumeOptions = {}) =>
    rejection(resumeTraining("-", inputs, labels, { store: storeOf(checkpoint), ...given }));

  test.each<[string, ResumeOptions]>([
    ["layerDims", { layerDims: [3, 5, 1] }],
    ["hiddenActivation", { hiddenActivation: "sigmoid" }],
    ["dtype", { dtype: "float64" }],
    ["seed", { seed: 6 }],
    ["epochs", { epochs: 4 }],
    ["batchSize", { batchSize: 6 }],
    ["batchSize", { batchSize: 100 }],
    ["l2", { l2: 0 }],
    ["keepProb", { keepProb: 1 }],
    ["clip.norm", { clip: { norm: 1 } }],
    ["clip.value", { clip: { value: 1 } }],
    ["optimizer", { optimizer: momentum() }],
    ["optimizer.learningRate", { optimizer: adam({ learningRate: 0.01 }) }],
    [
      "optimizer.learningRate",
      { optimizer: adam({ learningRate: exponential({ from: 0.001, factor: 1, steps: 1 }) }) },
    ],
    ["optimizer.beta2", { optimizer: adam({ beta2: 0.99 }) }],
  ])("%s", async (path, given) => {
    const error = await resume(x, y, given);
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ path });
  });

  test("the same configuration, said again, with a new optimizer to take over", async () => {
    const optimizer = adam();
    const again = { ...options, ...fitOptions, optimizer, checkpoint: { everySteps: 2 } };
    const resumed = await resumeTraining("-", x, y, { store: storeOf(checkpoint), ...again });
    expect(resumed.optimizer).toBe(optimizer);
    expect(optimizer.steps).toBe(15);
  });

  test("other clipping, one limit left out, or one added", async () => {
    using clipped = await createNetwork(options);
    const fit = { ...fitOptions, optimizer: adam(), clip: { norm: 0.5 } };
    const store = storeOf((await checkpointsOf(clipped, fit))[8]);
    const resumed = (clip: ClipOptions) => resumeTraining("-", x, y, { store, clip });
    expect(await rejection(resumed({ norm: 0.25 }))).toMatchObject({ code: "ERR_STATE", path: "clip.norm" });
    expect(await rejection(resumed({ value: 0.5 }))).toMatchObject({ code: "ERR_STATE", path: "clip.norm" });
    const both = { norm: 0.5, value: 1 };
    expect(await rejection(resumed(both))).toMatchObject({ code: "ERR_STATE", path: "clip.value" });
    expect((await resumed({ norm: 0.5 })).history.steps).toBe(15);
  });

  test("an optimizer that has been used", async () => {
    const optimizer = adam();
    using other = await createNetwork(options);
    other.trainStep(x, y, { optimizer });
    expect(await resume(x, y, { optimizer })).toMatchObject({ code: "ERR_STATE", path: "optimizer" });
  });

  test.each<[string, number[][], number[]]>([
    ["x", replaced(x, 7, [0, 0, 0]), y],
    ["x", [...x].reverse(), [...y].reverse()],
    ["x", x.slice(1), y.slice(1)],
    ["y", x, replaced(y, 7, 1 - (y[7] ?? 0))],
  ])("the data: %s", async (path, inputs, labels) => {
    const error = await resume(inputs, labels);
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ path });
  });

  test("data of another width or with other values than a network takes", async () => {
    expect(
      await resume(
        x.map((row) => row.slice(1)),
        y,
      ),
    ).toBeInstanceOf(ShapeError);
    expect(await resume(x, replaced(y, 0, 2))).toBeInstanceOf(DataError);
  });
});

describe("bad options", () => {
  test.each<[string, object]>([
    ["checkpoint.path", {}],
    ["checkpoint.path", { path: "" }],
    ["checkpoint.path", { path: 3 }],
    ["checkpoint.everySteps", { path: "a", everySteps: 0 }],
    ["checkpoint.everySteps", { path: "a", everySteps: 1.5 }],
    ["checkpoint.everySteps", { path: "a", everySteps: Number.NaN }],
    ["checkpoint.everySeconds", { path: "a", everySeconds: 0 }],
    ["checkpoint.everySeconds", { path: "a", everySeconds: Number.POSITIVE_INFINITY }],
    ["checkpoint.everySeconds", { path: "a", everySeconds: "5" }],
    ["checkpoint.keep", { path: "a", keep: 10 }],
    ["checkpoint.keep", { path: "a", keep: -1 }],
    ["checkpoint.store", { path: "a", store: { write: 1, read: 2 } }],
    ["checkpoint.everysteps", { path: "a", everysteps: 1 }],
  ])("%s: %j", async (path, checkpoint) => {
    using network = await createNetwork(options);
    const error = await rejection(network.fit(x, y, { epochs: 1, checkpoint } as FitOptions));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
    expect(network.steps).toBe(0);
  });

  test.each<[string, object]>([
    ["options.epoch", { epoch: 1 }],
    ["onCheckpoint", { onCheckpoint: 1 }],
    ["batchSize", { batchSize: 0 }],
    ["checkpoint.keep", { checkpoint: { keep: 10 } }],
  ])("of resumeTraining: %s", async (path, given) => {
    using network = await createNetwork(options);
    const store = storeOf((await checkpointsOf(network, fitOptions))[3]);
    const error = await rejection(resumeTraining("-", x, y, { store, ...given }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
  });
});
