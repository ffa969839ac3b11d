// Files of networks of layers: what is saved comes back, and what no network has written is refused.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedEngine } from "../../ts/engine/start.js";
import { parseSafetensors } from "../../ts/files/safetensors.js";
import {
  activation,
  batchNorm,
  createNetwork,
  dense,
  dropout,
  FormatError,
  layerNorm,
  loadNetwork,
  residual,
  resumeTraining,
} from "../../ts/index.js";
import { decode } from "../../ts/network/load-network.js";
import { hashOf } from "../closeness.js";
import { fileOf, forged, forgedData, partsOf, signed } from "./signing.js";
import { MemoryStore, rejection, storeOf, x, y } from "./small-files.js";

const layers = [
  batchNorm({ decay: 0.8, epsilon: 1e-4 }),
  dropout({ keepProb: 0.9 }),
  dense(4, { activation: "tanh", initialization: "xavier" }),
  layerNorm({ epsilon: 1e-3 }),
  residual([residual([dense(4), activation("elu")]), dropout({ keepProb: 0.5 })]),
  dense(1),
];
const options = { inputs: 3, layers, seed: 5, loss: "meanSquaredError", threads: 1 } as const;

async function saved(dtype: "float32" | "float64" = "float32"): Promise<Uint8Array> {
  using network = await createNetwork({ ...options, dtype });
  await network.fit(x, y, { epochs: 2, warnings: false });
  return network.toBytes();
}

const engine = await sharedEngine();
const model = await saved();
const text = JSON.stringify(JSON.stringify(layers));

/** The file with other layers in its metadata. */
const withLayers = (json: string) =>
  forged(model, (header) => header.replace(`"layers":${text}`, `"layers":${JSON.stringify(json)}`));

function refusalOf(file: Uint8Array): FormatError {
  try {
    decode(engine, parseSafetensors(file), {});
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("the file was taken");
}

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  it("every type of layer comes back as it was", async () => {
    const bytes = await saved(dtype);
    using network = await loadNetwork(bytes, { threads: 1 });
    expect(network.config).toEqual({ inputs: 3, layers, loss: "meanSquaredError", seed: 5, dtype });
    expect(network.toBytes()).toEqual(bytes);
    using same = await loadNetwork(bytes, { inputs: 3, layers, dtype });
    expect(hashOf(same.parameters())).toBe(hashOf(network.parameters()));
    expect(same.predict(x)).toEqual(network.predict(x));
  });
});

describe("layers that no network has written are refused, where they stand:", () => {
  const one = (layer: string) =>
    `[${layer},{"type":"dense","units":1,"activation":"linear","initialization":"he"}]`;
  it.each([
    ["no JSON", "[{"],
    ["no array", '{"type":"dense"}'],
    ["null", "null"],
    ["none", "[]"],
    ["a number in place of one", "[7]"],
    ["nested arrays", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["nested residual layers", `${'[{"type":"residual","layers":'.repeat(5000)}[]${"}]".repeat(5000)}`],
    ["more than there may be", `[${Array.from({ length: 10_001 }, () => "{}").join()}]`],
    ["an unknown type", one('{"type":"conv"}')],
    ["a type of every object", one('{"type":"toString"}')],
    ["an unknown key", one('{"type":"layerNorm","epsilon":0.001,"x":1}')],
    ["__proto__", one('{"type":"layerNorm","epsilon":0.001,"__proto__":{}}')],
    ["a default left out", one('{"type":"layerNorm"}')],
    ["another order of keys", one('{"epsilon":0.001,"type":"layerNorm"}')],
    ["space between", one('{"type":"layerNorm", "epsilon":0.001}')],
    ["another spelling of a number", one('{"type":"layerNorm","epsilon":1e-3}')],
    ["ε of 0", one('{"type":"layerNorm","epsilon":0}')],
    ["keepProb of 0", one('{"type":"dropout","keepProb":0}')],
    ["units of 0", one('{"type":"dense","units":0,"activation":"relu","initialization":"he"}')],
    [
      "units beyond 2³²",
      one('{"type":"dense","units":4294967296,"activation":"relu","initialization":"he"}'),
    ],
    [
      "units that are many",
      one('{"type":"dense","units":4294967295,"activation":"relu","initialization":"he"}'),
    ],
    ["softmax within", one('{"type":"dense","units":3,"activation":"softmax","initialization":"he"}')],
    [
      "a residual layer of other width",
      one(
        '{"type":"residual","layers":[{"type":"dense","units":2,"activation":"relu","initialization":"he"}]}',
      ),
    ],
    ["no dense layer", '[{"type":"layerNorm","epsilon":0.001}]'],
    [
      "dropout at the end",
      '[{"type":"dense","units":1,"activation":"linear","initialization":"he"},{"type":"dropout","keepProb":0.5}]',
    ],
  ])("%s", (_, json) => {
    const { rule, message } = refusalOf(withLayers(json));
    expect(["metadata", "tensorSet"]).toContain(rule);
    expect(message.length).toBeLessThan(1000);
  });

  it("widths whose products are beyond all numbers take no memory", () => {
    const wide = '{"type":"dense","units":4294967295,"activation":"linear","initialization":"he"}';
    const before = process.memoryUsage();
    const { rule } = refusalOf(withLayers(`[${Array.from({ length: 400 }, () => wide).join()}]`));
    expect(rule).toBe("tensorSet");
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64 << 20);
  });

  it.each([
    ['"inputs":"3"', '"inputs":"4294967296"'],
    ['"inputs":"3"', '"inputs":"0"'],
    ['"inputs":"3"', '"inputs":"4"'],
    ['"inputs":"3",', ""],
    ['"formatVersion":"2"', '"formatVersion":"1"'],
    ['"dtype":"float32"', '"dtype":"float32","layerDims":"[3,4,1]"'],
    ['"dtype":"float32"', '"dtype":"float32","initialization":"he"'],
    ['"loss":"meanSquaredError"', '"loss":"categoricalCrossEntropy"'],
    ['"0.running_mean"', '"0.running_men"'],
    ['"shape":[4,3]', '"shape":[3,4]'],
  ])("%s as %s", (from, to) => {
    const { rule } = refusalOf(forged(model, (header) => header.replace(from, to)));
    expect(["metadata", "tensorSet", "version"]).toContain(rule);
  });

  it("a running variance below 0", () => {
    const { header } = partsOf(model);
    const [at] = JSON.parse(header)["0.running_var"].data_offsets;
    const { rule, message } = refusalOf(forgedData(model, (data) => data.setFloat32(at + 4, -1e-9, true)));
    expect(rule).toBe("range");
    expect(message).toContain('"0.running_var"');
  });

  it("whatever stands in place of any character", () => {
    const { header, data } = partsOf(model);
    const from = header.indexOf('"layers":') + 10;
    const characters = fc.constantFrom(...'[]{}":,\\0129eE.-+ntfu _');
    const places = fc.integer({ min: from, max: from + text.length - 3 });
    const property = fc.property(places, characters, fc.nat(3), (at, character, deleted) => {
      const changed = header.slice(0, at) + character + header.slice(at + deleted);
      if (changed === header) return;
      const file = signed(fileOf(changed, data));
      try {
        decode(engine, parseSafetensors(file), {});
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    });
    fc.assert(property, { numRuns: 3000 });
  });
});

it("a checkpoint with a keepProb beside layers is refused", async () => {
  using network = await createNetwork(options);
  const store = new MemoryStore();
  await network.fit(x, y, { epochs: 1, warnings: false, checkpoint: { path: "-", store, everySteps: 1 } });
  const [bytes = new Uint8Array()] = store.generations;
  const bad = forged(bytes, (header) => header.replace('"fit.keepProb":"1"', '"fit.keepProb":"0.5"'));
  const error = await rejection(resumeTraining("-", x, y, { store: storeOf(bad) }));
  expect(error).toBeInstanceOf(FormatError);
  expect(error).toMatchObject({ rule: "metadata" });
});
