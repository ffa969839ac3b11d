// test/files/modules: nn.Sequential as PyTorch writes it (make.py), loaded with the layers that it has.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  activation,
  batchNorm,
  ConfigError,
  dense,
  dropout,
  FormatError,
  type LayerInput,
  layerNorm,
  loadNetwork,
  residual,
} from "../../ts/index.js";
import { rejection } from "./small-files.js";

const folder = new URL("./modules/", import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.safetensors`, folder)));
const { x, outputs }: { x: number[][]; outputs: Record<string, number[][]> } = JSON.parse(
  readFileSync(new URL("outputs.json", folder), "utf8"),
);

const mlp: readonly LayerInput[] = [
  batchNorm(),
  dropout({ keepProb: 0.9 }),
  dense(6),
  batchNorm({ epsilon: 1e-3 }),
  activation("relu"),
  dropout({ keepProb: 0.5 }),
  dense(4, { activation: "gelu" }),
  layerNorm(),
  dense(3, { activation: "silu" }),
  dense(2, { activation: "softmax" }),
];
const deep: readonly LayerInput[] = [
  dense(4, { activation: "tanh" }),
  residual([batchNorm(), activation("relu"), dense(5), residual([layerNorm(), activation("elu")]), dense(4)]),
  dropout({ keepProb: 0.5 }),
  dense(1),
];

const unbiased: readonly LayerInput[] = [
  dense(6, { bias: false }),
  batchNorm(),
  activation("relu"),
  residual([dense(6, { activation: "tanh", bias: false })]),
  dense(1),
];

describe("an nn.Sequential of PyTorch loads with its layers, and predicts the same:", () => {
  it.each([
    ["mlp", "float64", mlp],
    ["prefix", "float32", mlp],
    ["residual", "float32", deep],
    ["prefix-residual", "float64", deep],
    ["unbiased", "float64", unbiased],
  ] as const)("%s in %s", async (name, dtype, layers) => {
    using network = await loadNetwork(bytesOf(name), { inputs: 3, layers, threads: 1 });
    expect(network.config).toMatchObject({ inputs: 3, dtype });
    const expected = outputs[name]?.flat() ?? [];
    const got = network.predict(x).data;
    expect(got).toHaveLength(expected.length);
    const errors = expected.map(
      (value, i) => Math.abs(value - (got[i] ?? Number.NaN)) / Math.max(1, Math.abs(value)),
    );
    expect(Math.max(...errors)).toBeLessThan(dtype === "float64" ? 1e-12 : 1e-5);
    const step = await network.fit(
      x,
      x.map((_, i) => i % 2),
      { epochs: 1, warnings: false },
    );
    expect(step.steps).toBe(1); // and can be trained on
  });
});

describe("refused are", () => {
  it.each<[string, readonly LayerInput[], string]>([
    ["a layer too few", mlp.slice(0, -1), '"11.bias"'],
    ["a layer too many", [...mlp.slice(0, -1), dense(2), dense(2)], '"12.weight"'],
    ["another width", [batchNorm(), dropout({ keepProb: 1 }), dense(7), ...mlp.slice(3)], '"2.weight"'],
    ["a layerNorm where there is a batchNorm", [layerNorm(), ...mlp.slice(1)], '"0.running_mean"'],
    [
      "a batchNorm where there is a layerNorm",
      [...mlp.slice(0, 7), batchNorm(), ...mlp.slice(8)],
      '"8.running_mean"',
    ],
    ["an activation left out", [...mlp.slice(0, 4), ...mlp.slice(5)], '"5.weight"'],
  ])("%s", async (_, layers, place) => {
    const error = await rejection(loadNetwork(bytesOf("mlp"), { inputs: 3, layers }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ rule: "tensorSet", message: expect.stringContaining(place) });
  });

  it("biases that only the file has, or only the layers", async () => {
    const [first, ...others] = unbiased;
    const more = await rejection(
      loadNetwork(bytesOf("unbiased"), { inputs: 3, layers: [dense(6), ...others] }),
    );
    expect(more).toMatchObject({ rule: "tensorSet", message: expect.stringContaining('"0.bias"') });
    const less = [first, ...others.slice(0, -1), dense(1, { bias: false })] as LayerInput[];
    const fewer = await rejection(loadNetwork(bytesOf("unbiased"), { inputs: 3, layers: less }));
    expect(fewer).toMatchObject({ rule: "tensorSet", message: expect.stringContaining('"4.bias"') });
  });

  it("other inputs, none, or names beside them", async () => {
    const load = (options: object) => rejection(loadNetwork(bytesOf("mlp"), options));
    expect(await load({ inputs: 4, layers: mlp })).toBeInstanceOf(FormatError);
    expect(await load({ layers: mlp })).toMatchObject({ path: "inputs" });
    expect(await load({ inputs: 3 })).toMatchObject({ path: "layers" });
    expect(await load({ inputs: 3, layers: ["2", "6"] })).toBeInstanceOf(ConfigError);
  });

  it("a running variance below 0", async () => {
    const bytes = bytesOf("residual");
    const { byteLength } = bytes;
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const json = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header)));
    const [at] = json["2.0.running_var"].data_offsets;
    new DataView(bytes.buffer).setFloat32(8 + header + at, -1, true);
    const error = await rejection(loadNetwork(bytes, { inputs: 3, layers: deep }));
    expect(error).toMatchObject({ rule: "range", byteOffset: 8 + header + at });
    expect(bytes).toHaveLength(byteLength);
  });
});
