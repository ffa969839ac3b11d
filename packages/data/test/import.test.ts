// Models of Keras and TensorFlow.js, made by these programs: the same predictions.
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ConfigError, createNetwork, FormatError, StorageError } from "layerwise";
import { describe, expect, it } from "vitest";
import { type ImportOptions, importModel } from "../ts/index.js";

const path = (name: string) => fileURLToPath(new URL(`import/${name}`, import.meta.url));
const bytes = (name: string) => new Uint8Array(readFileSync(path(name)));

interface Known {
  readonly x: number[][];
  readonly outputs: Readonly<Record<string, number[][]>>;
}

const known = (name: string): Known => JSON.parse(readFileSync(path(name), "utf8"));
const [keras, tfjs] = [known("keras.json"), known("tfjs.json")];

async function expectSame(imported: ReturnType<typeof importModel>, x: number[][], expected?: number[][]) {
  using network = await imported;
  const near = (row: number[]) => row.map((value) => expect.closeTo(value, 5));
  expect(network.predict(x).toArray()).toEqual(expected?.map(near));
  return network;
}

/** Where a promise rejects: its error's class and message. */
async function expectRefused(imported: Promise<unknown>, kind: unknown, message: RegExp) {
  await expect(imported).rejects.toThrow(message);
  await expect(imported).rejects.toBeInstanceOf(kind);
}

describe("Keras", () => {
  it.each(["sequential.keras", "functional.keras", "functional.h5", "deflated.keras"])("%s", async (name) => {
    await expectSame(importModel(path(name)), keras.x, keras.outputs[name]);
  });

  it("says all of its layers", async () => {
    using network = await importModel(bytes("sequential.keras"), { metadata: { from: "Keras" } });
    const layers = "layers" in network.config ? network.config.layers : [];
    expect(layers.map(({ type }) => type)).toEqual([
      ...["scaling", "dense", "batchNorm", "dropout", "dense", "dense"],
    ]);
    expect(layers).toMatchObject([
      { method: "standard" },
      { units: 6, activation: "relu" },
      { decay: 0.8, epsilon: 0.002 },
      { keepProb: 0.75 },
      { units: 5, activation: "silu", bias: false, trainable: false },
      { units: 3, activation: "softmax" },
    ]);
    expect(network.metadata).toEqual({ from: "Keras" });
  });

  it("weights alone are read with activations that are given", async () => {
    const options = { hiddenActivation: "tanh", outputActivation: "linear" } as const;
    await expectSame(
      importModel(bytes("plain.weights.h5"), options),
      keras.x,
      keras.outputs["plain.weights.h5"],
    );
    await expectRefused(importModel(bytes("plain.weights.h5")), ConfigError, /hiddenActivation/);
  });

  it.each([
    ["convolution.keras", /layer conv1d\w* \(Conv1D\).*expected dense layers.*got Conv1D/],
    ["two-ways.keras", /chain of layers, got Add of "dense\w*", "/],
    ["slope.keras", /layer dense\w* \(Dense\).*activation that layerwise has, got "leaky_relu"/],
  ])("%s is refused, by the layer", async (name, message) => {
    await expectRefused(importModel(path(name)), FormatError, message);
  });

  it.each(["activation", "hiddenActivation", "dtype", "layers"])(
    "refuses %s: the file says it",
    async (name) => {
      await expectRefused(
        importModel(path("functional.h5"), { [name]: "relu" } as ImportOptions),
        ConfigError,
        /./,
      );
    },
  );

  it.each(["sequential.keras", "functional.h5", "plain.weights.h5"])(
    "%s is refused in parts",
    async (name) => {
      const whole = bytes(name);
      const options =
        name === "plain.weights.h5" ? { hiddenActivation: "tanh", outputActivation: "linear" } : {};
      for (let k = 1; k < 12; k++) {
        const imported = importModel(whole.slice(0, (whole.length * k) / 12), options as ImportOptions);
        await expect(imported).rejects.toBeInstanceOf(FormatError);
      }
    },
  );
});

describe("TensorFlow.js", () => {
  const parts = (name: string) =>
    ["model.json", "weights1.bin", "weights2.bin"].map((file) => path(`tfjs-${name}/${file}`));

  it.each(["sequential", "functional"])("%s, from a path, a URL and a list", async (name) => {
    const [json = "", ...weights] = parts(name);
    const expected = tfjs.outputs[name];
    await expectSame(importModel(json), tfjs.x, expected);
    await expectSame(importModel(pathToFileURL(json)), tfjs.x, expected);
    await expectSame(importModel([json, ...weights.reverse()]), tfjs.x, expected);
    await expectSame(
      importModel(parts(name).map((file) => new Uint8Array(readFileSync(file)))),
      tfjs.x,
      expected,
    );
  });

  /** model.json with something changed, and its weights. */
  const changed = (change: (json: Model) => void) => {
    const [json = "", ...weights] = parts("functional");
    const model = JSON.parse(readFileSync(json, "utf8")) as Model;
    change(model);
    return [
      new TextEncoder().encode(JSON.stringify(model)),
      ...weights.map((file) => new Uint8Array(readFileSync(file))),
    ];
  };

  it("as the converter writes it, with the model within", async () => {
    const converted = changed((json) => {
      json.modelTopology = {
        keras_version: "2.15.0",
        backend: "tensorflow",
        model_config: json.modelTopology,
      };
    });
    await expectSame(importModel(converted), tfjs.x, tfjs.outputs.functional);
  });

  it.each([
    [
      "a graph model",
      (json: Model) => {
        json.modelTopology = { node: [], library: {} };
      },
      /layers model/,
    ],
    [
      "an unknown type",
      (json: Model) => {
        Object.assign(json.weightsManifest[0]?.weights[0] ?? {}, { dtype: "complex64" });
      },
      /expected float32, got "complex64"/,
    ],
    [
      "quantised weights",
      (json: Model) => {
        Object.assign(json.weightsManifest[0]?.weights[0] ?? {}, { quantization: { dtype: "uint8" } });
      },
      /aren't quantised/,
    ],
    [
      "other shapes",
      (json: Model) => {
        Object.assign(json.weightsManifest[0]?.weights[0] ?? {}, { shape: [5, 5] });
      },
      /first|last/,
    ],
    [
      "weights less",
      (json: Model) => {
        json.weightsManifest[0]?.weights.pop();
      },
      /bytes of weights, got/,
    ],
    [
      "weights of another name",
      (json: Model) => {
        Object.assign(json.weightsManifest[0]?.weights[0] ?? {}, { name: "first/weights" });
      },
      /layer first \(Dense\).*kernel/,
    ],
  ])("with %s is refused", async (_, change, message) => {
    await expectRefused(importModel(changed(change)), FormatError, message);
  });

  it("says which files are wanted", async () => {
    const [json = "", first = ""] = parts("functional");
    await expectRefused(
      importModel(new Uint8Array(readFileSync(json))),
      FormatError,
      /"weights1.bin", "weights2.bin"/,
    );
    await expectRefused(importModel([json, first]), FormatError, /weights2\.bin/);
    await expectRefused(importModel(path("nothing/model.json")), StorageError, /nothing/);
  });
});

interface Model {
  modelTopology: object;
  weightsManifest: { weights: object[] }[];
}

it("safetensors is read as loadNetwork reads it; anything else is refused", async () => {
  using network = await createNetwork({ layerDims: [2, 3, 1], seed: 4 });
  using again = await importModel(network.toBytes());
  expect(again.parameters()).toEqual(network.parameters());
  await expectRefused(importModel(new TextEncoder().encode("a,b\n1,2\n")), FormatError, /./);
  await expectRefused(importModel(new Uint8Array(0)), FormatError, /empty/);
});
