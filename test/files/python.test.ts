import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { HIDDEN_ACTIVATIONS } from "../../ts/catalog/activations.js";
import { SCALING_METHODS } from "../../ts/catalog/layers.js";
import {
  activation,
  adam,
  batchNorm,
  createNetwork,
  type Dtype,
  dense,
  dropout,
  fitScaling,
  layerNorm,
  loadNetwork,
  Matrix,
  type NetworkOptions,
  residual,
} from "../../ts/index.js";
import { VERSION } from "../../ts/platform/version.js";
import { check, whyNoPython } from "./python/environment.js";
import { checkpointsOf, classes, fitOptions, options, x, y } from "./small-files.js";

const reason = whyNoPython();
if (reason !== undefined) console.warn(`SKIPPED: what Python makes of the files. No environment: ${reason}`);

const folder = mkdtempSync(join(tmpdir(), "layerwise-python-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

interface Read {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, { dtype: string; shape: number[]; values: number[] }>;
}

interface Predicted {
  readonly producer: [string, string];
  readonly metadata: Record<string, string>;
  readonly opsets: Record<string, number>;
  readonly operators: string[];
  readonly input: [string, (string | number)[], string];
  readonly output: [string, (string | number)[], string];
  readonly predictions: number[][];
  readonly difference: number;
}

const metadata = { classes: JSON.stringify(["Katze", "Hund"]), note: "über 🙂" };

/** The largest difference, anywhere. */
function difference(a: number[][], b: number[][]): number {
  return Math.max(
    ...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - (b[i]?.[j] ?? Number.NaN)))),
  );
}

describe.skipIf(reason !== undefined)("Python", { timeout: 60_000 }, () => {
  test.each<Dtype>(["float32", "float64"])("safetensors reads a %s model as it is", async (dtype) => {
    using network = await createNetwork({ ...options, dtype, metadata });
    await network.fit(x, y, fitOptions);
    const { metadata: read, tensors } = check("read", write("model.safetensors", network.toBytes())) as Read;
    expect(read).toMatchObject({ format: "layerwise", layerDims: "[3,4,1]", seed: "5", dtype });
    expect(read).toMatchObject({ "user.classes": metadata.classes, "user.note": metadata.note });
    const expected = network.parameters().flatMap(({ weights, biases }, l) => [
      [`${2 * l}.weight`, { dtype, shape: [weights.rows, weights.cols], values: [...weights.data] }],
      [`${2 * l}.bias`, { dtype, shape: [biases.length], values: [...biases] }],
    ]);
    expect(tensors).toEqual(Object.fromEntries(expected));
  });

  test("safetensors reads a checkpoint as it is, one with an empty history too", async () => {
    using network = await createNetwork(options);
    const optimizer = adam();
    const checkpoints = await checkpointsOf(network, { ...fitOptions, optimizer });
    const read = (bytes: Uint8Array = new Uint8Array()) =>
      check("read", write("checkpoint.safetensors", bytes)) as Read;
    const last = read(checkpoints[0]);
    expect(last.metadata).toMatchObject({ kind: "checkpoint", optimizer: "adam", "optimizer.steps": "15" });
    expect(last.tensors["history.loss"]).toMatchObject({ dtype: "float64", shape: [3] });
    expect(last.tensors["optimizer.v"]?.shape).toEqual([21]);
    const { power1, power2 } = optimizer.state;
    expect(last.tensors["optimizer.powers"]?.values).toEqual([power1, power2]);
    const first = read(checkpoints[14]);
    expect(first.tensors["history.loss"]).toEqual({ dtype: "float64", shape: [0], values: [] });
  });

  test.each<[NetworkOptions, string[]]>([
    [{ layerDims: [3, 1] }, ["Gemm", "Sigmoid"]],
    [{ layerDims: [3, 8, 5, 2] }, ["Gemm", "Relu", "Gemm", "Relu", "Gemm", "Sigmoid"]],
    [
      { layerDims: [3, 200, 3], hiddenActivation: "sigmoid", outputActivation: "softmax" },
      ["Gemm", "Sigmoid", "Gemm", "Softmax"],
    ],
    [{ layerDims: [3, 4, 2], outputActivation: "linear" }, ["Gemm", "Relu", "Gemm", "Identity"]],
  ])("onnxruntime predicts the same: %j", async (given, operators) => {
    for (const dtype of ["float32", "float64"] as const) {
      using network = await createNetwork({ ...given, dtype, initialization: "randomNormal", metadata });
      const outputs = given.layerDims[given.layerDims.length - 1] ?? 0;
      const path = write(`model-${dtype}.onnx`, network.toOnnx());
      const predicted = check("predict", path, write("inputs.json", JSON.stringify(x))) as Predicted;
      expect(predicted.producer).toEqual(["layerwise", VERSION]);
      expect(predicted.metadata).toEqual(metadata);
      expect(predicted.opsets).toEqual({ "": 13 });
      expect(predicted.operators).toEqual(operators);
      const type = dtype === "float32" ? "tensor(float)" : "tensor(double)";
      expect(predicted.input).toEqual(["x", ["batch", 3], type]);
      const name = given.outputActivation === "linear" ? "predictions" : "probabilities";
      expect(predicted.output).toEqual([name, ["batch", outputs], type]);
      const expected = network.predict(Matrix.from(x)).toArray();
      expect(difference(expected, predicted.predictions)).toBeLessThan(dtype === "float32" ? 1e-5 : 1e-12);
      expect(predicted.difference).toBeLessThan(1e-5); // a batch of one
    }
  });

  test.each<Dtype>(["float32", "float64"])(
    "onnxruntime computes every type of layer as we do, in %s",
    async (dtype) => {
      using network = await createNetwork({
        inputs: 3,
        layers: [
          dropout({ keepProb: 0.9 }),
          batchNorm({ epsilon: 1e-3 }),
          dense(5, { activation: "silu" }),
          layerNorm({ epsilon: 1e-4 }),
          residual([
            batchNorm(),
            activation("geluTanh"),
            dense(7),
            residual([layerNorm(), activation("tanh")]),
            dense(5),
          ]),
          dense(4, { bias: false, trainable: false }),
          batchNorm({ trainable: false }),
          activation("relu"),
          dense(3, { bias: false }),
          layerNorm(),
          activation("softmax"),
        ],
        dtype,
        threads: 1,
      });
      await network.fit(x, classes, { epochs: 4, batchSize: 12, warnings: false });
      for (const rows of [x, x.slice(0, 1)]) {
        const path = write(`layers-${dtype}.onnx`, network.toOnnx());
        const read = check("predict", path, write("inputs.json", JSON.stringify(rows))) as Predicted;
        // ONNX holds a BatchNormalization's ε in float32.
        const limit = dtype === "float32" ? 1e-5 : 1e-9;
        expect(difference(network.predict(rows).toArray(), read.predictions)).toBeLessThan(limit);
      }
    },
  );

  test.each<Dtype>(["float32", "float64"])(
    "onnxruntime computes numbers behind norms and residual layers, in %s",
    async (dtype) => {
      for (const last of [batchNorm(), layerNorm(), residual([dense(2)]), activation("tanh"), dense(2)]) {
        using network = await createNetwork({
          inputs: 3,
          layers: [dense(2), last],
          loss: "meanSquaredError",
          dtype,
          threads: 1,
        });
        await network.fit(
          x,
          x.map((row) => row.slice(1)),
          { epochs: 2, batchSize: 12, warnings: false },
        );
        const path = write(`numbers-${dtype}.onnx`, network.toOnnx());
        const read = check("predict", path, write("inputs.json", JSON.stringify(x))) as Predicted;
        const limit = dtype === "float32" ? 1e-5 : 1e-9;
        expect(difference(network.predict(x).toArray(), read.predictions)).toBeLessThan(limit);
      }
    },
  );

  test.each(
    SCALING_METHODS.flatMap((method) => [[method, "float32"] as const, [method, "float64"] as const]),
  )("onnxruntime scales by %s as we do, in %s", async (method, dtype) => {
    // Places, ties, a column far from 0 and one of a wide range, in more rows than there are quantiles; and beyond.
    const raw = Array.from({ length: 1500 }, (_, i) => [
      2020 + ((i * 31) % 97) / 96,
      i % 10 === 3 ? i % 7 : 0.1,
      ((i * 389) % 1009) ** 3 / 7,
    ]);
    const rows = [...raw.slice(0, 200), [0, 0, 0], [1e6, 1e6, 1e12]];
    for (const softClip of [{}, { softClip: 3 }]) {
      const layers = [fitScaling(method, raw, { ...softClip, warnings: false }), dense(3)];
      using network = await createNetwork({ inputs: 3, layers, dtype, threads: 1 });
      const path = write(`scaling-${method}-${dtype}.onnx`, network.toOnnx());
      const read = check("predict", path, write("inputs.json", JSON.stringify(rows))) as Predicted;
      const found = difference(network.predict(rows).toArray(), read.predictions);
      // Beyond the data a scaled number may be as large as 10⁶.
      const size = Math.max(1, ...network.predict(rows).data.map(Math.abs));
      expect(found / size).toBeLessThan(dtype === "float32" ? 1e-5 : 1e-12);
      const inner = difference(network.predict(rows.slice(0, 200)).toArray(), read.predictions.slice(0, 200));
      expect(inner).toBeLessThan(dtype === "float32" ? 1e-5 : 1e-12);
    }
  });

  test.each(HIDDEN_ACTIVATIONS.flatMap((name) => [[name, "float32"] as const, [name, "float64"] as const]))(
    "onnxruntime computes %s as we do, in %s",
    async (hiddenActivation, dtype) => {
      const far = [1e-9, 1, 30, 800].flatMap((size) =>
        [...x, x[0]?.map((one) => -one) ?? []].map((row) => row.map((one) => one * size)),
      );
      using network = await createNetwork({ layerDims: [3, 9, 7, 2], hiddenActivation, dtype, threads: 1 });
      const path = write(`${hiddenActivation}-${dtype}.onnx`, network.toOnnx());
      const { predictions } = check("predict", path, write("inputs.json", JSON.stringify(far))) as Predicted;
      const expected = network.predict(Matrix.from(far)).toArray();
      // onnxruntime has no Erf of float64.
      const limit = dtype === "float64" && hiddenActivation !== "gelu" ? 1e-12 : 1e-6;
      expect(difference(expected, predictions)).toBeLessThan(limit);
    },
  );

  test.each<Dtype>(["float32", "float64"])(
    "a %s nn.Sequential of PyTorch loads, and predicts the same",
    async (dtype) => {
      const path = join(folder, `sequential-${dtype}.safetensors`);
      const written = check("sequential", path, dtype) as {
        writer: string;
        x: number[][];
        predictions: number[][];
      };
      if (written.writer !== "torch") {
        console.warn(
          "SKIPPED: PyTorch itself isn't installed; numpy wrote the file in PyTorch's naming and layout",
        );
      }
      using network = await loadNetwork(path, {
        hiddenActivation: "relu",
        outputActivation: "softmax",
      });
      expect(network.config.dtype).toBe(dtype);
      const limit = dtype === "float32" ? 1e-5 : 1e-12;
      expect(difference(network.predict(written.x).toArray(), written.predictions)).toBeLessThan(limit);
      await network.fit(
        x.map((row) => [...row, 0, 1]),
        classes,
        fitOptions,
      ); // and can be trained on
    },
  );
});
