import { ACTIVATIONS, type Activation } from "../catalog/activations.js";
import { INITIALIZATIONS, type Initialization } from "../catalog/initializations.js";
import {
  type ActivationLayer,
  type BatchNormLayer,
  type DenseLayer,
  type DropoutLayer,
  LAYER_TYPES,
  type Layer,
  type LayerInput,
  type LayerNormLayer,
  type ResidualLayer,
  type ScalingLayer,
} from "../catalog/layers.js";
import { DECAY, KEEP_PROB, NOT_NEGATIVE, POSITIVE, type Range } from "../catalog/ranges.js";
import { ConfigError, describe } from "../errors/errors.js";
import { checkLayerName } from "./layer-names.js";
import { OPTION_NAMES } from "./option-names.js";
import { checkScaling, type ScalingOptions } from "./scaling-layer.js";
import {
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  readOptions,
} from "./validation.js";

/** A layer's width crosses into the engine as a 32-bit unsigned integer. */
export const WIDEST = 2 ** 32 - 1;

/** More are no network that anybody trains, but data in the place of layers. */
export const MOST_LAYERS = 10_000;

/** Residual layers in one another. */
const DEEPEST = 16;

const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as Activation[];

/**
 * A first layer that scales each column of x by numbers that aren't trained: (x − center)/scale, or, of
 * `"quantileNormal"`, the normal quantile of a number's place among `quantiles`. `fitScaling` makes it of data.
 */
export function scaling(options: ScalingOptions): ScalingLayer {
  return checkScaling(readOptions("scaling", "options", options));
}

/** What any layer takes. */
export interface LayerOptions {
  /** What errors, files and summaries call it: 1 to 100 characters, and no other layer's name. Default none. */
  readonly name?: string;
}

/** What a layer with parameters takes. */
export interface TrainableOptions extends LayerOptions {
  /**
   * Whether training changes its parameters. Where it doesn't, no update, weight decay or moment does, and a batchNorm
   * normalises by its running statistics in training too, and leaves them as they are. Default true.
   */
  readonly trainable?: boolean;
  /** What the learning rate, a schedule's too, is multiplied by for this layer: > 0. Default 1. */
  readonly learningRateFactor?: number;
}

/** What {@link dense} takes. */
export interface DenseOptions<Of extends Activation = Activation> extends TrainableOptions {
  /** Default `"linear"`. */
  readonly activation?: Of;
  /** How weights start. Default `"he"`. */
  readonly initialization?: Initialization;
  /** Whether there is a b. Default true. */
  readonly bias?: boolean;
  /** λ >= 0 of λ/m·Σ|w| for this layer, in place of what `fit` and others are given, 0 too. Default theirs. */
  readonly l1?: number;
  /** λ >= 0 of λ/(2m)·Σw² for this layer, likewise. Default theirs. */
  readonly l2?: number;
  /**
   * c > 0: after each update the weights w of each unit become w · min(1, c/‖w‖), without biases. Keras's `max_norm`,
   * but without its ε beside ‖w‖. Default: not at all.
   */
  readonly maxNorm?: number;
}

/** A layer of `units` units: g(X·Wᵀ + b). Raises ConfigError, as every function here does. */
export function dense<Of extends Activation = "linear">(
  units: number,
  options: DenseOptions<Of> = {},
): DenseLayer & { readonly activation: Of } {
  const given = readOptions("dense", "options", options);
  const { activation = "linear", initialization = "he" } = given;
  return Object.freeze({
    type: "dense",
    units: checkInteger("units", units, 1, WIDEST),
    activation: checkChoice("activation", activation, ACTIVATION_NAMES) as Of,
    initialization: checkChoice("initialization", initialization, INITIALIZATIONS),
    ...switchAmong("bias", given),
    ...numberAmong("l1", given, NOT_NEGATIVE),
    ...numberAmong("l2", given, NOT_NEGATIVE),
    ...numberAmong("maxNorm", given, POSITIVE),
    ...trainingAmong(given),
    ...nameAmong(given),
  });
}

/** Drops each of the numbers before it in training, with probability 1 − keepProb; divides the others by keepProb. */
export function dropout(options: { readonly keepProb: number } & LayerOptions): DropoutLayer {
  const given = readOptions("dropout", "options", options);
  return Object.freeze({
    type: "dropout",
    keepProb: checkNumber("keepProb", given.keepProb, ...KEEP_PROB),
    ...nameAmong(given),
  });
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015). Needs batches of at least two examples.
 * @param options - `decay` of the running mean and variance (default 0.9, PyTorch's momentum 0.1), `epsilon` (1e-5)
 */
export function batchNorm(
  options: { readonly decay?: number; readonly epsilon?: number } & TrainableOptions = {},
): BatchNormLayer {
  const given = readOptions("batchNorm", "options", options);
  const { decay = 0.9, epsilon = 1e-5 } = given;
  return Object.freeze({
    type: "batchNorm",
    decay: checkNumber("decay", decay, ...DECAY),
    epsilon: checkNumber("epsilon", epsilon, ...POSITIVE),
    ...trainingAmong(given),
    ...nameAmong(given),
  });
}

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016).
 * @param options - `epsilon` (default 1e-5)
 */
export function layerNorm(options: { readonly epsilon?: number } & TrainableOptions = {}): LayerNormLayer {
  const given = readOptions("layerNorm", "options", options);
  const { epsilon = 1e-5 } = given;
  return Object.freeze({
    type: "layerNorm",
    epsilon: checkNumber("epsilon", epsilon, ...POSITIVE),
    ...trainingAmong(given),
    ...nameAmong(given),
  });
}

/** An activation by itself, such as behind a batchNorm. */
export function activation(name: Activation, options: LayerOptions = {}): ActivationLayer {
  return Object.freeze({
    type: "activation",
    activation: checkChoice("activation", name, ACTIVATION_NAMES),
    ...nameAmong(readOptions("named", "options", options)),
  });
}

/** X + F(X), where F are these layers; their last has as many units as X has numbers. */
export function residual(layers: readonly LayerInput[], options: LayerOptions = {}): ResidualLayer {
  const given = readOptions("named", "options", options);
  return Object.freeze({ type: "residual", layers: resolveLayers("layers", layers, 1), ...nameAmong(given) });
}

type Among = Readonly<Record<string, unknown>>;

/** What isn't the default stands in a layer. */
function trainingAmong(given: Among): Pick<TrainableOptions, "trainable" | "learningRateFactor"> {
  const { learningRateFactor } = numberAmong("learningRateFactor", given, POSITIVE);
  const factor = learningRateFactor === undefined || learningRateFactor === 1 ? {} : { learningRateFactor };
  return { ...switchAmong("trainable", given), ...factor };
}

function switchAmong<Name extends string>(name: Name, given: Among): { readonly [Key in Name]?: boolean } {
  const value = given[name];
  if (value === undefined || checkBoolean(name, value)) return {};
  return { [name]: false } as { [Key in Name]: boolean };
}

function numberAmong<Name extends string>(
  name: Name,
  given: Among,
  range: Range,
): { readonly [Key in Name]?: number } {
  const value = given[name];
  if (value === undefined) return {};
  return { [name]: checkNumber(name, value, ...range) } as { [Key in Name]: number };
}

/** The name of a layer that has one. */
function nameAmong({ name }: { readonly name?: string | undefined }): LayerOptions {
  return name === undefined ? {} : { name: checkLayerName("name", name) };
}

/** Frozen layers with every default filled in. Raises ConfigError. */
export function resolveLayers(path: string, layers: unknown, depth = 0): readonly Layer[] {
  if (!Array.isArray(layers) || layers.length === 0 || layers.length > MOST_LAYERS) {
    const got = Array.isArray(layers) ? `${layers.length}` : describe(layers);
    throw new ConfigError(path, `an array of 1 to ${MOST_LAYERS} layers, such as [dense(8), dense(1)]`, got);
  }
  if (depth > DEEPEST)
    throw new ConfigError(path, `at most ${DEEPEST} residual layers in one another`, "more");
  return Object.freeze(
    Array.from(layers, (layer: unknown, i) => resolveLayer(`${path}[${i}]`, layer, depth)),
  );
}

function resolveLayer(path: string, layer: unknown, depth: number): Layer {
  if (typeof layer !== "object" || layer === null) {
    throw new ConfigError(path, 'a layer, such as dense(8) or { type: "dense", units: 8 }', describe(layer));
  }
  // Each is read once, whether it is the object's own or inherited.
  const inherited = (name: string): unknown => Reflect.get(layer, name);
  const own: Record<string, unknown> = { ...layer };
  const { type: given = inherited("type"), ...options } = own;
  const type = checkChoice(`${path}.type`, given, LAYER_TYPES);
  for (const name of [...OPTION_NAMES[type], ...(type === "dense" ? ["units"] : [])]) {
    if (!Object.hasOwn(own, name)) options[name] = inherited(name);
  }
  try {
    return makeLayer(type, options, depth);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const place = error.path.replace(/^options\./, "");
    throw new ConfigError(`${path}.${place}`, error.expected, error.got);
  }
}

function makeLayer(type: Layer["type"], options: Readonly<Record<string, unknown>>, depth: number): Layer {
  // What each takes is checked there: of its type, whatever stands here.
  if (type === "dense") {
    const { units, ...rest } = options;
    return dense(units as number, rest);
  }
  if (type === "scaling") return scaling(options as unknown as ScalingOptions);
  if (type === "dropout") return dropout(options as { keepProb: number });
  if (type === "batchNorm") return batchNorm(options);
  if (type === "layerNorm") return layerNorm(options);
  if (type === "activation") {
    checkOptions("activation", "options", options);
    return activation(options.activation as Activation, { name: options.name } as LayerOptions);
  }
  const { layers, ...rest } = options;
  checkOptions("residual", "options", options);
  return Object.freeze({
    type,
    layers: resolveLayers("layers", layers, depth + 1),
    ...nameAmong(readOptions("named", "options", rest as LayerOptions)),
  });
}
