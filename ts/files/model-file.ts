import { HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS } from "../activation.js";
import { DTYPES, type Dtype, type NetworkConfig, resolveConfig } from "../config.js";
import { ConfigError, describe, FormatError } from "../errors.js";
import { INITIALIZATIONS } from "../initialization.js";
import type { Layers } from "../layers.js";
import { LOSSES } from "../loss.js";
import type { Seeds } from "../random.js";
import type { Progress, Trainee } from "../training.js";
import { serializeWithChecksum } from "./checksum.js";
import { LENGTH_BYTES, MOST_COUNTED, MOST_TENSORS } from "./format-rules.js";
import type { TensorEntry, TensorType } from "./header.js";
import type { MetadataReader } from "./metadata.js";
import { type NewTensor, type Safetensors, tensorBytes } from "./safetensors.js";

/** What every file of Layerwise holds: configuration, seeds, progress and parameters. */
export interface Model {
  readonly config: NetworkConfig;
  readonly seeds: Seeds;
  readonly progress: Progress;
  /** The file, and W_1, b_1, W_2, … in it. */
  readonly file: Safetensors;
  readonly parameters: readonly TensorEntry[];
}

/** How a tensor must look. */
export interface TensorPlan {
  readonly name: string;
  readonly dtype: TensorType;
  readonly shape: readonly number[];
}

export const FORMAT = "layerwise";
export const FORMAT_VERSION = "1";

export const TENSOR_TYPE: Record<Dtype, TensorType> = { float32: "F32", float64: "F64" };

/** n_0, and a W and a b for each of the others. */
const MOST_WIDTHS = MOST_TENSORS / 2 + 1;

/**
 * W_1, b_1, W_2, … by the names that PyTorch gives them in nn.Sequential(Linear, ReLU, Linear, …): the
 * activations between them count too.
 */
export function parameterPlan(layerDims: readonly number[], dtype: Dtype): TensorPlan[] {
  const type = TENSOR_TYPE[dtype];
  return layerDims.slice(1).flatMap((outputs, i) => [
    { name: `${2 * i}.weight`, dtype: type, shape: [outputs, layerDims[i] ?? 0] },
    { name: `${2 * i}.bias`, dtype: type, shape: [outputs] },
  ]);
}

/** The parameters as they stand when they are asked for. */
export function parameterTensors({ layers, config }: Trainee): NewTensor[] {
  const plans = parameterPlan(config.layerDims, config.dtype);
  return layers.dense.flatMap((layer, i) => {
    const [weights, biases] = [plans[2 * i], plans[2 * i + 1]];
    if (weights === undefined || biases === undefined) return [];
    return [
      { ...weights, data: () => layers.weightsByRows(layer, layers.parameters) },
      { ...biases, data: () => layers.read(layer.biases, layer.outputs) },
    ];
  });
}

/** The file of a network. */
export function encodeModel(trainee: Trainee): Generator<void, Uint8Array<ArrayBuffer>> {
  return serializeWithChecksum(
    trainee.layers.instance,
    parameterTensors(trainee),
    modelMetadata(trainee, "model"),
  );
}

export function modelMetadata(
  { config, seeds, progress }: Trainee,
  kind: "model" | "checkpoint",
): Map<string, string> {
  return new Map([
    ["format", FORMAT],
    ["formatVersion", FORMAT_VERSION],
    ["kind", kind],
    ["layerDims", `[${config.layerDims}]`],
    ["hiddenActivation", config.hiddenActivation],
    ["outputActivation", config.outputActivation],
    ["loss", config.loss],
    ["initialization", config.initialization],
    ["dtype", config.dtype],
    ["seed", String(config.seed)],
    ["seed.initialization", String(seeds.initialization)],
    ["seed.shuffle", String(seeds.shuffle)],
    ["seed.dropout", String(seeds.dropout)],
    ["progress.epoch", String(progress.epoch)],
    ["progress.step", String(progress.step)],
    ["progress.steps", String(progress.steps)],
  ]);
}

export function readConfig(metadata: MetadataReader): NetworkConfig {
  const options = {
    layerDims: metadata.integers("layerDims", MOST_WIDTHS),
    hiddenActivation: metadata.choice("hiddenActivation", HIDDEN_ACTIVATIONS),
    outputActivation: metadata.choice("outputActivation", OUTPUT_ACTIVATIONS),
    loss: metadata.choice("loss", LOSSES),
    initialization: metadata.choice("initialization", INITIALIZATIONS),
    dtype: metadata.choice("dtype", DTYPES),
    seed: metadata.integer("seed", 0),
  };
  try {
    return resolveConfig(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { byteOffset } = metadata.text("layerDims");
    throw new FormatError("metadata", byteOffset, `__metadata__.${error.path}`, error.expected, error.got);
  }
}

export function readSeeds(metadata: MetadataReader): Seeds {
  return {
    initialization: metadata.integer("seed.initialization", 0),
    shuffle: metadata.integer("seed.shuffle", 0),
    dropout: metadata.integer("seed.dropout", 0),
  };
}

export function readProgress(metadata: MetadataReader): Progress {
  return {
    epoch: metadata.integer("progress.epoch", 0, MOST_COUNTED),
    step: metadata.integer("progress.step", 0, MOST_COUNTED),
    steps: metadata.integer("progress.steps", 0, MOST_COUNTED),
  };
}

/** The tensors of the plan, if these and no others are in the file. Raises FormatError. */
export function exactTensors({ tensors }: Safetensors, plan: readonly TensorPlan[]): TensorEntry[] {
  const found = plan.map(({ name, dtype, shape }) => {
    const tensor = tensors.get(name);
    const place = describe(name);
    const expected = `${dtype} [${shape}]`;
    if (tensor === undefined)
      throw new FormatError("tensorSet", LENGTH_BYTES, place, expected, "no such tensor");
    const same = tensor.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
    if (tensor.dtype === dtype && same) return tensor;
    const got = `${tensor.dtype} [${tensor.shape}]`;
    throw new FormatError("tensorSet", tensor.byteOffset, place, expected, got);
  });
  const planned = new Set(plan.map(({ name }) => name));
  for (const { name, byteOffset } of tensors.values()) {
    if (planned.has(name)) continue;
    throw new FormatError("tensorSet", byteOffset, describe(name), "no such tensor", "one");
  }
  return found;
}

/** W_1, b_1, W_2, … in wasm memory ← the file's. */
export function writeParameters(layers: Layers, { file, parameters }: Model): void {
  let at = layers.parameters;
  for (const tensor of parameters) {
    layers.instance.bytes(at, tensor.end - tensor.start).set(tensorBytes(file, tensor));
    at += tensor.end - tensor.start;
  }
  layers.intoPanels(layers.parameters);
}
