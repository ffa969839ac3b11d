import type { NetworkOptions } from "../config.js";
import { ConfigError, describe } from "../errors.js";
import { checkMetadata, type Metadata } from "../metadata.js";
import { makeNetwork, type Network } from "../network.js";
import { withRoom } from "../room.js";
import { checkCallback, readOptions } from "../validation.js";
import { warn } from "../warning.js";
import { type Instance, sharedInstance } from "../wasm/kernels.js";
import { checkThreads, type Threads } from "../wasm/runtime.js";
import { decodeOurs, isOurs } from "./decode.js";
import { FOREIGN_OPTIONS, type ForeignOptions, resolveForeignOptions } from "./foreign-options.js";
import { differenceFrom, givenNetworkOptions } from "./given-options.js";
import { looksLikeOurs, type Model } from "./model-file.js";
import { warnOfRecovery } from "./newest.js";
import { parseSafetensors } from "./safetensors.js";
import { type ForeignModel, readSequential, unknownFile } from "./sequential.js";
import { type ModelSource, openSource, readSource, type SourceOptions } from "./source.js";

/**
 * What {@link loadNetwork} takes. A file of Layerwise holds its configuration: options that are given must
 * be the same. Another program's file doesn't hold its activations: outputActivation must be given, and
 * hiddenActivation where there are hidden layers; layerDims and dtype follow from its tensors.
 */
export interface LoadOptions extends Partial<NetworkOptions>, ForeignOptions, SourceOptions {
  /** The network's texts, in place of those in the file. See {@link CreateOptions}. */
  readonly metadata?: Metadata;
  /** Called with the names of the tensors that `ignore` let out. Default: a warning on the console. */
  readonly onIgnored?: (names: readonly string[]) => void;
  /** As in {@link CreateOptions}. Default `"auto"`. */
  readonly threads?: Threads;
}

/**
 * The network in a file: one that {@link Network.save} or a checkpoint wrote, or the linear layers of another
 * program's model in safetensors, with F32, F64, F16 or BF16 numbers.
 * Rejects with FormatError for a file that breaks a rule of the format, StorageError for one that can't
 * be read, ConfigError for options, DataError for bytes whose buffer was transferred, and as
 * {@link createNetwork} does. Bytes are copied before it returns its promise, and may change from then on.
 */
export async function loadNetwork(source: ModelSource, options: LoadOptions = {}): Promise<Network> {
  const {
    threads: asked,
    metadata: texts,
    onIgnored,
    ...rest
  } = readOptions("loadNetwork", "options", options);
  const { onRecovery } = rest;
  checkCallback("onRecovery", onRecovery);
  checkCallback("onIgnored", onIgnored);
  const given = givenNetworkOptions(rest);
  const foreign = resolveForeignOptions(rest);
  const metadata = texts === undefined ? undefined : checkMetadata(texts);
  const threads = checkThreads(asked);
  const opened = openSource(source, rest);
  const { decoded, recovery } = await withRoom(async () => {
    const instance = await sharedInstance();
    return readSource(opened, (bytes) => decode(instance, bytes, given, foreign));
  });
  if ("ignored" in decoded && decoded.ignored.length > 0) (onIgnored ?? warnIgnored)(decoded.ignored);
  const network = await makeNetwork(threads, decoded.config, decoded.seeds, decoded, metadata);
  if (recovery !== undefined) (onRecovery ?? warnOfRecovery)(recovery);
  return network;
}

/** The model in these bytes, none of it made yet. */
export function decode(
  instance: Instance,
  bytes: Uint8Array,
  given: Partial<NetworkOptions>,
  foreign: ForeignOptions = {},
): Model | ForeignModel {
  const file = parseSafetensors(bytes);
  if (!isOurs(file)) {
    if (looksLikeOurs(file)) throw unknownFile(file);
    return readSequential(file, given, foreign);
  }
  for (const name of FOREIGN_OPTIONS) {
    if (foreign[name] === undefined) continue;
    throw new ConfigError(
      name,
      "none: a file of Layerwise has its own layers alone",
      describe(foreign[name]),
    );
  }
  const model = decodeOurs(instance, file);
  const difference = differenceFrom(model.config, given);
  if (difference === undefined) return model;
  throw new ConfigError(difference.field, difference.expected, difference.got);
}

function warnIgnored(names: readonly string[]): void {
  const shown = names.slice(0, 8).map((name) => describe(name));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  warn(`ignored these tensors of the file, as told: ${shown.join(", ")}${more}`);
}
