import { describe, expect, test } from "vitest";
import { ConfigError, FormatError, type LoadOptions, loadNetwork } from "../../ts/index.js";
import { fileOf } from "./signing.js";
import { rejection } from "./small-files.js";

/** A file as another program writes it: F32 tensors of these shapes, numbered from 1 on. */
function fileWith(shapes: Record<string, number[]>, spaced = false): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: { format: "pt" } };
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
const options: LoadOptions = { layerDims: [3, 2, 1] };

describe("an nn.Sequential of linear layers", () => {
  test("gives its weights and biases, in the default configuration", async () => {
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
    ["no bias", { "0.weight": [2, 3], "2.weight": [1, 2], "2.bias": [1] }],
    ["weights stored by input", { ...layers, "0.weight": [3, 2] }],
    ["a normalization between", { ...layers, "1.running_mean": [2] }],
    ["two prefixes", { "a.0.weight": [2, 3], "a.0.bias": [2], "b.2.weight": [1, 2], "b.2.bias": [1] }],
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
