import { type AnyOptions, resolveConfig } from "../config/config.js";
import { NO_METADATA } from "../config/metadata.js";
import { oneSeed } from "../config/seeds.js";
import { ConfigError, describe, FormatError } from "../errors/errors.js";
import { isFloatType } from "./floats.js";
import type { ForeignOptions } from "./foreign-options.js";
import type { TensorEntry } from "./header.js";
import { LENGTH_BYTES } from "./limits.js";
import { checkNumbers, parameterPlan, type TensorPlan } from "./model-file.js";
import type { Safetensors } from "./safetensors.js";
import { type ForeignModel, withoutIgnored, withTied } from "./sequential.js";

/** What PyTorch counts beside a BatchNorm's statistics: no part of what it computes. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * The modules of another program's nn.Sequential, whose layers the options give: by the names that PyTorch gives their
 * tensors (`0.weight`, `2.running_mean`, …), all of which may begin with one prefix. Raises FormatError for what the file
 * is, ConfigError for options.
 */
export function readModules(
  file: Safetensors,
  options: AnyOptions,
  { layers, ignore = [] }: ForeignOptions,
): ForeignModel {
  if (layers !== undefined) {
    throw new ConfigError("layers", "layers of the network, or names alone", "names beside inputs");
  }
  const { tensors, ignored } = withoutIgnored(withTied(file), ignore);
  const named = withoutPrefix([...tensors.values()].filter(({ name }) => !COUNTER.test(name)));
  const isDouble = [...named.values()].some(({ dtype }) => dtype === "F64");
  const config = resolveConfig({ dtype: isDouble ? "float64" : "float32", ...options });
  const plan = parameterPlan(config);
  const parameters = plan.map((tensor) => found(named, tensor, config.dtype === "float64"));
  const known = new Set(plan.map(({ name }) => name));
  for (const [name, { byteOffset }] of named) {
    if (known.has(name)) continue;
    throw new FormatError("tensorSet", byteOffset, describe(name), "a tensor of the layers given", "another");
  }
  for (const tensor of parameters) checkNumbers(file, tensor);
  return {
    config,
    seeds: oneSeed(config.seed),
    progress: { epoch: 0, step: 0, steps: 0 },
    metadata: NO_METADATA,
    file,
    parameters,
    ignored,
  };
}

/** By their names without what all of them begin with before the first module's number. */
function withoutPrefix(tensors: readonly TensorEntry[]): ReadonlyMap<string, TensorEntry> {
  const [first] = tensors;
  const prefix = /^(?:[^.]*[^.\d][^.]*\.)*/.exec(first?.name ?? "")?.[0] ?? "";
  const cut = tensors.every(({ name }) => name.startsWith(prefix)) ? prefix.length : 0;
  return new Map(tensors.map((tensor) => [tensor.name.slice(cut), tensor]));
}

function found(
  tensors: ReadonlyMap<string, TensorEntry>,
  { name, shape }: TensorPlan,
  isDouble: boolean,
): TensorEntry {
  const tensor = tensors.get(name);
  const expected = `[${shape}], as the layers given have it`;
  if (tensor === undefined) {
    throw new FormatError("tensorSet", LENGTH_BYTES, describe(name), expected, "no such tensor");
  }
  const { dtype, byteOffset } = tensor;
  const same = tensor.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
  if (!same) throw new FormatError("tensorSet", byteOffset, describe(name), expected, `[${tensor.shape}]`);
  if (isFloatType(dtype) && (isDouble || dtype !== "F64")) return tensor;
  const types = isDouble ? "F64, F32, F16 or BF16" : "F32, F16 or BF16 for a float32 network";
  throw new FormatError("dtype", byteOffset, describe(name), types, dtype);
}
