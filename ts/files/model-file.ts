import { HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS } from "../catalog/activations.js";
import { INITIALIZATIONS } from "../catalog/initializations.js";
import { LOSSES, type Loss } from "../catalog/losses.js";
import { type NetworkConfig, resolveConfig } from "../config/config.js";
import { DTYPES, type Dtype } from "../config/dtype.js";
import { checkLoss } from "../config/losses.js";
import type { Metadata } from "../config/metadata.js";
import type { Seeds } from "../config/seeds.js";
import { ConfigError, describe, FormatError } from "../errors/errors.js";
import type { Layers } from "../model/layers.js";
import type { Progress, Trainee } from "../training/state.js";
import { serializeWithChecksum } from "./checksum.js";
import { checkFinite, isFloatType, readFloat } from "./floats.js";
import type { TensorEntry } from "./header.js";
import { LENGTH_BYTES, MOST_COUNTED, MOST_TENSORS } from "./limits.js";
import { type MetadataReader, USER_PREFIX } from "./metadata.js";
import { type NewTensor, type Safetensors, tensorBytes } from "./safetensors.js";
import { TENSOR_BYTES, type TensorType } from "./tensor-type.js";

/** What every file of Layerwise holds: configuration, seeds, progress and parameters. */
export interface Model {
  readonly config: NetworkConfig;
  readonly seeds: Seeds;
  readonly progress: Progress;
  /** The user's own texts. */
  readonly metadata: Metadata;
  /** The file, and W_1, b_1, W_2, … in it; undefined for biases of 0. */
  readonly file: Safetensors;
  readonly parameters: readonly (TensorEntry | undefined)[];
}

/** How a tensor must look. */
export interface TensorPlan {
  readonly name: string;
  readonly dtype: TensorType;
  readonly shape: readonly number[];
}

export const FORMAT = "layerwise";
/** A file has the lowest version that holds what is in it: 2 may have the user's own texts. */
export const FORMAT_VERSIONS = ["1", "2"] as const;

/** Keys of `__metadata__` that no other program has. */
const OUR_KEYS = [
  "formatVersion",
  "seed.initialization",
  "seed.shuffle",
  "seed.dropout",
  "progress.epoch",
  "progress.step",
  "progress.steps",
];

/** Is this one of our files, though its format may be damaged? */
export function looksLikeOurs({ metadata }: Safetensors): boolean {
  return OUR_KEYS.filter((key) => metadata.has(key)).length >= 2;
}

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
      { ...biases, data: () => layer.biases.read() },
    ];
  });
}

/** The file of a network. */
export function encodeModel(trainee: Trainee): Generator<void, Uint8Array<ArrayBuffer>> {
  return serializeWithChecksum(
    trainee.layers.engine,
    parameterTensors(trainee),
    modelMetadata(trainee, "model"),
  );
}

export function modelMetadata(
  { config, seeds, progress, metadata }: Trainee,
  kind: "model" | "checkpoint",
): Map<string, string> {
  const own = Object.entries(metadata);
  return new Map([
    ["format", FORMAT],
    ["formatVersion", own.length === 0 ? "1" : "2"],
    ["kind", kind],
    ["layerDims", `[${config.layerDims}]`],
    ["hiddenActivation", config.hiddenActivation],
    ["outputActivation", config.outputActivation],
    ["loss", typeof config.loss === "string" ? config.loss : JSON.stringify(config.loss)],
    ["initialization", config.initialization],
    ["dtype", config.dtype],
    ["seed", String(config.seed)],
    ["seed.initialization", String(seeds.initialization)],
    ["seed.shuffle", String(seeds.shuffle)],
    ["seed.dropout", String(seeds.dropout)],
    ["progress.epoch", String(progress.epoch)],
    ["progress.step", String(progress.step)],
    ["progress.steps", String(progress.steps)],
    ...own.map(([key, text]): [string, string] => [USER_PREFIX + key, text]),
  ]);
}

export function readConfig(metadata: MetadataReader): NetworkConfig {
  const options = {
    layerDims: metadata.integers("layerDims", MOST_WIDTHS),
    hiddenActivation: metadata.choice("hiddenActivation", HIDDEN_ACTIVATIONS),
    outputActivation: metadata.choice("outputActivation", OUTPUT_ACTIVATIONS),
    loss: readLoss(metadata),
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

/** By its name, or its JSON where a parameter isn't the default. */
function readLoss(metadata: MetadataReader): Loss {
  const { text } = metadata.text("loss");
  if (!text.startsWith("{")) return metadata.choice("loss", LOSSES);
  try {
    const loss = checkLoss("loss", JSON.parse(text));
    if (JSON.stringify(loss) === text) return loss;
  } catch {
    // It is no loss, nor perhaps JSON.
  }
  throw metadata.invalid("loss", "a loss as network.config has it");
}

export function readSeeds(metadata: MetadataReader): Seeds {
  return {
    initialization: metadata.integer("seed.initialization", 0),
    shuffle: metadata.integer("seed.shuffle", 0),
    dropout: metadata.integer("seed.dropout", 0),
  };
}

export function readProgress(metadata: MetadataReader): Progress {
  const epoch = metadata.integer("progress.epoch", 0, MOST_COUNTED);
  const step = metadata.integer("progress.step", 0, MOST_COUNTED);
  const steps = metadata.integer("progress.steps", 0, MOST_COUNTED);
  // Each epoch has had a step; before the first one, trainStep's are counted.
  if (epoch === 0 ? step === steps : step > 0 && epoch - 1 + step <= steps) return { epoch, step, steps };
  throw metadata.invalid("progress.steps", "the present epoch's and at least one of each epoch before");
}

/** The tensors of the plan, if these and no others are in the file, all finite. Raises FormatError. */
export function exactTensors(file: Safetensors, plan: readonly TensorPlan[]): TensorEntry[] {
  const { tensors } = file;
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
  for (const tensor of found) checkFinite(file, tensor);
  return found;
}

/** W_1, b_1, W_2, … ← the file's, widened exactly where the network's dtype has more bits. */
export function writeParameters(layers: Layers, { config, file, parameters }: Model): void {
  const dtype = TENSOR_TYPE[config.dtype];
  let at = 0;
  parameterPlan(config.layerDims, config.dtype).forEach(({ shape }, i) => {
    const numbers = layers.newNumbers(shape.reduce((count, size) => count * size, 1));
    const into = new Uint8Array(numbers.buffer);
    const tensor = parameters[i];
    if (tensor?.dtype === dtype) into.set(tensorBytes(file, tensor));
    else if (tensor !== undefined) widen(file, tensor, into, dtype);
    layers.parameters.write(numbers, at);
    at += numbers.length;
  });
  layers.intoPanels(layers.parameters);
}

function widen(file: Safetensors, { dtype, start }: TensorEntry, into: Uint8Array, wider: TensorType): void {
  if (!isFloatType(dtype)) return;
  const from = new DataView(file.bytes.buffer, file.bytes.byteOffset + file.dataStart + start);
  const to = new DataView(into.buffer, into.byteOffset, into.byteLength);
  const [read, size, step] = [readFloat[dtype], TENSOR_BYTES[dtype], TENSOR_BYTES[wider]];
  for (let i = 0; i < into.length / step; i++) {
    const value = read(from, i * size);
    if (wider === "F64") to.setFloat64(i * step, value, true);
    else to.setFloat32(i * step, value, true);
  }
}
