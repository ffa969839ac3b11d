import type { ScalingLayer } from "../catalog/layers.js";
import type { Dtype } from "../config/dtype.js";

/** The numbers of a scaling layer, one after the other, as a kernel reads them. */
export function scalingNumbers(layer: ScalingLayer | undefined, dtype: Dtype): Float64Array {
  if (layer === undefined) return new Float64Array(0);
  if (layer.method !== "quantileNormal") return Float64Array.from([...layer.center, ...layer.scale]);
  const numbers = Float64Array.from(layer.quantiles.flat());
  // x has been rounded to float32: so must be what it is compared with, or equal numbers would differ.
  return dtype === "float32" ? Float64Array.from(Float32Array.from(numbers)) : numbers;
}
