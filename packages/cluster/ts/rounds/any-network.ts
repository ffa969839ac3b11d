import { type ClassScores, type LayersForm, loadNetwork, type Network, type NumberScores } from "layerwise";

/** Any network of the core, however it was made. */
export type AnyNetwork = Network<ClassScores | NumberScores, LayersForm>;

/** The network of a model file or a checkpoint. One thread: it only holds numbers. */
export function openNetwork(bytes: Uint8Array): Promise<AnyNetwork> {
  return loadNetwork(bytes, { threads: 1 });
}
