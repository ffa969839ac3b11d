// Bad input to a network of layers: its parameters and statistics, the optimizer's state and the random streams are as
// they were, no lock is left, the next call works, and memory has not grown.
import { describe, expect, it } from "vitest";
import {
  activation,
  adamW,
  batchNorm,
  type CreateLayersOptions,
  cosine,
  createNetwork,
  dense,
  dropout,
  type FitOptions,
  type Loss,
  layerNorm,
  type Optimizer,
  residual,
  transfer,
} from "../../ts/index.js";
import type { AnyNetwork } from "../../ts/network/network.js";
import { hashOf } from "../closeness.js";
import { rejection } from "../files/small-files.js";
import { instanceOf } from "../instance.js";
import { made } from "../made.js";

const x = [
  [1, 2, 3],
  [0, -1, 0.5],
  [3, 1, -2],
  [2, 0, 1],
];
const y = [1, 0, 2, 4];

const layers = [
  dropout({ keepProb: 0.9 }),
  dense(4),
  batchNorm(),
  activation("gelu"),
  residual([layerNorm(), dense(4, { activation: "silu" }), dropout({ keepProb: 0.7 })]),
  dense(1),
];

async function network(loss: Loss = "meanSquaredError"): Promise<AnyNetwork> {
  const options: CreateLayersOptions = { inputs: 3, layers, loss, seed: 3, threads: 1 };
  return made(await createNetwork(options));
}

const newOptimizer = () => adamW({ learningRate: cosine({ from: 0.01, steps: 50, warmup: 1 }) });

/** Trains both alike before and after `call`, which must be refused and leave no trace. */
async function expectNoTrace(
  loss: Loss,
  call: (network: AnyNetwork, optimizer: Optimizer) => unknown,
  expected: object,
): Promise<void> {
  const [given, twin] = [await network(loss), await network(loss)];
  const [optimizer, twinOptimizer] = [newOptimizer(), newOptimizer()];
  given.trainStep(x, y, { optimizer });
  twin.trainStep(x, y, { optimizer: twinOptimizer });
  const { memoryBytes: before } = await instanceOf(given);
  const error = await rejection((async () => call(given, optimizer))());
  expect(error).toMatchObject(expected);
  expect((await instanceOf(given)).memoryBytes).toBe(before);
  given.trainStep(x, y, { optimizer });
  twin.trainStep(x, y, { optimizer: twinOptimizer });
  await given.fit(x, y, { epochs: 3, batchSize: 2, optimizer });
  await twin.fit(x, y, { epochs: 3, batchSize: 2, optimizer: twinOptimizer });
  expect(optimizer.steps).toBe(twinOptimizer.steps);
  expect(hashOf(given.parameters())).toBe(hashOf(twin.parameters()));
}

const config = (path: string) => ({ code: "ERR_CONFIG", path });
const shape = (path: string) => ({ code: "ERR_SHAPE", path });
const data = (path: string) => ({ code: "ERR_DATA", path });

describe("fit's options", () => {
  const valid = { x, y };
  it.each<[string, object, object]>([
    [
      "73 patience 1.5",
      { validation: valid, earlyStopping: { patience: 1.5 } },
      config("earlyStopping.patience"),
    ],
    [
      "73 minDelta NaN",
      { validation: valid, earlyStopping: { minDelta: Number.NaN } },
      config("earlyStopping.minDelta"),
    ],
    [
      "73 a monitor that is in no history",
      { validation: valid, earlyStopping: { monitor: "validation.los" } },
      config("earlyStopping.monitor"),
    ],
    ["74 early stopping by a validation that isn't there", { earlyStopping: {} }, config("validation")],
    ["75 fraction 0", { validation: { fraction: 0 } }, config("validation.fraction")],
    ["75 fraction 1", { validation: { fraction: 1 } }, config("validation.fraction")],
    ["75 fraction NaN", { validation: { fraction: Number.NaN } }, config("validation.fraction")],
    ["75 a fraction without a row", { validation: { fraction: 0.01 } }, config("validation.fraction")],
    ["77 clip norm 0", { clip: { norm: 0 } }, config("clip.norm")],
    ["17 l1 < 0", { l1: -1 }, config("l1")],
    ["17 l1 NaN", { l1: Number.NaN }, config("l1")],
    ["80 keepProb where layers drop", { keepProb: 0.5 }, config("keepProb")],
    ["84 validation of another width", { validation: { x: [[1, 2]], y: [1] } }, shape("validation.x")],
    ["86 a batch of one", { batchSize: 3 }, shape("batchSize")],
  ])("%s", async (_, options, expected) => {
    const call = (given: AnyNetwork, optimizer: Optimizer) =>
      given.fit(x, y, { epochs: 2, optimizer, ...options } as FitOptions);
    await expectNoTrace("meanSquaredError", call, expected);
  });

  it("76 a warm-up longer than the training", async () => {
    const call = (given: AnyNetwork) => {
      const optimizer = adamW({ learningRate: cosine({ from: 0.01, steps: 50, warmup: 20 }) });
      return given.fit(x, y, { epochs: 2, optimizer });
    };
    await expectNoTrace("meanSquaredError", call, config("optimizer.learningRate.warmup"));
  });
});

describe("data", () => {
  it.each<[string, Loss, unknown, unknown, object]>([
    ["89 a target of NaN", "meanSquaredError", x, [1, 0, Number.NaN, 4], data("y[2]")],
    ["89 a target of ∞", "huber", x, [1, Number.POSITIVE_INFINITY, 2, 4], data("y[1]")],
    ["90 a negative count", "poisson", x, [1, 0, -2, 4], data("y[2]")],
    ["90 a fraction of a count", "poisson", x, [1, 0.5, 2, 4], data("y[1]")],
    ["86 one example", "meanSquaredError", [[1, 2, 3]], [1], shape("x")],
    [
      "another width",
      "meanSquaredError",
      [
        [1, 2],
        [1, 2],
      ],
      [1, 1],
      shape("x"),
    ],
  ])("%s", async (_, loss, inputs, labels, expected) => {
    const call = (given: AnyNetwork, optimizer: Optimizer) =>
      given.trainStep(inputs as number[][], labels as number[], { optimizer });
    await expectNoTrace(loss, call, expected);
  });
});

describe("a layer's handle, a clone, other layers", () => {
  const first = ({ layers }: AnyNetwork) => layers[1] ?? fail();
  const fail = (): never => {
    throw new Error("no layer");
  };
  it.each<[string, (network: AnyNetwork, optimizer: Optimizer) => unknown, object]>([
    [
      "trainable as a text",
      (it) => Object.assign(first(it), { trainable: "no" }),
      config("layers[1].trainable"),
    ],
    [
      "weights of another shape",
      (it) => first(it).setParameters({ weights: [[1]], biases: [1] }),
      shape("parameters.weights"),
    ],
    ["parameters that are none", (it) => first(it).setParameters(5 as never), shape("parameters")],
    [
      "a bias of NaN",
      (it) =>
        first(it).setParameters({
          ...(first(it).parameters() as object),
          biases: [1, 2, Number.NaN, 4],
        } as never),
      data("parameters.biases[2]"),
    ],
    [
      "parameters of a dropout",
      (it) => it.layers[0]?.setParameters({ weights: [[1]] }),
      shape("layers[0].setParameters"),
    ],
    ["transfer that keeps none", (it) => transfer(it, { keep: 0, layers: [dense(1)] }), config("keep")],
    [
      "transfer onto a softmax within",
      (it) => transfer(it, { keep: 2, layers: [activation("softmax"), dense(1)] }),
      config("layers"),
    ],
    [
      "a name twice",
      (it) => transfer(it, { keep: 2, layers: [dense(2, { name: "a" }), dense(1, { name: "a" })] }),
      config("layers[3].name"),
    ],
  ])("%s", async (_, call, expected) => {
    await expectNoTrace("meanSquaredError", call, expected);
  });

  it("an optimizer that the clone's original has", async () => {
    const [given, optimizer] = [await network(), newOptimizer()];
    given.trainStep(x, y, { optimizer });
    const clone = made(given.clone());
    const before = hashOf(given.parameters());
    const error = await rejection((async () => clone.trainStep(x, y, { optimizer }))());
    expect(error).toMatchObject({ code: "ERR_STATE", path: "optimizer" });
    expect([hashOf(clone.parameters()), hashOf(given.parameters())]).toEqual([before, before]);
    clone.trainStep(x, y, { optimizer: newOptimizer() });
    given.trainStep(x, y, { optimizer });
  });
});

describe("refused before there is a network", () => {
  it.each<[string, object, string]>([
    ["64 no layers", { layers: [] }, "layers"],
    ["65 no dense layer", { layers: [batchNorm()] }, "layers"],
    ["66 softmax before the end", { layers: [dense(2, { activation: "softmax" }), dense(1)] }, "layers"],
    ["67 residual of other ends", { layers: [residual([dense(4)]), dense(1)] }, "layers[0].layers"],
    ["69 an unknown layer", { layers: [{ type: "conv", units: 2 }] }, "layers[0].type"],
    ["69 an unknown loss", { layers: [dense(1)], loss: "mse" }, "loss"],
    [
      "70 a loss that doesn't fit",
      { layers: [dense(2, { activation: "softmax" })], loss: "meanSquaredError" },
      "loss",
    ],
    ["a doubled name", { layers: [dense(2, { name: "a" }), dense(1, { name: "a" })] }, "layers[1].name"],
    ["a name that is no text", { layers: [{ type: "dense", units: 1, name: 5 }] }, "layers[0].name"],
    ["bias 1", { layers: [{ type: "dense", units: 1, bias: 1 }] }, "layers[0].bias"],
    ["l1 NaN", { layers: [{ type: "dense", units: 1, l1: Number.NaN }] }, "layers[0].l1"],
    ["maxNorm 0", { layers: [{ type: "dense", units: 1, maxNorm: 0 }] }, "layers[0].maxNorm"],
    ["trainable null", { layers: [{ type: "batchNorm", trainable: null }, dense(1)] }, "layers[0].trainable"],
    [
      "learningRateFactor ∞",
      { layers: [{ type: "dense", units: 1, learningRateFactor: Infinity }] },
      "layers[0].learningRateFactor",
    ],
    ["trainable beside layers", { layers: [dense(1)], trainable: [true] }, "trainable"],
    ["71 units 0", { layers: [{ type: "dense", units: 0 }] }, "layers[0].units"],
    ["72 huber's δ of 0", { layers: [dense(1)], loss: { type: "huber", delta: 0 } }, "loss.delta"],
    ["72 a quantile of 1", { layers: [dense(1)], loss: { type: "quantile", quantile: 1 } }, "loss.quantile"],
    ["80 both forms", { layers: [dense(1)], layerDims: [3, 1] }, "layerDims"],
  ])("%s", async (_, options, path) => {
    const instance = await instanceOf(await network());
    const { memoryBytes: before } = instance;
    expect(await rejection(createNetwork({ inputs: 3, threads: 1, ...options } as never))).toMatchObject(
      config(path),
    );
    expect(instance.memoryBytes).toBe(before);
  });
});
