import { HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS } from "../catalog/activations.js";
import { INITIALIZATIONS } from "../catalog/initializations.js";
import type { Layer } from "../catalog/layers.js";
import { LOSSES, type Loss } from "../catalog/losses.js";
import { architectureOf } from "../config/architecture.js";
import { resolveConfig } from "../config/config.js";
import { DTYPES, type Dtype } from "../config/dtype.js";
import { checkLoss } from "../config/losses.js";
import type { Metadata } from "../config/metadata.js";
import type { NetworkConfig } from "../config/network-config.js";
import type { Seeds } from "../config/seeds.js";
import { ConfigError, describe, FormatError } from "../errors/errors.js";
import type { Layers } from "../model/layers.js";
import type { Progress, Trainee } from "../training/state.js";
import { serializeWithChecksum } from "./checksum.js";
import { checkFinite, isFloatType, readFloat } from "./floats.js";
import type { TensorEntry } from "./header.js";
import { LENGTH_BYTES, MOST_COUNTED, MOST_TENSORS } from "./limits.js";
import { lowestVersion, type MetadataReader, USER_PREFIX } from "./metadata.js";
import { type NewTensor, type Safetensors, tensorBytes } from "./safetensors.js";
import { scalingTensors, withNumbers, withoutNumbers } from "./scaling-tensors.js";
import { TENSOR_BYTES, type TensorType } from "./tensor-type.js";

/** What every file of Layerwise holds: configuration, seeds, progress and parameters. */
export interface Model {
  readonly config: NetworkConfig;
  readonly seeds: Seeds;
  readonly progress: Progress;
  /** The user's own texts. */
  readonly metadata: Metadata;
  /** The file, and W_1, b_1, W_2, … in it, and what scales behind them; undefined for biases of 0. */
  readonly file: Safetensors;
  readonly parameters: readonly (TensorEntry | undefined)[];
}

/** How a tensor must look. */
export interface TensorPlan {
  readonly name: string;
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  /** Whether its numbers need not be finite. */
  readonly anyNumbers?: true;
}

export const FORMAT = "layerwise";
/** A file has the lowest version that holds what is in it ({@link lowestVersion}). */
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

/** A tensor of a network's own, and where its numbers lie. */
interface OwnTensor extends TensorPlan {
  readonly block: "parameters" | "statistics";
  readonly at: number;
  /** The place of its node among those with parameters, where it is a W: it is row-major in files alone. */
  readonly weightsOf: number | undefined;
}

/**
 * W and b of each dense layer, scale and shift of each norm, and a batchNorm's running mean and variance, by the names
 * that PyTorch gives them in nn.Sequential of the same modules: activations between them count too.
 */
export function parameterPlan(config: NetworkConfig): OwnTensor[] {
  const dtype = TENSOR_TYPE[config.dtype];
  const parameterized = architectureOf(config).parts.flatMap((part) => ("at" in part ? [part] : []));
  return parameterized.flatMap((part, i) => {
    const { kind, module, inputs, outputs, at } = part;
    const tensor = (
      name: string,
      shape: readonly number[],
      block: OwnTensor["block"],
      from: number,
    ): OwnTensor => ({
      name: `${module}.${name}`,
      dtype,
      shape,
      block,
      at: from,
      weightsOf: kind === "dense" && shape.length === 2 ? i : undefined,
    });
    if (kind === "dense") {
      return [
        tensor("weight", [outputs, inputs], "parameters", at),
        ...(part.bias ? [tensor("bias", [outputs], "parameters", at + outputs * inputs)] : []),
      ];
    }
    const scaling = [
      tensor("weight", [outputs], "parameters", at),
      tensor("bias", [outputs], "parameters", at + outputs),
    ];
    if (kind === "layerNorm") return scaling;
    return [
      ...scaling,
      tensor("running_mean", [outputs], "statistics", part.statisticsAt),
      tensor("running_var", [outputs], "statistics", part.statisticsAt + outputs),
    ];
  });
}

/** All tensors of a file that is a model alone: those that scale come last. */
export function modelPlan(config: NetworkConfig): TensorPlan[] {
  return [...parameterPlan(config), ...scalingTensors(config)];
}

function lengthOf({ shape }: TensorPlan): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** The parameters as they stand when they are asked for, behind what scales, which is float64. */
export function parameterTensors({ layers, config }: Trainee): NewTensor[] {
  const parameters = parameterPlan(config).map(({ name, dtype, shape, ...tensor }) => ({
    name,
    dtype,
    shape,
    data: () => {
      const layer = tensor.weightsOf === undefined ? undefined : layers.parameterized[tensor.weightsOf];
      if (layer?.kind === "dense") return layers.weightsByRows(layer, layers.parameters);
      return layers[tensor.block].part(tensor.at, lengthOf({ name, dtype, shape })).read();
    },
  }));
  return [...scalingTensors(config), ...parameters];
}

/** The file of a network. */
export function encodeModel(trainee: Trainee): Generator<void, Uint8Array<ArrayBuffer>> {
  return serializeWithChecksum(
    trainee.layers.engine,
    parameterTensors(trainee),
    modelMetadata(trainee, "model"),
  );
}

/** @param isMore - whether a checkpoint has what version 1 doesn't know */
export function modelMetadata(
  { config, seeds, progress, metadata }: Trainee,
  kind: "model" | "checkpoint",
  more: readonly (readonly [string, string])[] = [],
): Map<string, string> {
  const own = Object.entries(metadata).map(([key, text]) => [USER_PREFIX + key, text] as const);
  const architecture = architectureMetadata(config);
  return new Map([
    ["format", FORMAT],
    ["formatVersion", lowestVersion([...architecture, ...own, ...more].map(([key]) => key))],
    ["kind", kind],
    ...architecture,
    ["loss", typeof config.loss === "string" ? config.loss : JSON.stringify(config.loss)],
    ...("layers" in config ? [] : [["initialization", config.initialization] as [string, string]]),
    ["dtype", config.dtype],
    ["seed", String(config.seed)],
    ["seed.initialization", String(seeds.initialization)],
    ["seed.shuffle", String(seeds.shuffle)],
    ["seed.dropout", String(seeds.dropout)],
    ["progress.epoch", String(progress.epoch)],
    ["progress.step", String(progress.step)],
    ["progress.steps", String(progress.steps)],
    ...own,
    ...more,
  ]);
}

function architectureMetadata(config: NetworkConfig): [string, string][] {
  if ("layers" in config) {
    return [
      ["inputs", String(config.inputs)],
      ["layers", JSON.stringify(withoutNumbers(config.layers))],
    ];
  }
  return [
    ["layerDims", `[${config.layerDims}]`],
    ["hiddenActivation", config.hiddenActivation],
    ["outputActivation", config.outputActivation],
    ...(config.trainable === undefined
      ? []
      : [["trainable", JSON.stringify(config.trainable)] as [string, string]]),
  ];
}

export function readConfig(metadata: MetadataReader, file: Safetensors): NetworkConfig {
  const common = {
    loss: readLoss(metadata),
    dtype: metadata.choice("dtype", DTYPES),
    seed: metadata.integer("seed", 0),
  };
  const isLayers = metadata.has("layers");
  const options = isLayers
    ? {
        ...common,
        inputs: metadata.integer("inputs", 1),
        layers: withNumbers(metadata.json("layers"), file) as readonly Layer[],
      }
    : {
        ...common,
        layerDims: metadata.integers("layerDims", MOST_WIDTHS),
        hiddenActivation: metadata.choice("hiddenActivation", HIDDEN_ACTIVATIONS),
        outputActivation: metadata.choice("outputActivation", OUTPUT_ACTIVATIONS),
        initialization: metadata.choice("initialization", INITIALIZATIONS),
        ...(metadata.has("trainable") && { trainable: metadata.json("trainable") as readonly boolean[] }),
      };
  try {
    const config = resolveConfig(options);
    if (
      "layers" in config &&
      JSON.stringify(withoutNumbers(config.layers)) !== metadata.text("layers").text
    ) {
      throw metadata.invalid("layers", "layers as network.config has them");
    }
    if (!isLayers && metadata.has("trainable")) {
      const written = "trainable" in config ? JSON.stringify(config.trainable) : undefined;
      if (written !== metadata.text("trainable").text) {
        throw metadata.invalid("trainable", "true or false for each layer, one of them false");
      }
    }
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { byteOffset } = metadata.text(isLayers ? "layers" : "layerDims");
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
  found.forEach((tensor, i) => {
    if (plan[i]?.anyNumbers !== true) checkNumbers(file, tensor);
  });
  return found;
}

const RUNNING_VARIANCE = /\.running_var$/;

/** They are finite, and running variances not negative, whose roots are taken. Raises FormatError. */
export function checkNumbers(file: Safetensors, tensor: TensorEntry): void {
  checkFinite(file, tensor);
  const { name, dtype, start, end } = tensor;
  if (!RUNNING_VARIANCE.test(name) || !isFloatType(dtype)) return;
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset + file.dataStart, end);
  for (let at = start; at < end; at += TENSOR_BYTES[dtype]) {
    const value = readFloat[dtype](view, at);
    if (value >= 0) continue;
    throw new FormatError("range", file.dataStart + at, describe(name), "numbers >= 0", `${value}`);
  }
}

/** Parameters and running statistics ← the file's, widened exactly where the network's dtype has more bits. */
export function writeParameters(layers: Layers, { config, file, parameters }: Model): void {
  const dtype = TENSOR_TYPE[config.dtype];
  parameterPlan(config).forEach((plan, i) => {
    const numbers = layers.newNumbers(lengthOf(plan));
    const into = new Uint8Array(numbers.buffer);
    const tensor = parameters[i];
    if (tensor?.dtype === dtype) into.set(tensorBytes(file, tensor));
    else if (tensor !== undefined) widen(file, tensor, into, dtype);
    layers[plan.block].write(numbers, plan.at);
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
