import { type Activation, HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS } from "../catalog/activations.js";
import { INITIALIZATIONS } from "../catalog/initializations.js";
import type { Layer } from "../catalog/layers.js";
import { ConfigError, describe } from "../errors/errors.js";
import { architectureOf } from "./architecture.js";
import { DTYPES } from "./dtype.js";
import { checkNamesDiffer } from "./layer-names.js";
import { resolveLayers, WIDEST } from "./layers.js";
import { resolveLoss } from "./losses.js";
import type {
  LayersConfig,
  LayersOptions,
  NetworkConfig,
  NetworkOptions,
  WidthsConfig,
} from "./network-config.js";
import { checkBoolean, checkChoice, checkInteger } from "./validation.js";

/** More are no network that anybody trains, but data in the place of widths. */
const MOST_WIDTHS = 10_000;

/** Options of either form. */
export type AnyOptions = Partial<NetworkOptions> & Partial<LayersOptions>;

/** Checks the options and fills in the defaults. Raises {@link ConfigError}. */
export function resolveConfig(options: AnyOptions): NetworkConfig {
  return options.layers === undefined && options.inputs === undefined
    ? resolveWidths(options)
    : resolveLayersForm(options);
}

/** The same of widths and layers. */
function resolveLayersForm(options: AnyOptions): LayersConfig {
  const { seed = 0, dtype = "float32" } = options;
  for (const name of [
    "layerDims",
    "hiddenActivation",
    "outputActivation",
    "initialization",
    "trainable",
  ] as const) {
    if (options[name] === undefined) continue;
    throw new ConfigError(name, "none beside inputs and layers, which say it", describe(options[name]));
  }
  const inputs = checkInteger("inputs", options.inputs, 1, WIDEST);
  const layers = resolveLayers("layers", options.layers);
  checkNamesDiffer("layers", layers);
  const config: LayersConfig = Object.freeze({
    inputs,
    layers,
    loss: resolveLoss(options.loss, lastActivation(layers)),
    seed: checkSeed("seed", seed),
    dtype: checkChoice("dtype", dtype, DTYPES),
  });
  checkOutputs("layers", config);
  return config;
}

/** The activation that the last of these layers ends with. */
function lastActivation(layers: readonly Layer[]): Activation {
  const last = layers[layers.length - 1];
  return last?.type === "dense" || last?.type === "activation" ? last.activation : "linear";
}

/** A softmax chooses among some. */
function checkOutputs(path: string, config: NetworkConfig): void {
  const { outputs, outputActivation } = architectureOf(config);
  if (outputActivation !== "softmax" || outputs > 1) return;
  throw new ConfigError(path, 'at least 2 outputs for "softmax" (or "sigmoid")', "1");
}

/** The same of widths alone. */
export function resolveWidths(options: Partial<NetworkOptions>): WidthsConfig {
  const { hiddenActivation = "relu", initialization = "he", seed = 0, dtype = "float32" } = options;
  const layerDims = checkLayerDims(options.layerDims);
  const outputActivation = checkChoice(
    "outputActivation",
    options.outputActivation === undefined ? "sigmoid" : options.outputActivation,
    OUTPUT_ACTIVATIONS,
  );
  const outputs = layerDims[layerDims.length - 1];
  if (outputActivation === "softmax" && outputs === 1) {
    throw new ConfigError(
      `layerDims[${layerDims.length - 1}]`,
      'at least 2 outputs for "softmax" (or outputActivation "sigmoid")',
      "1",
    );
  }
  return Object.freeze({
    layerDims,
    hiddenActivation: checkChoice("hiddenActivation", hiddenActivation, HIDDEN_ACTIVATIONS),
    outputActivation,
    loss: resolveLoss(options.loss, outputActivation),
    initialization: checkChoice("initialization", initialization, INITIALIZATIONS),
    seed: checkSeed("seed", seed),
    dtype: checkChoice("dtype", dtype, DTYPES),
    ...trainableAmong(options.trainable, layerDims.length - 1),
  });
}

/** What stands in a configuration: where all are trained, nothing. */
function trainableAmong(given: unknown, count: number): { readonly trainable?: readonly boolean[] } {
  if (given === undefined) return {};
  if (!Array.isArray(given) || given.length !== count) {
    const got = Array.isArray(given) ? `${given.length}` : describe(given);
    throw new ConfigError("trainable", `an array of true or false for each of ${count} layers`, got);
  }
  const trainable = Array.from(given, (value: unknown, i) => checkBoolean(`trainable[${i}]`, value));
  return trainable.every(Boolean) ? {} : { trainable: Object.freeze(trainable) };
}

/** A seed is an integer in [0, 2⁵³). */
export function checkSeed(path: string, seed: unknown): number {
  return checkInteger(path, seed, 0, Number.MAX_SAFE_INTEGER);
}

function checkLayerDims(layerDims: unknown): readonly number[] {
  if (!Array.isArray(layerDims) && !(ArrayBuffer.isView(layerDims) && "length" in layerDims)) {
    throw new ConfigError(
      "layerDims",
      "an array of at least two widths, input layer first",
      describe(layerDims),
    );
  }
  const { length } = layerDims as ArrayLike<unknown>;
  if (length < 2 || length > MOST_WIDTHS) {
    const expected = length < 2 ? "at least two widths" : `at most ${MOST_WIDTHS} widths`;
    throw new ConfigError("layerDims", `${expected}, input layer first`, `${length}`);
  }
  const widths: unknown[] = Array.from(layerDims as ArrayLike<unknown>);
  return Object.freeze(widths.map((width, l) => checkInteger(`layerDims[${l}]`, width, 1, WIDEST)));
}
