import type { BatchNormLayer, DenseLayer, Layer, LayerNormLayer } from "../catalog/layers.js";
import { resolveLayers } from "./layers.js";
import type { LayersConfig, NetworkConfig, WidthsConfig } from "./network-config.js";

/** The same configuration, in which of the layers numbered `first` to `last`, 1 being the first, those with parameters are trained or not. */
export function withTrainable(
  config: NetworkConfig,
  first: number,
  last: number,
  trainable: boolean,
): NetworkConfig {
  const isMeant = (layer: number) => layer >= first && layer <= last;
  return "layers" in config ? layersWith(config, isMeant, trainable) : widthsWith(config, isMeant, trainable);
}

type Meant = (layer: number) => boolean;

function layersWith(config: LayersConfig, isMeant: Meant, trainable: boolean): LayersConfig {
  let count = 0;
  const change = (layer: Layer): Layer => {
    const number = ++count;
    if (layer.type === "residual") return { ...layer, layers: layer.layers.map(change) };
    if (!hasParameters(layer) || !isMeant(number)) return layer;
    return { ...layer, trainable };
  };
  return Object.freeze({ ...config, layers: resolveLayers("layers", config.layers.map(change)) });
}

function hasParameters(layer: Layer): layer is DenseLayer | BatchNormLayer | LayerNormLayer {
  return layer.type === "dense" || layer.type === "batchNorm" || layer.type === "layerNorm";
}

function widthsWith(config: WidthsConfig, isMeant: Meant, trainable: boolean): WidthsConfig {
  const { trainable: before, ...rest } = config;
  const all = config.layerDims.slice(1).map((_, i) => (isMeant(i + 1) ? trainable : (before?.[i] ?? true)));
  return Object.freeze(all.every(Boolean) ? rest : { ...rest, trainable: Object.freeze(all) });
}

/** How many layers there are in one, itself included: they are numbered one after the other. */
export function countLayers(layer: Layer): number {
  if (layer.type !== "residual") return 1;
  return layer.layers.reduce((sum, inner) => sum + countLayers(inner), 1);
}
