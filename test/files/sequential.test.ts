import { describe, expect, test } from "vitest";
import { readFloat } from "../../ts/files/floats.js";
import {
  ConfigError,
  FormatError,
  gradientDescent,
  type LoadOptions,
  loadNetwork,
  resumeTraining,
} from "../../ts/index.js";
import { fileOf } from "./signing.js";
import { rejection, storeOf, x, y } from "./small-files.js";

/** A file as another program writes it: F32 tensors of these shapes, numbered from 1 on. */
function fileWith(
  shapes: Record<string, number[]>,
  spaced = false,
  metadata: Record<string, string> = { format: "pt" },
): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  const numbers: number[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const start = 4 * numbers.length;
    for (let i = shape.reduce((product, size) => product * size, 1); i > 0; i--)
      numbers.push(numbers.length + 1);
    entries[name] = { dtype: "F32", shape, data_offsets: [start, 4 * numbers.length] };
  }
  const header = spaced ? `${JSON.stringify(entries, null, 1)}   ` : JSON.stringify(entries);
  return fileOf(header, new Uint8Array(Float32Array.from(numbers).buffer));
}

const layers = { "0.weight": [2, 3], "0.bias": [2], "2.weight": [1, 2], "2.bias": [1] };
const options: LoadOptions = { layerDims: [3, 2, 1], hiddenActivation: "relu", outputActivation: "sigmoid" };

describe("an nn.Sequential of linear layers", () => {
  test("gives its weights and biases, in the configuration that it is told", async () => {
    using network = await loadNetwork(fileWith(layers), options);
    expect(network.config).toMatchObject({
      hiddenActivation: "relu",
      outputActivation: "sigmoid",
      dtype: "float32",
    });
    expect(network.parameters().map(({ weights, biases }) => [weights.toArray(), [...biases]])).toEqual([
      [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        [7, 8],
      ],
      [[[9, 10]], [11]],
    ]);
    expect(network.steps).toBe(0);
  });

  test("may have any spaces in its header, a prefix, gaps, and its tensors in any order", async () => {
    const shapes = {
      "model.net.11.bias": [1],
      "model.net.11.weight": [1, 2],
      "model.net.3.weight": [2, 3],
      "model.net.3.bias": [2],
    };
    using network = await loadNetwork(fileWith(shapes, true), options);
    expect(network.parameters().map(({ biases }) => [...biases])).toEqual([[10, 11], [1]]);
  });

  test("takes the configuration that it is told, and is saved with it", async () => {
    const told = { ...options, hiddenActivation: "sigmoid", seed: 3 } as const;
    using network = await loadNetwork(fileWith(layers), told);
    using again = await loadNetwork(network.toBytes());
    expect(again.config).toEqual(network.config);
    expect(again.config).toMatchObject({ hiddenActivation: "sigmoid", seed: 3 });
  });

  test.each<[string, Record<string, number[]>]>([
    ["too few layers", { "0.weight": [2, 3], "0.bias": [2] }],
    ["too many layers", { ...layers, "4.weight": [1, 1], "4.bias": [1] }],
    ["weights stored by input", { ...layers, "0.weight": [3, 2] }],
    ["a normalization between", { ...layers, "1.running_mean": [2] }],
    ["no tensors", {}],
  ])("is refused with %s", async (_what, shapes) => {
    const error = await rejection(loadNetwork(fileWith(shapes), options));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ rule: "tensorSet" });
  });

  test.each<[LoadOptions, string]>([
    [{ layerDims: [3] }, "layerDims"],
    [{ layerDims: [3, 2, 1], outputActivation: "softmax" }, "layerDims[2]"],
    [{ layerDims: [3, 2, 1], dtype: "float64" }, "dtype"],
  ])("is refused with other options: %j", async (told, path) => {
    const error = await rejection(loadNetwork(fileWith(layers), told));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
  });
});

/** Shapes of linear layers without biases: each `name: [outputs, inputs]`. */
function weights(shapes: Record<string, number[]>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${name}.weight`, shape]));
}

/** The same with biases. */
function linear(shapes: Record<string, number[]>): Record<string, number[]> {
  const biases = Object.entries(shapes).map(([name, [outputs = 0]]) => [`${name}.bias`, [outputs]]);
  return { ...weights(shapes), ...Object.fromEntries(biases) };
}

const said: LoadOptions = { hiddenActivation: "relu", outputActivation: "sigmoid" };

describe("the order of layers", () => {
  test.each<[string, Record<string, number[]>, LoadOptions, number[]]>([
    ["by shapes, whatever the names", linear({ z: [2, 3], a: [5, 2], m: [1, 5] }), {}, [3, 2, 5, 1]],
    [
      "by numbers where shapes don't tell",
      linear({ fc10: [2, 2], fc9: [2, 3], fc11: [2, 2] }),
      {},
      [3, 2, 2, 2],
    ],
    [
      "by numbers of several groups",
      linear({ "a.0": [2, 2], "a.1": [2, 2], head: [1, 2] }),
      {},
      [2, 2, 2, 1],
    ],
    [
      "by two numbers",
      linear({ "b.1.fc.0": [2, 2], "b.0.fc.1": [2, 2], "b.0.fc.0": [2, 3] }),
      {},
      [3, 2, 2, 2],
    ],
    ["against the numbers where only that fits", linear({ fc1: [1, 2], fc2: [2, 3] }), {}, [3, 2, 1]],
    [
      "by layerDims where shapes fit twice",
      linear({ a: [2, 3], b: [3, 2] }),
      { layerDims: [2, 3, 2] },
      [2, 3, 2],
    ],
    ["by layers", linear({ a: [2, 2], b: [2, 2] }), { layers: ["b", "a"] }, [2, 2, 2]],
    ["by layers' weights", linear({ a: [2, 3], b: [3, 2] }), { layers: ["b.weight", "a.weight"] }, [2, 3, 2]],
    ["of W1, b1, …", { W2: [1, 2], b2: [1], W1: [2, 3], b1: [2] }, {}, [3, 2, 1]],
    [
      "of names with _ and /",
      { "l1/weight": [2, 3], "l1/bias": [2], l2_weight: [1, 2], l2_bias: [1] },
      {},
      [3, 2, 1],
    ],
    ["of one layer without a name", { weight: [1, 2], bias: [1] }, {}, [2, 1]],
  ])("is found %s", async (_what, shapes, more, layerDims) => {
    using network = await loadNetwork(fileWith(shapes), { ...said, ...more });
    expect(network.config.layerDims).toEqual(layerDims);
  });

  test("by layers is that of the list", async () => {
    const shapes = linear({ a: [2, 2], b: [2, 2] });
    using network = await loadNetwork(fileWith(shapes), { ...said, layers: ["b", "a"] });
    expect(network.parameters().map(({ weights }) => weights.data[0])).toEqual([5, 1]);
  });

  test("that shapes don't tell is asked for, with the candidates", async () => {
    const error = await rejection(loadNetwork(fileWith(linear({ a: [2, 2], b: [2, 2] })), said));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      path: "layers",
      message: expect.stringContaining('layers: ["a", "b"] or ["b", "a"]'),
    });
    const many = linear(
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => ["abcdefgh"[i % 8] + "x".repeat(i), [1, 1]])),
    );
    expect(await rejection(loadNetwork(fileWith(many), said))).toMatchObject({ path: "layers" });
  });

  test.each<[string, Record<string, number[]>, LoadOptions, string, RegExp]>([
    ["a layer that isn't there", linear({ a: [2, 3] }), { layers: ["b"] }, "layers[0]", /a \(3 → 2\)/],
    ["too few", linear({ a: [2, 3], b: [1, 2] }), { layers: ["a"] }, "layers", /ignore: b/],
    [
      "an order that doesn't fit",
      linear({ a: [2, 3], b: [1, 2] }),
      { layers: ["b", "a"] },
      "layers",
      /a \(3 → 2\)/,
    ],
    ["a name twice", linear({ a: [2, 2] }), { layers: ["a", "a"] }, "layers[1]", /"a" again/],
    ["no list", linear({ a: [2, 2] }), { layers: "a" } as object, "layers", /an array of names/],
    [
      "an unknown tensor to ignore",
      linear({ a: [2, 2] }),
      { ignore: ["step"] },
      "ignore[0]",
      /"a.weight", "a.bias"/,
    ],
  ])("is refused with %s", async (_what, shapes, more, path, message) => {
    const error = await rejection(loadNetwork(fileWith(shapes), { ...said, ...more }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path, message: expect.stringMatching(message) });
  });
});

describe("weights that are stored inputs × outputs", () => {
  test.each<[string, Record<string, number[]>, LoadOptions?]>([
    ["with biases", { "0.weight": [3, 2], "0.bias": [2], "2.weight": [2, 1], "2.bias": [1] }],
    ["with numbers", weights({ "0": [3, 2], "2": [2, 1] })],
    ["with names of the first and last", weights({ input: [3, 2], output: [2, 1] })],
    ["with layerDims", weights({ a: [3, 2], b: [2, 1] }), { layerDims: [3, 2, 1] }],
    ["that are the same from both ends", { a_weight: [3, 2], a_bias: [2], b_weight: [2, 3], b_bias: [3] }],
    ["as kernels, square or not", { "Dense_0.kernel": [2, 2], "Dense_0.bias": [2] }],
    ["as Keras names them", { "dense/kernel:0": [3, 2], "dense/bias:0": [2] }],
    ["as scikit-learn names them", { coefs_0: [3, 2], intercepts_0: [2] }],
  ])("are told %s", async (_what, shapes, more) => {
    const error = await rejection(loadNetwork(fileWith(shapes), { ...said, ...more }));
    expect(error).toMatchObject({
      rule: "tensorSet",
      message: expect.stringContaining("transpose each (np.ascontiguousarray(w.T))"),
    });
  });
});

describe("what isn't in the file", () => {
  test.each<[LoadOptions, string]>([
    [{ hiddenActivation: "relu" }, "outputActivation"],
    [{ outputActivation: "sigmoid" }, "hiddenActivation"],
    [{ layerDims: [3, 2, 1] }, "hiddenActivation"],
    [{ ...said, outputActivation: null } as object, "outputActivation"],
    [{ ...said, outputActivation: "Linear" } as object, "outputActivation"],
  ])("must be said: %j", async (told, path) => {
    const error = await rejection(loadNetwork(fileWith(layers), told));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path, message: expect.stringContaining('"sigmoid"') });
  });

  test("need not be said of hidden layers where there are none", async () => {
    using network = await loadNetwork(fileWith({ "0.weight": [1, 3] }), { outputActivation: "sigmoid" });
    expect(network.config.layerDims).toEqual([3, 1]);
    expect([...(network.parameters()[0]?.biases ?? [])]).toEqual([0]);
  });

  test("is no part of a file of ours: layers and ignore", async () => {
    using network = await loadNetwork(fileWith(layers), options);
    for (const more of [{ layers: ["0", "2"] }, { ignore: ["0.bias"] }]) {
      const error = await rejection(loadNetwork(network.toBytes(), more));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ path: Object.keys(more)[0] });
    }
  });

  test("makes resumeTraining refuse it", async () => {
    const error = await rejection(resumeTraining("-", x, y, { store: storeOf(fileWith(layers)) }));
    expect(error).toMatchObject({ rule: "metadata", expected: 'format "layerwise"', got: '"pt"' });
  });
});

describe("tensors", () => {
  test("that save_model left out since they are tied come from the one that it kept", async () => {
    const { "2.weight": _, ...kept } = linear({ "0": [2, 2], "2": [2, 2], "4": [1, 2] });
    using network = await loadNetwork(fileWith(kept, false, { format: "pt", "2.weight": "0.weight" }), said);
    const [first, second] = network.parameters();
    expect(second?.weights).toEqual(first?.weights);
    network.trainStep([[1, 2]], [0], { optimizer: gradientDescent() });
    expect(network.parameters()[1]?.weights).not.toEqual(network.parameters()[0]?.weights);
  });

  test("are ignored by name or by module, and that is said", async () => {
    const shapes = { ...layers, "aux.weight": [7, 7], "aux.running_mean": [7], scale: [1] };
    const said: string[][] = [];
    const onIgnored = (names: readonly string[]) => void said.push([...names]);
    using network = await loadNetwork(fileWith(shapes), { ...options, ignore: ["scale", "aux"], onIgnored });
    expect(network.config.layerDims).toEqual([3, 2, 1]);
    expect(said).toEqual([["aux.weight", "aux.running_mean", "scale"]]);
  });

  test.each<[string, Record<string, number[]>, RegExp]>([
    ["a convolution", { "conv.weight": [2, 1, 3, 3], "conv.bias": [2] }, /a convolution/],
    ["a GRU", { "rnn.weight_ih_l0": [6, 3], "rnn.weight_hh_l0": [6, 2] }, /recurrent layer \(GRU/],
    ["attention", { "self_attn.in_proj_weight": [9, 3] }, /attention/],
    ["an embedding", { "embedding.weight": [10, 3], ...layers }, /embedding/],
    ["LoRA", { "fc.lora_A.weight": [2, 3], "fc.lora_B.weight": [3, 2] }, /LoRA/],
    ["weight_norm", { "0.weight_g": [2, 1], "0.weight_v": [2, 3], "0.bias": [2] }, /remove_parametrizations/],
    ["PReLU", { ...layers, "1.weight": [1] }, /PReLU/],
    ["BatchNorm's means alone", { ...layers, "1.running_var": [2] }, /BatchNorm/],
    ["Keras's BatchNormalization", { ...layers, "bn/moving_mean:0": [2] }, /BatchNorm/],
    ["GPTQ", { "0.qweight": [2, 3], "0.qzeros": [1] }, /quantised/],
    ["an optimizer", { "0.exp_avg": [2, 3] }, /optimizer/],
    ["a bias of another length", { "0.weight": [2, 3], "0.bias": [5] }, /"0.bias".*expected \[2\]/],
    ["biases alone", { "0.bias": [2] }, /ignore: \["0.bias"\]/],
    ["a layer of no units", { "0.weight": [0, 3] }, /one output and input or more/],
  ])("of %s are named", async (_what, shapes, message) => {
    const error = await rejection(loadNetwork(fileWith(shapes), said));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ rule: "tensorSet", message: expect.stringMatching(message) });
  });

  test("named value, key, out_proj or rnn_head are linear layers like others", async () => {
    using network = await loadNetwork(
      fileWith(linear({ rnn_head: [2, 3], out_proj: [4, 2], value: [1, 4] })),
      said,
    );
    expect(network.config.layerDims).toEqual([3, 2, 4, 1]);
  });

  test("of 16 bits are widened exactly, all 65536 of each type", () => {
    const view = new DataView(new ArrayBuffer(4));
    for (let bits = 0; bits < 2 ** 16; bits++) {
      view.setUint32(0, bits << 16);
      const bfloat16 = view.getFloat32(0);
      view.setUint16(0, bits, true);
      if (!Object.is(readFloat.BF16(view, 0), bfloat16)) expect.unreachable(`BF16 ${bits}`);
      const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, (bits & 1023) / 1024];
      const special = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
      const finite = sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
      if (!Object.is(readFloat.F16(view, 0), exponent === 31 ? special : finite))
        expect.unreachable(`F16 ${bits}`);
    }
  });

  test.each([
    ["F16", [0x7c00], "Infinity"],
    ["BF16", [0xffc0], "NaN"],
  ])("of %s that aren't finite are refused, unless they are ignored", async (dtype, [bits = 0], got) => {
    const header = `{"0.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"mask":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"0.bias":{"dtype":"${dtype}","shape":[1],"data_offsets":[8,10]}}`;
    const data = new DataView(new ArrayBuffer(10));
    data.setFloat32(4, Number.NEGATIVE_INFINITY, true);
    const told = { outputActivation: "sigmoid", ignore: ["mask"], onIgnored: () => undefined } as const;
    using network = await loadNetwork(fileOf(header, new Uint8Array(data.buffer)), told);
    expect(network.config.dtype).toBe("float32");
    data.setUint16(8, bits, true);
    const error = await rejection(loadNetwork(fileOf(header, new Uint8Array(data.buffer)), told));
    expect(error).toMatchObject({ rule: "finite", got });
  });
});

describe("behind the header", () => {
  test.each([" ", "\n", "\t", "\r", " \r\n\t "])(
    "may be %j, as in the reference implementation",
    async (space) => {
      const file = fileWith(layers);
      const length = Number(new DataView(file.buffer).getBigUint64(0, true));
      const header = new TextDecoder().decode(file.subarray(8, 8 + length)) + space;
      await expect(loadNetwork(fileOf(header, file.subarray(8 + length)), options)).resolves.toBeDefined();
    },
  );
});
