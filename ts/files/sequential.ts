import { resolveConfig, resolveWidths } from "../config/config.js";
import { NO_METADATA } from "../config/metadata.js";
import type { NetworkConfig, NetworkOptions } from "../config/network-config.js";
import { oneSeed } from "../config/seeds.js";
import { ConfigError, describe, FormatError } from "../errors/errors.js";
import { checkFinite, isFloatType } from "./floats.js";
import type { ForeignOptions } from "./foreign-options.js";
import type { TensorEntry } from "./header.js";
import { chosenOrder, orderOf } from "./layer-order.js";
import { LENGTH_BYTES } from "./limits.js";
import { type LinearLayer, linearLayers } from "./linear-layers.js";
import type { Model } from "./model-file.js";
import { refuseOtherLayers } from "./other-layers.js";
import type { Safetensors } from "./safetensors.js";

/** A model of another program. */
export interface ForeignModel extends Model {
  /** The names of the tensors that the options let out. */
  readonly ignored: readonly string[];
}

/**
 * The linear layers of another program's file, in the order in which they fit together. Raises FormatError
 * for what the file is, ConfigError for options and for what they must say.
 */
export function readSequential(
  file: Safetensors,
  options: Partial<NetworkOptions>,
  { layers: names, ignore = [] }: ForeignOptions = {},
): ForeignModel {
  const layerDims = checkEarly(options);
  const { tensors, ignored } = withoutIgnored(withTied(file), ignore);
  refuseOtherLayers(tensors);
  const layers = linearLayers(tensors);
  checkFloats(layers);
  const order = names === undefined ? orderOf(layers, layerDims) : chosenOrder(layers, names, layerDims);
  const parameters = order.flatMap(({ weight, bias }) => [weight, bias]);
  for (const tensor of parameters) if (tensor !== undefined) checkFinite(file, tensor);
  return {
    config: configOf(order, options),
    seeds: oneSeed(options.seed ?? 0),
    progress: { epoch: 0, step: 0, steps: 0 },
    metadata: NO_METADATA,
    file,
    parameters,
    ignored,
  };
}

/** layerDims, if given, after a look at all options that are: faults of theirs don't depend on the file. */
function checkEarly(options: Partial<NetworkOptions>): readonly number[] | undefined {
  const { trainable: _, ...early } = options; // as many as there are layers, which the file says
  const { layerDims } = resolveWidths({ layerDims: [1, 2], ...early });
  return options.layerDims === undefined ? undefined : layerDims;
}

/**
 * Adds the tensors that safetensors' save_model left out since they share another's memory: `__metadata__`
 * has their names, with the other's name as the text.
 */
export function withTied({ tensors, metadata }: Safetensors): Map<string, TensorEntry> {
  const all = new Map(tensors);
  for (const [name, { text }] of metadata) {
    const kept = tensors.get(text);
    if (kept !== undefined && !all.has(name)) all.set(name, { ...kept, name });
  }
  return all;
}

/** Lets out the tensors that are named, or belong to a module that is. Raises ConfigError for other names. */
export function withoutIgnored(
  all: ReadonlyMap<string, TensorEntry>,
  ignore: readonly string[],
): { tensors: Map<string, TensorEntry>; ignored: string[] } {
  const tensors = new Map(all);
  ignore.forEach((name, i) => {
    const found = [...all.keys()].filter((tensor) => tensor === name || tensor.startsWith(`${name}.`));
    if (found.length === 0) {
      const names = [...all.keys()].slice(0, 8).map((tensor) => describe(tensor));
      const more = all.size > names.length ? ", …" : "";
      throw new ConfigError(
        `ignore[${i}]`,
        `a tensor of the file: ${names.join(", ")}${more}`,
        describe(name),
      );
    }
    for (const tensor of found) tensors.delete(tensor);
  });
  return { tensors, ignored: [...all.keys()].filter((name) => !tensors.has(name)) };
}

/** Raises FormatError for weights and biases that are no floating-point numbers. */
function checkFloats(layers: readonly LinearLayer[]): void {
  for (const { name, dtype, byteOffset } of layers.flatMap(({ weight, bias }) => [weight, bias ?? weight])) {
    if (isFloatType(dtype)) continue;
    throw new FormatError("dtype", byteOffset, describe(name), "F32, F64, F16 or BF16", dtype);
  }
}

/** float64 where any of the numbers is one, so that all of them stay what they are. */
function configOf(order: readonly LinearLayer[], options: Partial<NetworkOptions>): NetworkConfig {
  const isDouble = order.some(({ weight, bias }) => weight.dtype === "F64" || bias?.dtype === "F64");
  const dtype = isDouble ? "float64" : "float32";
  if (options.dtype !== undefined && options.dtype !== dtype) {
    throw new ConfigError("dtype", `"${dtype}", the file's`, `"${options.dtype}"`);
  }
  const layerDims = [order[0]?.inputs ?? 0, ...order.map(({ outputs }) => outputs)];
  checkSaid(options, layerDims);
  return resolveConfig({ ...options, layerDims, dtype });
}

/** Another program's file doesn't say the activations, and a wrong one is a model that is silently wrong. */
function checkSaid(options: Partial<NetworkOptions>, layerDims: readonly number[]): void {
  const output = layerDims[layerDims.length - 1] === 1 ? "sigmoid" : "softmax";
  const hidden = layerDims.length > 2 ? 'hiddenActivation: "relu", ' : "";
  const example = `{ ${hidden}outputActivation: "${output}" }`;
  for (const name of hidden === "" ? OUTPUT : HIDDEN_AND_OUTPUT) {
    if (options[name] !== undefined && options[name] !== null) continue;
    throw new ConfigError(
      name,
      `the model's own, which the file doesn't say: ${example}, for example`,
      "none",
    );
  }
}

const OUTPUT = ["outputActivation"] as const;
const HIDDEN_AND_OUTPUT = ["hiddenActivation", "outputActivation"] as const;

/** The error for a file of another program where only one of Layerwise's will do. */
export function unknownFile({ metadata }: Safetensors): FormatError {
  const format = metadata.get("format");
  const got = format === undefined ? "none" : describe(format.text);
  const at = format?.byteOffset ?? LENGTH_BYTES;
  return new FormatError("metadata", at, "__metadata__.format", 'format "layerwise"', got);
}
