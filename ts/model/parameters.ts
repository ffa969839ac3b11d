import { elementError, Matrix, matrixOf } from "../data/matrix.js";
import { checkPresent, type Numbers, toFloats } from "../data/numbers.js";
import type { Floats, Span } from "../engine/memory.js";
import { describe, ShapeError } from "../errors/errors.js";
import type { Layers } from "./layers.js";

/** The parameters (or gradients) of one layer. */
export interface LayerParameters {
  /** W_l: n_l × n_{l−1}. */
  readonly weights: Matrix;
  /** b_l: n_l numbers. */
  readonly biases: Float32Array | Float64Array;
}

/** What {@link Network.setParameters} takes: {@link LayerParameters}, arrays of rows and of numbers allowed too. */
export interface LayerParametersInput {
  readonly weights: Matrix | readonly Numbers[];
  readonly biases: Numbers;
}

/** Copies of W_l and b_l, or of their gradients, out of a flat block. */
export function readParameters(layers: Layers, block: Span): LayerParameters[] {
  const flat = layers.readByRows(block);
  return layers.dense.map(({ outputs, inputs, weightsAt, biasesAt }) => ({
    weights: new Matrix(flat.slice(weightsAt, biasesAt), outputs, inputs),
    biases: flat.slice(biasesAt, biasesAt + outputs),
  }));
}

/** The flat block that these parameters make, each W row-major. Raises ShapeError or DataError. */
export function flattenParameters(layers: Layers, parameters: unknown): Floats {
  const count = layers.dense.length;
  if (!Array.isArray(parameters) || parameters.length !== count) {
    const got = Array.isArray(parameters) ? `${parameters.length}` : describe(parameters);
    throw new ShapeError("parameters", `an array of ${count} layers`, got);
  }
  const flat = layers.newNumbers(layers.parameterCount);
  layers.dense.forEach(({ index, outputs, inputs, weightsAt, biasesAt }, i) => {
    const path = `parameters[${i}]`;
    const layer: unknown = parameters[i];
    if (typeof layer !== "object" || layer === null || !("weights" in layer) || !("biases" in layer)) {
      throw new ShapeError(path, `weights and biases of layer ${index}`, describe(layer));
    }
    const { weights: givenWeights, biases: givenBiases } = layer;
    const weights = matrixOf(`${path}.weights`, givenWeights);
    if (weights.rows !== outputs || weights.cols !== inputs) {
      throw new ShapeError(`${path}.weights`, `${outputs}×${inputs}`, `${weights.rows}×${weights.cols}`);
    }
    const biases = toFloats(`${path}.biases`, givenBiases);
    if (biases.length !== outputs) {
      throw new ShapeError(`${path}.biases`, `${outputs} numbers`, `${biases.length}`);
    }
    checkPresent(`${path}.weights`, weights.data, outputs * inputs); // A getter among the biases could transfer it.
    flat.set(weights.data, weightsAt);
    flat.set(biases, biasesAt);
    checkFinite(`${path}.weights`, givenWeights, flat.subarray(weightsAt, biasesAt), inputs);
    checkFinite(`${path}.biases`, givenBiases, flat.subarray(biasesAt, biasesAt + outputs), 1);
  });
  return flat;
}

function checkFinite(path: string, given: unknown, values: Floats, cols: number): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw elementError(path, given, at, cols, "finite numbers of the network's dtype", `${values[at]}`);
}
