import {
  type ClassScores,
  type CreateLayersOptions,
  type CreateOptions,
  createNetwork,
  type LayersForm,
  loadNetwork,
  type Network,
  type NumberScores,
} from "layerwise";

/** A network of the core, however it was made. */
export type AnyNetwork = Network<ClassScores | NumberScores, LayersForm>;

/** The network of a model file or a checkpoint. One thread: it only holds numbers. */
export function openNetwork(bytes: Uint8Array): Promise<AnyNetwork> {
  return loadNetwork<ClassScores | NumberScores, LayersForm>(bytes, { threads: 1 });
}

/** A new network, of either form of its configuration. */
export async function makeNetwork(options: CreateOptions | CreateLayersOptions): Promise<AnyNetwork> {
  return (await createNetwork(options as CreateLayersOptions)) as AnyNetwork;
}
