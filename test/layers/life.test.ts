// Handles of single layers, clones, and layers put on a trained network's first ones.
import { describe, expect, it } from "vitest";
import {
  activation,
  adam,
  batchNorm,
  ConfigError,
  createNetwork,
  DataError,
  type Dtype,
  dense,
  dropout,
  gradientDescent,
  layerNorm,
  loadNetwork,
  residual,
  ShapeError,
  StateError,
  transfer,
} from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { rejection, thrown, x, y } from "../files/small-files.js";

const layers = [
  dense(16, { activation: "relu", name: "first" }),
  batchNorm({ name: "norm" }),
  dropout({ keepProb: 0.8 }),
  residual([layerNorm(), dense(16, { bias: false }), activation("tanh")], { name: "block" }),
  dense(1, { activation: "sigmoid" }),
];
const make = (more: object = {}) =>
  createNetwork({ inputs: 3, layers, seed: 5, threads: 1, metadata: { by: "me" }, ...more });
const fit = { epochs: 2, batchSize: 5, warnings: false };

type Made = Awaited<ReturnType<typeof make>>;

/** Parameters and statistics to the bit, configuration, texts and progress. */
const allOf = (network: Made) => ({
  hash: hashOf(network.parameters()),
  config: network.config,
  metadata: network.metadata,
  progress: { ...network.trainee.progress },
  file: network.toBytes(),
});

describe("a handle of a layer", () => {
  it("there is one for each of the configuration, with type and name", async () => {
    using network = await make();
    expect(network.layers.map(({ type, name }) => [type, name])).toEqual([
      ["dense", "first"],
      ["batchNorm", "norm"],
      ["dropout", undefined],
      ["residual", "block"],
      ["dense", undefined],
    ]);
    expect(network.layers[3]?.layers.map(({ type }) => type)).toEqual(["layerNorm", "dense", "activation"]);
    using widths = await createNetwork({ layerDims: [3, 4, 1], threads: 1 });
    expect(widths.layers.map(({ type }) => type)).toEqual(["dense", "dense"]);
    expect(Object.isFrozen(network.layers)).toBe(true);
  });

  it.each<Dtype>(["float32", "float64"])("gives and takes its parameters alone, in %s", async (dtype) => {
    using network = await make({ dtype });
    await network.fit(x, y, fit);
    const all = network.parameters();
    const [first, norm, drop, block, last] = network.layers;
    expect([first, norm, last].map((layer) => layer?.parameters())).toEqual([all[0], all[1], all[4]]);
    expect(block?.layers.map((layer) => layer.parameters())).toEqual([all[2], all[3], undefined]);
    expect([drop?.parameters(), block?.parameters()]).toEqual([undefined, undefined]);

    using twin = await make({ dtype });
    for (const [i, layer] of twin.layers.entries()) {
      const own = network.layers[i]?.parameters();
      if (own !== undefined) layer.setParameters(own);
      layer.layers.forEach((inner, k) => {
        const given = network.layers[i]?.layers[k]?.parameters();
        if (given !== undefined) inner.setParameters(given);
      });
    }
    expect(twin.parameters()).toEqual(all);
    expect(twin.predict(x)).toEqual(network.predict(x));
  });

  it("refuses what doesn't fit, and nothing changes", async () => {
    using network = await make();
    const [first, norm, drop, block] = network.layers;
    const [own, scaling] = [first?.parameters(), norm?.parameters()];
    if (!(own && "weights" in own && own.biases && scaling && "scale" in scaling)) throw new Error("none");
    const before = hashOf(network.parameters());
    const { weights, biases } = own;
    const wrong: [() => unknown, new (...args: never[]) => Error, string][] = [
      [() => first?.setParameters({ weights: [[1, 2, 3]], biases }), ShapeError, "parameters.weights"],
      [() => first?.setParameters({ weights, biases: [1] }), ShapeError, "parameters.biases"],
      [
        () => first?.setParameters({ weights, biases: biases.map(() => Number.NaN) }),
        DataError,
        "parameters.biases[0]",
      ],
      [() => first?.setParameters({ weights } as never), ShapeError, "parameters"],
      [() => first?.setParameters(null as never), ShapeError, "parameters"],
      [
        () => norm?.setParameters({ ...scaling, runningVariance: biases.map(() => -1) }),
        DataError,
        "parameters.runningVariance[0]",
      ],
      [() => drop?.setParameters(own), ShapeError, "layers[2].setParameters"],
      [() => block?.setParameters(own), ShapeError, "layers[3].setParameters"],
    ];
    for (const [call, Class, path] of wrong) {
      const error = thrown(call);
      expect(error).toBeInstanceOf(Class);
      expect(error).toMatchObject({ path });
    }
    expect(hashOf(network.parameters())).toBe(before);
    network.trainStep(x, y, { optimizer: adam() });
  });

  it("after dispose raises StateError", async () => {
    const network = await make();
    const [first] = network.layers;
    network.dispose();
    for (const call of [
      () => first?.parameters(),
      () => first?.trainable,
      () => first?.setParameters({ weights: [], biases: [] }),
      () => first && Object.assign(first, { trainable: false }),
      () => network.clone(),
    ]) {
      expect(thrown(call)).toBeInstanceOf(StateError);
    }
    expect(await rejection(transfer(network, { keep: 1, layers: [dense(1)] }))).toBeInstanceOf(StateError);
  });
});

describe("trainable of a handle", () => {
  it("freezes and thaws between steps: as a network that was made so, and files have it", async () => {
    using network = await make();
    const [first, norm, drop, block] = network.layers;
    if (!(first && norm && drop && block)) throw new Error("no handles");
    expect(network.layers.map(({ trainable }) => trainable)).toEqual([true, true, false, true, true]);
    const config = network.config;
    first.trainable = false;
    block.trainable = false;
    norm.trainable = false;
    drop.trainable = true; // It has nothing to train.
    expect(network.layers.map(({ trainable }) => trainable)).toEqual([false, false, false, false, true]);
    const frozen = [
      { ...layers[0], trainable: false },
      { ...layers[1], trainable: false },
      layers[2],
      {
        ...layers[3],
        layers: [
          { type: "layerNorm", epsilon: 1e-5, trainable: false },
          {
            type: "dense",
            units: 16,
            activation: "linear",
            initialization: "he",
            bias: false,
            trainable: false,
          },
          { type: "activation", activation: "tanh" },
        ],
      },
      layers[4],
    ];
    expect(network.config).toEqual({ ...config, layers: frozen });
    using made = await make({ layers: JSON.parse(JSON.stringify(network.config.layers)) });
    expect(made.toBytes()).toEqual(network.toBytes());
    const before = network.parameters();
    for (const it of [network, made]) await it.fit(x, y, { ...fit, optimizer: adam() });
    expect(network.parameters()).toEqual(made.parameters());
    expect(network.parameters().slice(0, 4)).toEqual(before.slice(0, 4));
    using loaded = await loadNetwork(network.toBytes(), { threads: 1 });
    expect(loaded.layers.map(({ trainable }) => trainable)).toEqual([false, false, false, false, true]);
    for (const it of [first, norm, block]) it.trainable = true;
    expect(network.config).toEqual(config);
    await network.fit(x, y, fit);
    network.parameters().forEach((after, i) => {
      expect(after).not.toEqual(before[i]);
    });
  });

  it("leaves moments where they were, so that an optimizer goes on with what is trained", async () => {
    using network = await make();
    const optimizer = adam();
    network.trainStep(x, y, { optimizer });
    const moments = optimizer.moments.map((moment) => moment.read());
    const first = network.layers[0];
    if (first === undefined) throw new Error("no layer");
    first.trainable = false;
    const before = network.parameters()[0];
    network.gradients(x, y);
    network.trainStep(x, y, { optimizer });
    expect(network.parameters()[0]).toEqual(before);
    const own = 16 * 4;
    optimizer.moments.forEach((moment, i) => {
      const now = moment.read();
      expect(now.subarray(0, own)).toEqual(moments[i]?.subarray(0, own));
      expect(now.subarray(own)).not.toEqual(moments[i]?.subarray(own));
    });
  });

  it("works in the form of widths, whose configuration and files have it too", async () => {
    using network = await createNetwork({ layerDims: [3, 8, 1], threads: 1 });
    const plain = network.config;
    const [first] = network.layers;
    if (first === undefined) throw new Error("no layer");
    first.trainable = false;
    expect(network.config).toEqual({ ...plain, trainable: [false, true] });
    const before = network.parameters();
    await network.fit(x, y, { ...fit, keepProb: 0.9 });
    expect(network.parameters()[0]).toEqual(before[0]);
    expect(network.parameters()[1]).not.toEqual(before[1]);
    using loaded = await loadNetwork(network.toBytes(), { threads: 1 });
    expect(loaded.config).toEqual(network.config);
    expect(loaded.toBytes()).toEqual(network.toBytes());
    using same = await createNetwork({ layerDims: [3, 8, 1], trainable: [false, true], threads: 1 });
    expect(same.config).toEqual(network.config);
    using all = await createNetwork({ layerDims: [3, 8, 1], trainable: [true, true], threads: 1 });
    expect(all.config).toEqual(plain);
    for (const [trainable, path] of [
      [[true], "trainable"],
      [false, "trainable"],
      [[true, 1], "trainable[1]"],
      [null, "trainable"],
    ]) {
      const error = await rejection(createNetwork({ layerDims: [3, 8, 1], trainable } as never));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ path });
    }
  });

  it("raises ConfigError for anything but true and false, and StateError while fit runs", async () => {
    using network = await make();
    const [first] = network.layers;
    if (first === undefined) throw new Error("no layer");
    for (const value of [0, "false", null, undefined]) {
      expect(thrown(() => Object.assign(first, { trainable: value }))).toMatchObject({
        code: "ERR_CONFIG",
        path: "layers[0].trainable",
      });
    }
    const refused: unknown[] = [];
    const before = network.config;
    await network.fit(x, y, {
      ...fit,
      onEpoch: () => {
        const own = first.parameters();
        refused.push(
          thrown(() => Object.assign(first, { trainable: false })),
          thrown(() => first.setParameters(own as never)),
        );
      },
    });
    expect(refused).toHaveLength(4);
    for (const error of refused) expect(error).toBeInstanceOf(StateError);
    expect(network.config).toBe(before);
  });
});

describe("a clone", () => {
  it.each<Dtype>(["float32", "float64"])(
    "is all that the network is, and goes its own way, in %s",
    async (dtype) => {
      using network = await make({ dtype });
      await network.fit(x, y, fit);
      using clone = network.clone();
      expect(allOf(clone)).toEqual(allOf(network));
      expect(clone.runtime).toEqual(network.runtime);
      const before = allOf(network);
      const optimizer = adam();
      await clone.fit(x, y, { ...fit, optimizer });
      expect(allOf(network)).toEqual(before);
      await network.fit(x, y, { ...fit, optimizer: adam() });
      expect(allOf(clone)).toEqual(allOf(network));
      expect(thrown(() => network.trainStep(x, y, { optimizer }))).toBeInstanceOf(StateError);
    },
  );

  it("of a network of widths is one; a network's end isn't its clone's", async () => {
    const network = await createNetwork({ layerDims: [3, 4, 1], threads: 1 });
    using clone = network.clone();
    const expected = network.predict(x);
    network.dispose();
    expect(clone.predict(x)).toEqual(expected);
  });

  it("may be taken while fit runs: as the last step left it", async () => {
    using network = await make();
    const clones: Made[] = [];
    const bytes: Uint8Array[] = [];
    await network.fit(x, y, {
      ...fit,
      onStep: () => {
        clones.push(network.clone());
        bytes.push(network.toBytes());
      },
    });
    expect(clones.map((clone) => clone.toBytes())).toEqual(bytes);
    for (const clone of clones) clone.dispose();
  });
});

describe("transfer", () => {
  const added = [dense(8, { activation: "tanh" }), dense(3, { activation: "softmax" })];

  it.each<Dtype>(["float32", "float64"])(
    "keeps the first layers' parameters and statistics, in %s",
    async (dtype) => {
      using network = await make({ dtype });
      await network.fit(x, y, fit);
      const old = network.parameters();
      for (const [keep, count] of [
        [1, 1],
        ["norm", 2],
        [3, 2],
        ["block", 4],
        [5, 5],
      ] as const) {
        using made = await transfer(network, {
          keep,
          layers: added,
          seed: 9,
          threads: 1,
          metadata: { from: "it" },
        });
        const kept = network.config.layers.slice(
          0,
          typeof keep === "number" ? keep : keep === "norm" ? 2 : 4,
        );
        expect(made.config).toEqual({
          inputs: 3,
          layers: [...kept, ...added],
          loss: "categoricalCrossEntropy",
          seed: 9,
          dtype,
        });
        expect(made.parameters().slice(0, count)).toEqual(old.slice(0, count));
        expect(made.parameters()).toHaveLength(count + 2);
        expect([made.steps, made.metadata]).toEqual([0, { from: "it" }]);
      }
      expect(network.parameters()).toEqual(old);
    },
  );

  it("draws the new layers' weights as createNetwork does", async () => {
    using network = await make();
    using made = await transfer(network, { keep: "norm", layers: added, threads: 1 });
    using fresh = await createNetwork({ inputs: 3, layers: made.config.layers, seed: 5, threads: 1 });
    expect(made.parameters().slice(2)).toEqual(fresh.parameters().slice(2));
  });

  it("trains the new layers alone where the kept ones are frozen, and those again when they are thawed", async () => {
    using network = await make();
    await network.fit(x, y, fit);
    const classes = x.map((_, i) => i % 3);
    using made = await transfer(network, { keep: "block", trainable: false, layers: added, threads: 1 });
    expect(made.layers.map(({ trainable }) => trainable)).toEqual([false, false, false, false, true, true]);
    const before = made.parameters();
    await made.fit(x, classes, { ...fit, optimizer: gradientDescent({ learningRate: 0.1 }) });
    expect(made.parameters().slice(0, 4)).toEqual(before.slice(0, 4));
    expect(made.parameters()[4]).not.toEqual(before[4]);
    for (const layer of made.layers) layer.trainable = true;
    await made.fit(x, classes, fit);
    expect(made.parameters()[0]).not.toEqual(before[0]);
  });

  it("cuts a network where nothing is put on, of widths too", async () => {
    using network = await createNetwork({ layerDims: [3, 8, 5, 1], threads: 1 });
    await network.fit(x, y, fit);
    using cut = await transfer(network, { keep: 2, layers: [], threads: 1 });
    expect(cut.config.loss).toBe("meanSquaredError");
    expect(cut.parameters()).toEqual(network.parameters().slice(0, 2));
    expect(cut.predict(x).cols).toBe(5);
    using again = await transfer(cut, { keep: 2, layers: [dense(1, { activation: "sigmoid" })], threads: 1 });
    again.layers[2]?.setParameters(network.parameters()[2] as never);
    expect(again.predict(x)).toEqual(network.predict(x));
  });

  it.each<[string, unknown, string]>([
    ["no keep", { layers: added }, "keep"],
    ["keep 0", { keep: 0, layers: added }, "keep"],
    ["keep beyond the last", { keep: 6, layers: added }, "keep"],
    ["keep 1.5", { keep: 1.5, layers: added }, "keep"],
    ["a name that no layer has", { keep: "second", layers: added }, "keep"],
    ["no layers", { keep: 1 }, "layers"],
    ["layers that are none", { keep: 1, layers: [5] }, "layers[0]"],
    ["a name that a kept layer has", { keep: 1, layers: [dense(1, { name: "first" })] }, "layers[1].name"],
    ["trainable 1", { keep: 1, layers: added, trainable: 1 }, "trainable"],
    ["another loss than the output's", { keep: 1, layers: added, loss: "meanSquaredError" }, "loss"],
    [
      "an option of createNetwork's that follows",
      { keep: 1, layers: added, dtype: "float64" },
      "options.dtype",
    ],
    ["inputs", { keep: 1, layers: added, inputs: 3 }, "options.inputs"],
    ["a dropout at the end", { keep: 3, layers: [] }, "layers"],
    ["threads 0", { keep: 1, layers: added, threads: 0 }, "threads"],
    ["null", null, "options"],
  ])("refuses %s", async (_, options, path) => {
    using network = await make();
    const error = await rejection(transfer(network, options as never));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
  });

  it("names the layers that have names, and what is no network", async () => {
    using network = await make();
    const error = await rejection(transfer(network, { keep: "x", layers: added }));
    expect(error).toMatchObject({ expected: '"first" or "norm" or "block"', got: '"x"' });
    expect(await rejection(transfer({} as never, { keep: 1, layers: added }))).toMatchObject({
      path: "network",
    });
  });
});
