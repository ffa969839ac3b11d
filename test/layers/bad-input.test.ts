// What layers, losses and their options are refused with: where, what was expected, what came; and nothing is left behind.
import { describe, expect, it } from "vitest";
import {
  activation,
  batchNorm,
  ConfigError,
  createNetwork,
  dense,
  dropout,
  type Layer,
  layerNorm,
  residual,
} from "../../ts/index.js";
import { rejection, thrown } from "../files/small-files.js";

/** What {@link createNetwork} says of these layers. */
const refusal = (layers: unknown, more: object = {}) =>
  rejection(createNetwork({ inputs: 3, layers: layers as Layer[], threads: 1, ...more }));

const last = { type: "dense", units: 1 };
const withOne = (layer: unknown) => [dense(2), layer, last];

const NAMES = /"dense" or "dropout" or "batchNorm" or "layerNorm" or "activation" or "residual"/;

describe("refused, with the place and the way out:", () => {
  it.each<[string, unknown, string, string | RegExp]>([
    ["no layers", [], "layers", /1 to 10000 layers, such as \[dense\(8\), dense\(1\)\], got 0/],
    ["undefined", undefined, "layers", "got undefined"],
    ["null", null, "layers", "got null"],
    ["one layer that is no array", dense(1), "layers", "an array"],
    ["a number", withOne(8), "layers[1]", 'a layer, such as dense(8) or { type: "dense", units: 8 }, got 8'],
    ["null in place of one", withOne(null), "layers[1]", "got null"],
    ["a hole", Object.assign(Array(3), { 0: dense(2), 2: last }), "layers[1]", "got undefined"],
    ["a name", withOne("relu"), "layers[1]", 'got "relu"'],
    ["a function that wasn't called", withOne(batchNorm), "layers[1]", "a layer"],
    ["an array", withOne([dense(1)]), "layers[1].type", NAMES],
    ["an object without type", withOne({}), "layers[1].type", NAMES],
    ["another case", withOne({ type: "batchnorm" }), "layers[1].type", 'did you mean "batchNorm"?'],
    [
      "another library's word",
      withOne({ type: "Dense", units: 2 }),
      "layers[1].type",
      'did you mean "dense"?',
    ],
    ["a name of every object", withOne({ type: "constructor" }), "layers[1].type", NAMES],
    [
      "units missing",
      withOne({ type: "dense" }),
      "layers[1].units",
      "an integer in [1, 4294967295], got undefined",
    ],
    ["units 0", withOne({ type: "dense", units: 0 }), "layers[1].units", "got 0"],
    ["units 1.5", withOne({ type: "dense", units: 1.5 }), "layers[1].units", "got 1.5"],
    ["units 2³²", withOne({ type: "dense", units: 2 ** 32 }), "layers[1].units", "got 4294967296"],
    ["units as a text", withOne({ type: "dense", units: "3" }), "layers[1].units", 'got "3"'],
    [
      "an unknown activation",
      withOne({ type: "dense", units: 2, activation: "rellu" }),
      "layers[1].activation",
      'did you mean "relu"?',
    ],
    [
      "an unknown initialisation",
      withOne({ type: "dense", units: 2, initialization: "hee" }),
      "layers[1].initialization",
      'did you mean "he"?',
    ],
    [
      "an option misspelt",
      withOne({ type: "dense", units: 2, activaton: "relu" }),
      "layers[1].activaton",
      "did you mean activation?",
    ],
    [
      "null for an option",
      withOne({ type: "dense", units: 2, activation: null }),
      "layers[1].activation",
      "got null",
    ],
    [
      "__proto__ from JSON",
      withOne(JSON.parse('{"type":"layerNorm","__proto__":{"epsilon":1}}')),
      "layers[1].__proto__",
      "unknown",
    ],
    ["keepProb missing", withOne({ type: "dropout" }), "layers[1].keepProb", "got undefined"],
    ["keepProb 0", withOne({ type: "dropout", keepProb: 0 }), "layers[1].keepProb", "got 0"],
    ["keepProb above 1", withOne({ type: "dropout", keepProb: 1.1 }), "layers[1].keepProb", "got 1.1"],
    ["keepProb NaN", withOne({ type: "dropout", keepProb: Number.NaN }), "layers[1].keepProb", "got NaN"],
    ["decay of 1", withOne({ type: "batchNorm", decay: 1 }), "layers[1].decay", "got 1"],
    ["ε of 0", withOne({ type: "batchNorm", epsilon: 0 }), "layers[1].epsilon", "got 0"],
    ["a decay of a layerNorm", withOne({ type: "layerNorm", decay: 0.9 }), "layers[1].decay", "unknown"],
    ["an activation without one", withOne({ type: "activation" }), "layers[1].activation", "got undefined"],
    [
      "softmax before the end",
      withOne({ type: "dense", units: 2, activation: "softmax" }),
      "layers",
      /"softmax" as the last activation alone, got one in layer 2/,
    ],
    [
      "softmax of one output",
      [dense(2), dense(1, { activation: "softmax" })],
      "layers",
      'at least 2 outputs for "softmax"',
    ],
    ["no dense layer", [batchNorm()], "layers", "at least one dense layer, got none"],
    [
      "dropout at the end",
      [dense(2), dropout({ keepProb: 0.5 })],
      "layers",
      "a layer behind the last dropout",
    ],
    [
      "residual layers of unequal ends",
      withOne(residual([dense(3)])),
      "layers[1].layers",
      /as many units at their end as at their beginning, 2, got 3/,
    ],
    [
      "within them",
      withOne({
        type: "residual",
        layers: [
          { type: "dense", units: 2 },
          { type: "residual", layers: [dense(3)] },
        ],
      }),
      "layers[1].layers[1].layers",
      "2, got 3",
    ],
    ["a residual layer of none", withOne({ type: "residual", layers: [] }), "layers[1].layers", "got 0"],
    [
      "a bad option within",
      withOne({ type: "residual", layers: [dense(2), { type: "dropout", keepProb: 2 }] }),
      "layers[1].layers[1].keepProb",
      "got 2",
    ],
    [
      "an unknown option of a residual layer",
      withOne({ type: "residual", layers: [dense(2)], depth: 2 }),
      "layers[1].depth",
      "unknown",
    ],
  ])("%s", async (_, layers, path, text) => {
    const error = await refusal(layers);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: "ERR_CONFIG", path });
    if (typeof text === "string") expect(String(error)).toContain(text);
    else expect(String(error)).toMatch(text);
  });

  it.each<[string, object, string]>([
    ["both forms", { layerDims: [3, 1] }, "layerDims"],
    ["an activation of the first form", { hiddenActivation: "relu" }, "hiddenActivation"],
    ["an output activation of the first form", { outputActivation: "linear" }, "outputActivation"],
    ["an initialisation of the first form", { initialization: "he" }, "initialization"],
    ["inputs missing", { inputs: undefined }, "inputs"],
    ["inputs 0", { inputs: 0 }, "inputs"],
    ["a loss that doesn't fit a linear output", { loss: "binaryCrossEntropy" }, "loss"],
    ["a loss misspelt", { loss: "meanSquarederror" }, "loss"],
  ])("%s", async (_, more, path) => {
    expect(await refusal([dense(1)], more)).toMatchObject({ code: "ERR_CONFIG", path });
  });

  it("inputs without layers", async () => {
    const error = await rejection(createNetwork({ inputs: 3 } as never));
    expect(error).toMatchObject({ code: "ERR_CONFIG", path: "layers" });
  });

  it("residual layers in one another beyond any use, without a stack overflow", async () => {
    let layer: unknown = dense(2);
    for (let depth = 0; depth < 20_000; depth++) layer = { type: "residual", layers: [layer] };
    expect(String(await refusal(withOne(layer)))).toContain("at most 16 residual layers in one another");
    const itself: { type: string; layers: unknown[] } = { type: "residual", layers: [] };
    itself.layers.push(itself);
    expect(String(await refusal(withOne(itself)))).toContain("at most 16 residual layers in one another");
  });

  it("options that are none, by the functions too", () => {
    for (const call of [
      () => dense(2, null as never),
      () => dense(2, [] as never),
      () => dense(2, "relu" as never),
      () => dropout(null as never),
      () => dropout(undefined as never),
      () => dropout(0.5 as never),
      () => batchNorm(null as never),
      () => layerNorm(0.1 as never),
      () => activation(undefined as never),
      () => activation({ activation: "relu" } as never),
      () => residual(undefined as never),
      () => residual(dense(2) as never),
    ]) {
      expect(thrown(call)).toBeInstanceOf(ConfigError);
    }
  });

  it("a getter that throws comes out as it is", async () => {
    const error = new Error("mine");
    const layer = {
      type: "dense",
      get units() {
        throw error;
      },
    };
    expect(await refusal(withOne(layer))).toBe(error);
  });
});

describe("layers are data:", () => {
  it("functions and plain data are equal, frozen all the way down, and JSON", async () => {
    const made = [
      dense(4, { activation: "relu" }),
      batchNorm(),
      residual([layerNorm(), dropout({ keepProb: 0.5 }), dense(4)]),
      activation("tanh"),
      dense(1),
    ];
    const plain = [
      { type: "dense", units: 4, activation: "relu", initialization: undefined },
      { type: "batchNorm", decay: undefined },
      {
        type: "residual",
        layers: [{ type: "layerNorm" }, { type: "dropout", keepProb: 0.5 }, { type: "dense", units: 4 }],
      },
      { type: "activation", activation: "tanh" },
      { type: "dense", units: 1 },
    ] as const;
    using byFunctions = await createNetwork({ inputs: 3, layers: made, threads: 1 });
    using byData = await createNetwork({ inputs: 3, layers: plain, threads: 1 });
    expect(byData.config).toEqual(byFunctions.config);
    expect(byData.config.layers).toEqual(made);
    expect(byData.toBytes()).toEqual(byFunctions.toBytes());
    const again = JSON.parse(JSON.stringify(byData.config));
    using copied = await createNetwork({ ...again, threads: 1 });
    expect(copied.toBytes()).toEqual(byData.toBytes());
    const isFrozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    for (const value of [...made, byData.config]) expect(isFrozen(value)).toBe(true);
  });

  it("each of a layer's options is read once, whether its own or inherited", async () => {
    const reads: Record<string, number> = {};
    const options = { units: 2, activation: "relu", initialization: "xavier" };
    const layer: Record<string, unknown> = {};
    for (const [key, value] of Object.entries({ type: "dense", ...options })) {
      Object.defineProperty(layer, key, {
        enumerable: true,
        get: () => {
          reads[key] = (reads[key] ?? 0) + 1;
          return value;
        },
      });
    }
    using network = await createNetwork({ inputs: 3, layers: withOne(layer) as Layer[], threads: 1 });
    expect(reads).toEqual({ type: 1, units: 1, activation: 1, initialization: 1 });
    expect(network.config.layers[1]).toEqual({ type: "dense", ...options });
    class Wide {
      readonly type = "dense";
      get units() {
        return 3;
      }
    }
    using inherited = await createNetwork({
      inputs: 3,
      layers: [new Wide() as unknown as Layer, last as Layer],
      threads: 1,
    });
    expect(inherited.config.layers[0]).toMatchObject({ units: 3 });
  });
});
