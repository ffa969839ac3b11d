// Files of networks that scale: the numbers are tensors, and what no network has written is refused.
import { describe, expect, it } from "vitest";
import { sharedEngine } from "../../ts/engine/start.js";
import { parseSafetensors } from "../../ts/files/safetensors.js";
import {
  ConfigError,
  createNetwork,
  dense,
  FormatError,
  fitScaling,
  loadNetwork,
  type ScalingMethod,
} from "../../ts/index.js";
import { decode } from "../../ts/network/load-network.js";
import { hashOf } from "../closeness.js";
import { forged, forgedData, partsOf } from "../files/signing.js";
import { x } from "../files/small-files.js";

const METHODS: readonly ScalingMethod[] = ["standard", "minMax", "robust", "quantileNormal"];
const engine = await sharedEngine();

async function saved(method: ScalingMethod, dtype: "float32" | "float64" = "float32") {
  const layers = [fitScaling(method, x, { softClip: 4 }), dense(4, { activation: "relu" }), dense(1)];
  using network = await createNetwork({ inputs: 3, layers, dtype, threads: 1 });
  return {
    layers,
    bytes: network.toBytes(),
    predicted: network.predict(x),
    hash: hashOf(network.parameters()),
  };
}

describe.each(METHODS)("%s", (method) => {
  it.each(["float32", "float64"] as const)("comes back as it was, in %s", async (dtype) => {
    const { layers, bytes, predicted, hash } = await saved(method, dtype);
    using network = await loadNetwork(bytes, { threads: 1 });
    expect(network.config).toMatchObject({ layers });
    expect(hashOf(network.parameters())).toBe(hash);
    expect(network.predict(x)).toEqual(predicted);
    expect(network.toBytes()).toEqual(bytes);
    (await loadNetwork(bytes, { layers, threads: 1 })).dispose();
    const others = [fitScaling(method, x.slice(1)), ...layers.slice(1)];
    await expect(loadNetwork(bytes, { layers: others, threads: 1 })).rejects.toThrow(ConfigError);
  });

  it("has its numbers as float64 tensors, and other layers by PyTorch's names without it", async () => {
    const { bytes } = await saved(method);
    const { __metadata__: metadata, ...tensors } = JSON.parse(partsOf(bytes).header);
    expect(metadata).toMatchObject({ formatVersion: "2" });
    expect(JSON.parse(metadata.layers)[0]).toEqual({ type: "scaling", method, softClip: 4 });
    const own = method === "quantileNormal" ? ["quantiles"] : ["center", "scale"];
    const names = own.map((name) => `scaling.${name}`);
    expect(Object.keys(tensors)).toEqual([...names, "0.weight", "0.bias", "2.weight", "2.bias"]);
    for (const name of names) expect(tensors[name].dtype).toBe("F64");
  });
});

it("1000 quantiles of 100 columns are no matter for a header", async () => {
  const wide = Array.from({ length: 1200 }, (_, i) =>
    Array.from({ length: 100 }, (_, j) => Math.sin(i * (j + 1))),
  );
  const layers = [fitScaling("quantileNormal", wide), dense(1)];
  using network = await createNetwork({ inputs: 100, layers, threads: 1 });
  const bytes = network.toBytes();
  expect(bytes.length).toBeLessThan(810_000);
  using again = await loadNetwork(bytes, { threads: 1 });
  expect(again.predict(wide)).toEqual(network.predict(wide));
});

describe("is refused:", async () => {
  const { bytes: linear } = await saved("standard");
  const { bytes: normal } = await saved("quantileNormal");
  const refusal = (file: Uint8Array) => {
    try {
      decode(engine, parseSafetensors(file), {});
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
    throw new Error("the file was taken");
  };

  it.each<[string, Uint8Array, string, string, RegExp]>([
    ["a tensor that is missing", linear, '"scaling.center"', '"scaling.centre"', /tensorSet|metadata/],
    ["one of another type", linear, '"dtype":"F64"', '"dtype":"I64"', /tensorSet/],
    ["one of two dimensions", linear, '"shape":[3]', '"shape":[1,3]', /tensorSet/],
    ["quantiles of other columns", normal, '"shape":[3,23]', '"shape":[23,3]', /metadata/],
    ["an unknown method", linear, 'method\\":\\"standard', 'method\\":\\"standart', /metadata/],
    ["another method", linear, 'method\\":\\"standard', 'method\\":\\"quantileNormal', /tensorSet/],
    ["numbers in the layers", linear, 'standard\\"', 'standard\\",\\"center\\":[1,1,1]', /metadata/],
    ["a soft clip of 0", linear, 'softClip\\":4', 'softClip\\":0', /metadata/],
  ])("%s", (_, file, from, to, rule) => {
    expect(refusal(forged(file, (header) => header.replace(from, to))).rule).toMatch(rule);
  });

  it.each<[string, Uint8Array, number, RegExp]>([
    ["a center of NaN", linear, Number.NaN, /finite/],
    ["quantiles that fall", normal, 1e9, /metadata/],
  ])("%s", (_, file, value, rule) => {
    expect(refusal(forgedData(file, (data) => data.setFloat64(0, value, true))).rule).toMatch(rule);
  });

  it("a scale of 0", () => {
    expect(refusal(forgedData(linear, (data) => data.setFloat64(24, 0, true))).rule).toBe("metadata");
  });
});
