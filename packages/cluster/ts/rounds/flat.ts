import { type AnyLayerParameters, type AnyLayerParametersInput, Matrix } from "layerwise";

/** A network's numbers, one behind the other in float64: what is trained, and running statistics. */
export interface Flat {
  readonly parameters: Float64Array;
  readonly statistics: Float64Array;
}

export function flatOf(layers: readonly AnyLayerParameters[]): Flat {
  const parameters = layers.flatMap((layer) =>
    "scale" in layer
      ? [layer.scale, layer.shift]
      : [layer.weights.data, ...(layer.biases === undefined ? [] : [layer.biases])],
  );
  const statistics = layers.flatMap((layer) =>
    "scale" in layer && layer.runningMean !== undefined && layer.runningVariance !== undefined
      ? [layer.runningMean, layer.runningVariance]
      : [],
  );
  return { parameters: joined(parameters), statistics: joined(statistics) };
}

function joined(parts: readonly (Float32Array | Float64Array)[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** These numbers as layers of the forms that `like` has. */
export function layersOf(
  { parameters, statistics }: Flat,
  like: readonly AnyLayerParameters[],
): AnyLayerParametersInput[] {
  const taker = (all: Float64Array) => {
    let at = 0;
    return (length: number) => {
      at += length;
      return all.subarray(at - length, at);
    };
  };
  const [next, nextStatistic] = [taker(parameters), taker(statistics)];
  return like.map((layer): AnyLayerParametersInput => {
    if ("scale" in layer) {
      const own = { scale: next(layer.scale.length), shift: next(layer.shift.length) };
      if (layer.runningMean === undefined) return own;
      const { length } = layer.runningMean;
      return { ...own, runningMean: nextStatistic(length), runningVariance: nextStatistic(length) };
    }
    const { rows, cols, data } = layer.weights;
    const weights = new Matrix(next(data.length), rows, cols);
    return layer.biases === undefined ? { weights } : { weights, biases: next(layer.biases.length) };
  });
}
