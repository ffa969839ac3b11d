// A layer's name: in errors, files and summaries, and no other layer's.
import { describe, expect, it } from "vitest";
import {
  activation,
  batchNorm,
  ConfigError,
  createNetwork,
  dense,
  dropout,
  gradientDescent,
  type LayerInput,
  layerNorm,
  loadNetwork,
  NumericError,
  residual,
  ShapeError,
} from "../../ts/index.js";
import { rejection, thrown } from "../files/small-files.js";

const layers = [
  dropout({ keepProb: 0.9, name: "noise" }),
  dense(4, { activation: "relu", name: "encoder" }),
  dropout({ keepProb: 0.5, name: "drop" }),
  residual([batchNorm({ name: "norm" }), activation("silu", { name: "curve" }), dense(4)], { name: "block" }),
  layerNorm({ name: "rows" }),
  dense(3),
  activation("softmax", { name: "head" }),
];
const make = (given: readonly LayerInput[] = layers) =>
  createNetwork({ inputs: 3, layers: given, threads: 1 });

describe("a layer's name", () => {
  it("stands in the summary, in the layer's row", async () => {
    using network = await make();
    const texts = network
      .summary()
      .split("\n")
      .map((line) => line.split(/ {2,}\d/)[0]?.trimEnd());
    expect(texts.slice(2, -1)).toEqual([
      'dropout 0.9 "noise"',
      'dense "encoder", relu, dropout 0.5 "drop"',
      'residual "block": input kept',
      '  batchNorm "norm"',
      '  silu "curve"',
      "  dense",
      'residual "block": input added',
      'layerNorm "rows"',
      'dense, softmax "head"',
    ]);
  });

  it("stands in the configuration, in JSON and in files", async () => {
    using network = await make();
    using again = await loadNetwork(network.toBytes(), { threads: 1 });
    expect(again.config).toEqual(network.config);
    expect(JSON.stringify(again.config)).toContain('"name":"curve"');
    using same = await createNetwork({ ...JSON.parse(JSON.stringify(network.config)), threads: 1 });
    expect(same.config).toEqual(network.config);
    expect(same.summary()).toBe(network.summary());
  });

  it("is in no configuration of layers without one, whose files are as before", () => {
    const all = [dense(2), dropout({ keepProb: 1 }), batchNorm(), layerNorm(), activation("relu")];
    for (const layer of [...all, residual(all)]) expect(Object.keys(layer)).not.toContain("name");
    expect(JSON.stringify(dense(2))).toBe(
      '{"type":"dense","units":2,"activation":"linear","initialization":"he"}',
    );
  });

  it("is told by a NumericError, beside the layer's number", async () => {
    using network = await make([dense(2, { name: "first" }), dense(1, { name: "last one" })]);
    const x = [[1e30, 1e30, 1e30]];
    const optimizer = gradientDescent();
    const error = thrown(() => network.trainStep([[3e38, 3e38, 3e38]], [1], { optimizer }));
    expect(error).toBeInstanceOf(NumericError);
    expect(error).toMatchObject({ layer: 1, layerName: "first", step: 1, path: 'layer 1 "first", step 1' });
    const second = thrown(() => network.trainStep(x, [1e38], { optimizer }));
    expect(second).toBeInstanceOf(NumericError);
    expect(second).toMatchObject({ path: expect.stringMatching(/layer [12] "(first|last one)", step 1/) });
    const predicting = thrown(() => network.predict([[3e38, 3e38, 3e38]]));
    expect(predicting).toMatchObject({ layer: 1, layerName: "first", path: 'layer 1 "first"' });
  });

  it("is told where shapes don't fit the layer", async () => {
    using network = await make();
    const [encoder, norm, ...rest] = network.parameters();
    if (encoder === undefined || norm === undefined) throw new Error("no parameters");
    const wrong = thrown(() => network.setParameters([encoder, encoder, ...rest]));
    expect(wrong).toBeInstanceOf(ShapeError);
    expect(wrong).toMatchObject({ expected: expect.stringContaining('layer 5 "norm"') });
    const single = thrown(() => network.trainStep([[1, 2, 3]], [0], { optimizer: gradientDescent() }));
    expect(single).toMatchObject({
      expected: expect.stringContaining('the batchNorm that is layer 5 "norm"'),
    });
  });
});

describe("refused as a name:", () => {
  const names = ["", "a".repeat(101), "a\nb", "\u0000", "\ud800", 5, null, {}, ["a"], true];
  it.each(names.map((name) => ({ name })))("$name", async ({ name }) => {
    for (const type of ["dense", "dropout", "batchNorm", "layerNorm", "activation", "residual"]) {
      const own = { dense: { units: 2 }, dropout: { keepProb: 0.5 }, activation: { activation: "relu" } };
      const residue = type === "residual" ? { layers: [dense(2)] } : Reflect.get(own, type);
      const error = await rejection(make([dense(2), { type, ...residue, name } as LayerInput, dense(1)]));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ path: "layers[1].name", expected: expect.stringMatching(/1 to 100/) });
    }
    expect(thrown(() => dense(2, { name } as object))).toMatchObject({ path: "name" });
    expect(thrown(() => activation("relu", { name } as object))).toMatchObject({ path: "name" });
  });

  it("one that another layer has, wherever that stands", async () => {
    const twice = await rejection(make([dense(2, { name: "a" }), dense(1, { name: "a" })]));
    expect(twice).toBeInstanceOf(ConfigError);
    expect(twice).toMatchObject({
      path: "layers[1].name",
      expected: "a name that no other layer has",
      got: '"a", layers[0]\'s',
    });
    const inner = residual([dense(3, { name: "b" })], { name: "a" });
    const nested = await rejection(make([inner, residual([dense(3, { name: "b" })]), dense(1)]));
    expect(nested).toMatchObject({ path: "layers[1].layers[0].name", got: '"b", layers[0].layers[0]\'s' });
    const own = await rejection(make([residual([dense(3, { name: "a" })], { name: "a" }), dense(1)]));
    expect(own).toMatchObject({ path: "layers[0].layers[0].name" });
  });

  it("other options beside it", () => {
    expect(thrown(() => activation("relu", { nmae: "a" } as object))).toMatchObject({
      expected: expect.stringContaining("did you mean name?"),
    });
    expect(thrown(() => activation("relu", { activation: "tanh" } as object))).toBeInstanceOf(ConfigError);
    expect(thrown(() => residual([dense(2)], { layers: [] } as object))).toBeInstanceOf(ConfigError);
  });

  it("none where it is undefined, of 1 or of 100 characters of any script", async () => {
    for (const name of [undefined, "a", "😀".repeat(100), "__proto__", "ü / 1"]) {
      using network = await make([{ type: "dense", units: 1, name }]);
      expect(network.config.layers[0]?.name).toBe(name);
    }
  });
});
