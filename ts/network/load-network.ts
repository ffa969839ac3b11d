import type { LayerInput } from "../catalog/layers.js";
import type { AnyOptions } from "../config/config.js";
import { checkMetadata, type Metadata } from "../config/metadata.js";
import type { LayersOptions, NetworkOptions } from "../config/network-config.js";
import { checkCallback, readOptions } from "../config/validation.js";
import type { Engine } from "../engine/engine.js";
import { checkCompute, sharedEngine } from "../engine/start.js";
import { withRoom } from "../engine/with-room.js";
import { ConfigError, describe } from "../errors/errors.js";
import { decodeOurs, dtypeIn, isOurs } from "../files/decode.js";
import { FOREIGN_OPTIONS, type ForeignOptions, resolveForeignOptions } from "../files/foreign-options.js";
import { differenceFrom, givenNetworkOptions, withGivenLoss } from "../files/given-options.js";
import { looksLikeOurs, type Model } from "../files/model-file.js";
import { readModules } from "../files/modules.js";
import { warnOfRecovery } from "../files/newest.js";
import { parseSafetensors, type Safetensors } from "../files/safetensors.js";
import { type ForeignModel, readSequential, unknownFile } from "../files/sequential.js";
import { type ModelSource, openSource, readSource, type SourceOptions } from "../files/source.js";
import { warn } from "../platform/warning.js";
import type { ClassScores, NumberScores } from "../training/scores.js";
import { makeNetwork } from "./create-network.js";
import type { ComputeOptions } from "./create-options.js";
import type { AnyForm, WidthsForm } from "./forms.js";
import type { Network } from "./network.js";

/**
 * What {@link loadNetwork} takes. A file of Layerwise holds its configuration: options that are given must
 * be the same. Another program's file doesn't hold its activations: outputActivation must be given, and
 * hiddenActivation where there are hidden layers; layerDims and dtype follow from its tensors.
 */
export interface LoadOptions
  extends Partial<NetworkOptions>,
    Partial<Omit<LayersOptions, "layers">>,
    Omit<ForeignOptions, "layers">,
    SourceOptions,
    ComputeOptions {
  /** The network's layers, as {@link LayersOptions} have them; or names of another program's: {@link ForeignOptions}. */
  readonly layers?: readonly LayerInput[] | readonly string[];
  /** The network's texts, in place of those in the file. See {@link CreateOptions}. */
  readonly metadata?: Metadata;
  /** Called with the names of the tensors that `ignore` let out. Default: a warning on the console. */
  readonly onIgnored?: (names: readonly string[]) => void;
}

/**
 * The network in a file, `loadNetwork<NumberScores>(…)` where it answers by numbers: one that {@link Network.save} or a checkpoint wrote, or the linear layers of another
 * program's model in safetensors, with F32, F64, F16 or BF16 numbers.
 * Rejects with FormatError for a file that breaks a rule of the format, StorageError for one that can't
 * be read, ConfigError for options, DataError for bytes whose buffer was transferred, and as
 * {@link createNetwork} does. Bytes are copied before it returns its promise, and may change from then on.
 */
export async function loadNetwork<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
>(source: ModelSource, options: LoadOptions = {}): Promise<Network<Scores, Form>> {
  const {
    engine,
    threads,
    math,
    metadata: texts,
    onIgnored,
    ...rest
  } = readOptions("loadNetwork", "options", options);
  const { onRecovery } = rest;
  checkCallback("onRecovery", onRecovery);
  checkCallback("onIgnored", onIgnored);
  const { layers, ignore, ...others } = rest;
  const names = isNames(layers) ? layers : undefined;
  const given = givenNetworkOptions(names === undefined ? { ...others, layers } : others);
  const foreign = resolveForeignOptions({
    ...(names === undefined ? {} : { layers: names }),
    ...(ignore === undefined ? {} : { ignore }),
  });
  const metadata = texts === undefined ? undefined : checkMetadata(texts);
  const compute = checkCompute({ engine, threads, math });
  const opened = openSource(source, rest);
  const { decoded, recovery } = await withRoom(() =>
    readSource(opened, async (bytes) => {
      const file = parseSafetensors(bytes);
      return decode(await sharedEngine(dtypeIn(file), compute.math), file, given, foreign);
    }),
  );
  if ("ignored" in decoded && decoded.ignored.length > 0) (onIgnored ?? warnIgnored)(decoded.ignored);
  const network = await makeNetwork<Scores, Form>(compute, decoded.config, decoded.seeds, decoded, metadata);
  if (recovery !== undefined) (onRecovery ?? warnOfRecovery)(recovery);
  return network;
}

/** The model in this file, none of it made yet. */
export function decode(
  engine: Engine,
  file: Safetensors,
  given: AnyOptions,
  foreign: ForeignOptions = {},
): Model | ForeignModel {
  if (!isOurs(file)) {
    if (looksLikeOurs(file)) throw unknownFile(file);
    return given.inputs === undefined && given.layers === undefined
      ? readSequential(file, given, foreign)
      : readModules(file, given, foreign);
  }
  for (const name of FOREIGN_OPTIONS) {
    if (foreign[name] === undefined) continue;
    throw new ConfigError(
      name,
      "none: a file of Layerwise has its own layers alone",
      describe(foreign[name]),
    );
  }
  const model = decodeOurs(engine, file);
  const difference = differenceFrom(model.config, given);
  if (difference === undefined) return withGivenLoss(model, given);
  throw new ConfigError(difference.field, difference.expected, difference.got);
}

/** Names of layers, in place of layers: anything that isn't the latter, so that its own check sees it. */
function isNames(layers: unknown): layers is readonly string[] {
  if (layers === undefined) return false;
  return !Array.isArray(layers) || layers.length === 0 || typeof layers[0] !== "object";
}

function warnIgnored(names: readonly string[]): void {
  const shown = names.slice(0, 8).map((name) => describe(name));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  warn(`ignored these tensors of the file, as told: ${shown.join(", ")}${more}`);
}
