import { type NetworkConfig, type NetworkOptions, resolveConfig } from "../config.js";
import { ConfigError, describe, FormatError } from "../errors.js";
import { oneSeed } from "../random.js";
import { LENGTH_BYTES } from "./format-rules.js";
import type { TensorEntry } from "./header.js";
import { exactTensors, type Model, parameterPlan } from "./model-file.js";
import type { Safetensors } from "./safetensors.js";

const NAME = /^((?:.*\.)?)(\d{1,9})\.(weight|bias)$/s;

/**
 * A model of another program's linear layers, as PyTorch writes an nn.Sequential of them: `0.weight`,
 * `0.bias`, `2.weight`, … with weights n_l × n_{l−1}. The numbers tell the order, gaps are activations;
 * all names may have one prefix, such as `net.`. Raises ConfigError for the options, else FormatError.
 */
export function readSequential(file: Safetensors, options: NetworkOptions): Model {
  const dtype = file.tensors.values().next().value?.dtype === "F64" ? "float64" : "float32";
  if (options.dtype !== undefined && options.dtype !== dtype) {
    throw new ConfigError("dtype", `"${dtype}", the file's`, `"${options.dtype}"`);
  }
  const config: NetworkConfig = resolveConfig({ ...options, dtype });
  const modules = linearModules([...file.tensors.values()]);
  const plan = parameterPlan(config.layerDims, dtype).map((tensor, i) => {
    const module = modules[i >> 1];
    return module === undefined
      ? tensor
      : { ...tensor, name: `${module}.${i % 2 === 0 ? "weight" : "bias"}` };
  });
  return {
    config,
    seeds: oneSeed(config.seed),
    progress: { epoch: 0, step: 0, steps: 0 },
    file,
    parameters: exactTensors(file, plan),
  };
}

/** `0`, `2`, … or `net.0`, `net.2`, …, in the order of the numbers. */
function linearModules(tensors: readonly TensorEntry[]): string[] {
  const numbers = new Map<number, string>();
  let prefix: string | undefined;
  for (const { name, byteOffset, dtype } of tensors) {
    const [, before, number] = NAME.exec(name) ?? [];
    if (before === undefined || number === undefined || (prefix ?? before) !== before) {
      const expected = "names such as 0.weight and 0.bias, all of one nn.Sequential";
      throw new FormatError("tensorSet", byteOffset, "header", expected, `${describe(name)} ${dtype}`);
    }
    prefix = before;
    numbers.set(Number(number), `${before}${number}`);
  }
  return [...numbers].sort(([a], [b]) => a - b).map(([, module]) => module);
}

/** The error for a file of another program where the options don't say what it is. */
export function unknownFile({ metadata }: Safetensors): FormatError {
  const format = metadata.get("format");
  const expected = 'format "layerwise" (for another program\'s file, say its layerDims)';
  const got = format === undefined ? "none" : describe(format.text);
  return new FormatError(
    "metadata",
    format?.byteOffset ?? LENGTH_BYTES,
    "__metadata__.format",
    expected,
    got,
  );
}
