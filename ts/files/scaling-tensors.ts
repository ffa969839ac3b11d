import type { Layer, ScalingLayer } from "../catalog/layers.js";
import type { NetworkConfig } from "../config/network-config.js";
import { describe, FormatError } from "../errors/errors.js";
import { checkFinite } from "./floats.js";
import { LENGTH_BYTES } from "./limits.js";
import { float64s, type NewTensor, type Safetensors } from "./safetensors.js";

/**
 * The numbers of a scaling layer are tensors of their own, in float64 whatever the network's dtype, and the layer's JSON in
 * `__metadata__` is without them: a header has room for few.
 */

/** The tensors of a configuration: none where it doesn't scale. */
export function scalingTensors(config: NetworkConfig): NewTensor[] {
  const layer = scalingOf(config);
  if (layer === undefined) return [];
  if (layer.method === "quantileNormal") {
    const { quantiles } = layer;
    return [tensor("quantiles", [quantiles.length, quantiles[0]?.length ?? 0], () => quantiles.flat())];
  }
  const { center, scale } = layer;
  return [tensor("center", [center.length], () => center), tensor("scale", [scale.length], () => scale)];
}

function scalingOf(config: NetworkConfig): ScalingLayer | undefined {
  const first = "layers" in config ? config.layers[0] : undefined;
  return first?.type === "scaling" ? first : undefined;
}

function tensor(key: string, shape: readonly number[], numbers: () => readonly number[]): NewTensor {
  return { name: nameOf(key), dtype: "F64", shape, data: () => Float64Array.from(numbers()) };
}

function nameOf(key: string): string {
  return `scaling.${key}`;
}

/** The layers as they stand in `__metadata__`. */
export function withoutNumbers(layers: readonly Layer[]): readonly object[] {
  return layers.map((layer) => {
    if (layer.type !== "scaling") return layer;
    const { type, method, softClip } = layer;
    return { type, method, ...(softClip === undefined ? {} : { softClip }) };
  });
}

/** Layers of `__metadata__`, whatever they are, with the numbers of the file. Raises FormatError. */
export function withNumbers(layers: unknown, file: Safetensors): unknown {
  const first: unknown = Array.isArray(layers) ? layers[0] : undefined;
  if (!Array.isArray(layers) || typeof first !== "object" || first === null) return layers;
  if (Reflect.get(first, "type") !== "scaling") return layers;
  const numbers =
    Reflect.get(first, "method") === "quantileNormal"
      ? { quantiles: rowsOf(readTensor(file, "quantiles", 2)) }
      : { center: readTensor(file, "center", 1).numbers, scale: readTensor(file, "scale", 1).numbers };
  return [{ ...first, ...numbers }, ...layers.slice(1)];
}

interface Read {
  readonly numbers: Float64Array;
  readonly shape: readonly number[];
}

function readTensor(file: Safetensors, key: string, dimensions: number): Read {
  const found = file.tensors.get(nameOf(key));
  const place = describe(nameOf(key));
  const expected = `F64 of ${dimensions === 1 ? "one dimension" : `${dimensions} dimensions`}`;
  if (found === undefined)
    throw new FormatError("tensorSet", LENGTH_BYTES, place, expected, "no such tensor");
  const { dtype, shape, byteOffset } = found;
  if (dtype !== "F64" || shape.length !== dimensions) {
    throw new FormatError("tensorSet", byteOffset, place, expected, `${dtype} [${shape}]`);
  }
  checkFinite(file, found);
  return { numbers: float64s(file, found), shape };
}

/** None where they have no numbers: a shape may say that there are any number of such. */
function rowsOf({ numbers, shape: [rows = 0, width = 0] }: Read): Float64Array[] {
  const count = width === 0 ? 0 : rows;
  return Array.from({ length: count }, (_, j) => numbers.subarray(j * width, (j + 1) * width));
}
