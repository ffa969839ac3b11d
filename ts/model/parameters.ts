import { elementError, Matrix, matrixOf } from "../data/matrix.js";
import { checkPresent, type Numbers, toFloats } from "../data/numbers.js";
import type { Floats, Span } from "../engine/memory.js";
import { describe, layerText, ShapeError } from "../errors/errors.js";
import type { DenseLayer } from "./dense.js";
import type { Layers } from "./layers.js";
import type { NormLayer } from "./norm.js";

/** The parameters (or gradients) of one dense layer. */
export interface LayerParameters {
  /** W_l: n_l × n_{l−1}. */
  readonly weights: Matrix;
  /** b_l: n_l numbers. */
  readonly biases: Floats;
}

/** The same of a dense layer without biases. */
export interface UnbiasedLayerParameters {
  readonly weights: Matrix;
  readonly biases?: undefined;
}

/** The parameters (or gradients) of one batchNorm or layerNorm: a number for each unit. */
export interface NormParameters {
  readonly scale: Floats;
  readonly shift: Floats;
  /** Of a batchNorm, which predictions normalise by; among gradients there are none. */
  readonly runningMean?: Floats;
  readonly runningVariance?: Floats;
}

/** The parameters of a layer that has any. */
export type AnyLayerParameters = LayerParameters | UnbiasedLayerParameters | NormParameters;

/** What {@link Network.setParameters} takes: {@link LayerParameters}, arrays of rows and of numbers allowed too. */
export interface LayerParametersInput {
  readonly weights: Matrix | readonly Numbers[];
  readonly biases: Numbers;
}

/** The same of {@link UnbiasedLayerParameters}. */
export interface UnbiasedLayerParametersInput {
  readonly weights: Matrix | readonly Numbers[];
  readonly biases?: undefined;
}

/** The same of {@link NormParameters}. */
export interface NormParametersInput {
  readonly scale: Numbers;
  readonly shift: Numbers;
  readonly runningMean?: Numbers;
  readonly runningVariance?: Numbers;
}

/** The same of a layer that has any. */
export type AnyLayerParametersInput =
  | LayerParametersInput
  | UnbiasedLayerParametersInput
  | NormParametersInput;

/** Copies of the parameters out of their block, or of their gradients, with which no running statistics go. */
export function readParameters(layers: Layers, block: Span): AnyLayerParameters[] {
  return layers.parameterized.map((node) => readLayer(layers, node, block));
}

/** The same of one layer. */
export function readLayer(layers: Layers, node: DenseLayer | NormLayer, block: Span): AnyLayerParameters {
  const { outputs, inputs, at } = node;
  if (node.kind === "dense") {
    const weights = new Matrix(layers.weightsByRows(node, block), outputs, inputs);
    return node.bias ? { weights, biases: block.part(node.biasesAt, outputs).read() } : { weights };
  }
  const own = { scale: block.part(at, outputs).read(), shift: block.part(at + outputs, outputs).read() };
  if (node.running === undefined || block !== layers.parameters) return own;
  const { mean, variance } = node.running;
  return { ...own, runningMean: mean.read(), runningVariance: variance.read() };
}

/** Blocks of a network's layout. */
export interface FlatParameters {
  /** Each W row-major. */
  readonly parameters: Floats;
  readonly statistics: Floats;
}

/** The flat blocks that these parameters make. Raises ShapeError or DataError. */
export function flattenParameters(layers: Layers, parameters: unknown): FlatParameters {
  const count = layers.parameterized.length;
  if (!Array.isArray(parameters) || parameters.length !== count) {
    const got = Array.isArray(parameters) ? `${parameters.length}` : describe(parameters);
    throw new ShapeError("parameters", `an array of ${count} layers`, got);
  }
  const flat = {
    parameters: layers.newNumbers(layers.parameterCount),
    statistics: layers.newNumbers(layers.architecture.statisticsCount),
  };
  layers.parameterized.forEach((node, i) => {
    flattenLayer(flat, node, `parameters[${i}]`, parameters[i]);
  });
  return flat;
}

/** The flat blocks of one layer alone. Raises ShapeError or DataError. */
export function flattenOne(layers: Layers, node: DenseLayer | NormLayer, given: unknown): FlatParameters {
  const statistics = node.kind === "batchNorm" ? 2 * node.outputs : 0;
  const flat = {
    parameters: layers.newNumbers(node.parameterCount),
    statistics: layers.newNumbers(statistics),
  };
  const own =
    node.kind === "dense"
      ? { ...node, weightsAt: 0, biasesAt: node.biasesAt - node.weightsAt }
      : { ...node, at: 0, statisticsAt: 0 };
  flattenLayer(flat, own, "parameters", given);
  return flat;
}

function flattenLayer(
  flat: FlatParameters,
  node: DenseLayer | NormLayer,
  path: string,
  given: unknown,
): void {
  if (node.kind === "dense") flattenDense(flat.parameters, node, path, given);
  else flattenNorm(flat, node, path, given);
}

function flattenDense(flat: Floats, node: DenseLayer, path: string, layer: unknown): void {
  const { bias, outputs, inputs, weightsAt, biasesAt } = node;
  const keys = bias ? ["weights", "biases"] : ["weights"];
  if (typeof layer !== "object" || layer === null || keys.some((key) => !(key in layer))) {
    throw new ShapeError(path, `${keys.join(" and ")} of ${layerText(node)}`, describe(layer));
  }
  const given: Readonly<Record<string, unknown>> = layer as Readonly<Record<string, unknown>>;
  const { weights: givenWeights, biases: givenBiases } = given;
  if (!bias && givenBiases !== undefined) {
    throw new ShapeError(`${path}.biases`, `none: ${layerText(node)} has bias: false`, describe(givenBiases));
  }
  const weights = matrixOf(`${path}.weights`, givenWeights);
  if (weights.rows !== outputs || weights.cols !== inputs) {
    throw new ShapeError(`${path}.weights`, `${outputs}×${inputs}`, `${weights.rows}×${weights.cols}`);
  }
  const biases = bias ? numbersOf(`${path}.biases`, givenBiases, outputs) : [];
  checkPresent(`${path}.weights`, weights.data, outputs * inputs); // A getter among the biases could transfer it.
  flat.set(weights.data, weightsAt);
  flat.set(biases, biasesAt);
  checkFinite(`${path}.weights`, givenWeights, flat.subarray(weightsAt, biasesAt), inputs);
  checkFinite(`${path}.biases`, givenBiases, flat.subarray(biasesAt, biasesAt + biases.length), 1);
}

function flattenNorm(flat: FlatParameters, node: NormLayer, path: string, layer: unknown): void {
  const { kind, outputs, at, statisticsAt } = node;
  const keys = kind === "batchNorm" ? NORM_KEYS : NORM_KEYS.slice(0, 2);
  if (typeof layer !== "object" || layer === null || keys.some((key) => !(key in layer))) {
    throw new ShapeError(path, `${keys.join(", ")} of ${layerText(node)}`, describe(layer));
  }
  const given: Readonly<Record<string, unknown>> = { ...layer };
  keys.forEach((key, i) => {
    const into = i < 2 ? flat.parameters : flat.statistics;
    const start = (i < 2 ? at : statisticsAt) + (i % 2) * outputs;
    into.set(numbersOf(`${path}.${key}`, given[key], outputs), start);
    const set = into.subarray(start, start + outputs);
    checkFinite(`${path}.${key}`, given[key], set, 1);
    const negative = key === "runningVariance" ? set.findIndex((value) => value < 0) : -1;
    if (negative >= 0)
      throw elementError(`${path}.${key}`, given[key], negative, 1, "numbers >= 0", `${set[negative]}`);
  });
}

const NORM_KEYS = ["scale", "shift", "runningMean", "runningVariance"] as const;

function numbersOf(path: string, given: unknown, length: number): Floats {
  const numbers = toFloats(path, given);
  if (numbers.length === length) return numbers;
  throw new ShapeError(path, `${length} numbers`, `${numbers.length}`);
}

function checkFinite(path: string, given: unknown, values: Floats, cols: number): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw elementError(path, given, at, cols, "finite numbers of the network's dtype", `${values[at]}`);
}
