import type { Layer } from "../catalog/layers.js";
import { dense } from "./layers.js";
import type { NetworkConfig } from "./network-config.js";

/** The layers of either form of a configuration, as data. */
export function layersOf(config: NetworkConfig): readonly Layer[] {
  if ("layers" in config) return config.layers;
  const { layerDims, hiddenActivation, outputActivation, initialization, trainable = [] } = config;
  return layerDims.slice(1).map((units, i) => {
    const activation = i < layerDims.length - 2 ? hiddenActivation : outputActivation;
    return dense(units, { activation, initialization, trainable: trainable[i] ?? true });
  });
}

/** The numbers of an example. */
export function inputsOf(config: NetworkConfig): number {
  return "layers" in config ? config.inputs : (config.layerDims[0] ?? 0);
}
