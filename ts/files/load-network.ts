import type { NetworkOptions } from "../config.js";
import { ConfigError } from "../errors.js";
import { Network } from "../network.js";
import { checkCallback, readOptions } from "../validation.js";
import { type Instance, sharedInstance } from "../wasm/kernels.js";
import { checkThreads, startEngine, type Threads } from "../wasm/runtime.js";
import { decodeOurs, isOurs } from "./decode.js";
import { differenceFrom, givenNetworkOptions } from "./given-options.js";
import type { Model } from "./model-file.js";
import { warn } from "./newest.js";
import { parseSafetensors } from "./safetensors.js";
import { readSequential, unknownFile } from "./sequential.js";
import { type ModelSource, openSource, readSource, type SourceOptions } from "./source.js";

/**
 * What {@link loadNetwork} takes. A file of Layerwise holds its configuration: options that are given must
 * be the same. For another program's file, layerDims must be given, and the activations unless they are
 * the defaults.
 */
export interface LoadOptions extends Partial<NetworkOptions>, SourceOptions {
  /** As in {@link CreateOptions}. Default `"auto"`. */
  readonly threads?: Threads;
}

/**
 * The network in a file: one that {@link Network.save} or a checkpoint wrote, or the linear layers of a
 * PyTorch nn.Sequential in safetensors.
 * Rejects with FormatError for a file that breaks a rule of the format, StorageError for one that can't
 * be read, ConfigError for options, DataError for bytes whose buffer was transferred, and as
 * {@link createNetwork} does. Bytes are copied before it returns its promise, and may change from then on.
 */
export async function loadNetwork(source: ModelSource, options: LoadOptions = {}): Promise<Network> {
  const { threads: asked, ...rest } = readOptions("loadNetwork", "options", options);
  const { onRecovery } = rest;
  checkCallback("onRecovery", onRecovery);
  const given = givenNetworkOptions(rest);
  const threads = checkThreads(asked);
  const opened = openSource(source, rest);
  const instance = await sharedInstance();
  const { decoded, recovery } = await readSource(opened, (bytes) => decode(instance, bytes, given));
  const network = new Network(
    await startEngine(threads, decoded.config.layerDims),
    decoded.config,
    decoded.seeds,
    decoded,
  );
  if (recovery !== undefined) (onRecovery ?? warn)(recovery);
  return network;
}

/** The model in these bytes, none of it made yet. */
export function decode(instance: Instance, bytes: Uint8Array, given: Partial<NetworkOptions>): Model {
  const file = parseSafetensors(bytes);
  if (isOurs(file)) {
    const model = decodeOurs(instance, file);
    const difference = differenceFrom(model.config, given);
    if (difference === undefined) return model;
    throw new ConfigError(difference.field, difference.expected, difference.got);
  }
  const { layerDims } = given;
  if (layerDims === undefined) throw unknownFile(file);
  return readSequential(file, { ...given, layerDims });
}
