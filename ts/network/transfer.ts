import type { Layer, LayerInput } from "../catalog/layers.js";
import { resolveConfig } from "../config/config.js";
import { inputsOf, layersOf } from "../config/layer-list.js";
import { resolveLayers } from "../config/layers.js";
import { checkMetadata } from "../config/metadata.js";
import type { LayersOptions, NetworkConfig } from "../config/network-config.js";
import { oneSeed } from "../config/seeds.js";
import { countLayers, withTrainable } from "../config/trainable.js";
import { checkBoolean, checkInteger, readOptions } from "../config/validation.js";
import { checkCompute } from "../engine/start.js";
import { ConfigError, describe } from "../errors/errors.js";
import type { ClassScores, NumberScores } from "../training/scores.js";
import { makeNetwork } from "./create-network.js";
import type { NewNetworkOptions } from "./create-options.js";
import type { LayersForm } from "./forms.js";
import { type AnyNetwork, Network } from "./network.js";

/** What {@link transfer} takes: which layers are kept, and what is new, as {@link LayersOptions} and createNetwork have it. */
export interface TransferOptions extends Pick<LayersOptions, "loss" | "seed">, NewNetworkOptions {
  /** The first layers, how many of `network.layers`, or up to the one of this name, itself included. */
  readonly keep: number | string;
  /** The layers behind them; may be none, to see what the kept ones make. */
  readonly layers: readonly LayerInput[];
  /** Whether the layers that are kept are trained. Default: as they were. */
  readonly trainable?: boolean;
}

/**
 * A network whose first layers are a trained one's, with copies of their parameters, and the others new, their first
 * weights by `seed` (default: the network's). It has the network's dtype, and no steps behind it. Dropout that `keepProb`
 * gave is none of the layers. Rejects with ConfigError, StateError for a network that was disposed of, and as createNetwork
 * does; where it answers by numbers it is `transfer<NumberScores>(…)`.
 */
export function transfer<Scores extends ClassScores | NumberScores = ClassScores>(
  network: AnyNetwork,
  options: TransferOptions,
): Promise<Network<Scores, LayersForm>>;
/** The same of a network in a worker, which makes one in another worker. */
export function transfer<Made>(network: Transferable<Made>, options: TransferOptions): Promise<Made>;
export async function transfer(
  network: AnyNetwork | Transferable<unknown>,
  options: TransferOptions,
): Promise<unknown> {
  if (isTransferable(network)) return network.transfer(options);
  if (!Network.is(network)) {
    throw new ConfigError("network", "a network, such as createNetwork makes", describe(network));
  }
  const given = readOptions("transfer", "options", options);
  const { config } = network;
  const old = layersOf(config);
  const kept = old.slice(0, keptOf(old, given.keep));
  const numbers = kept.reduce((sum, layer) => sum + countLayers(layer), 0);
  const metadata = checkMetadata(given.metadata);
  const compute = checkCompute(given);
  const next = configOf(config, kept, numbers, given);
  network.parameters(); // It raises where they can't be read.
  const made = await makeNetwork(compute, next, oneSeed(next.seed), undefined, metadata);
  try {
    network.parameters();
    made.trainee.layers.copyFirst(network.trainee.layers, numbers);
    return made;
  } catch (error) {
    made.dispose();
    throw error;
  }
}

/** A network that does it by itself. */
interface Transferable<Made> {
  transfer(options: TransferOptions): Promise<Made>;
}

function isTransferable(network: unknown): network is Transferable<unknown> {
  return typeof network === "object" && network !== null && "transfer" in network;
}

/** How many layers are kept. */
function keptOf(layers: readonly Layer[], keep: unknown): number {
  if (typeof keep !== "string") return checkInteger("keep", keep, 1, layers.length);
  const at = layers.findIndex(({ name }) => name === keep);
  if (at >= 0) return at + 1;
  const names = layers.flatMap(({ name }) => (name === undefined ? [] : [describe(name)]));
  const expected = names.length === 0 ? "the number of layers, since none has a name" : names.join(" or ");
  throw new ConfigError("keep", expected, describe(keep));
}

function configOf(
  config: NetworkConfig,
  kept: readonly Layer[],
  numbers: number,
  given: { readonly [Name in keyof TransferOptions]?: TransferOptions[Name] },
): NetworkConfig {
  const { layers, loss, seed = config.seed, trainable } = given;
  const isCut = Array.isArray(layers) && layers.length === 0;
  const added = isCut ? [] : resolveLayers("layers", layers);
  const next = resolveConfig({
    inputs: inputsOf(config),
    layers: [...kept, ...added],
    ...(loss !== undefined && { loss }),
    seed,
    dtype: config.dtype,
  });
  return trainable === undefined
    ? next
    : withTrainable(next, 1, numbers, checkBoolean("trainable", trainable));
}
