import {
  HIDDEN_ACTIVATIONS,
  type HiddenActivation,
  OUTPUT_ACTIVATIONS,
  type OutputActivation,
} from "../catalog/activations.js";
import { INITIALIZATIONS, type Initialization } from "../catalog/initializations.js";
import type { Loss } from "../catalog/losses.js";
import { ConfigError, describe } from "../errors/errors.js";
import { DTYPES, type Dtype } from "./dtype.js";
import { resolveLoss } from "./losses.js";
import { checkChoice, checkInteger } from "./validation.js";

/** What {@link createNetwork} takes. */
export interface NetworkOptions {
  /** n_0 … n_L: the widths of all layers, input layer first; at least two, each >= 1. */
  readonly layerDims: readonly number[];
  /** g of the layers 1 … L−1, such as max(z, 0): docs/guide.md has a table of all. Default `"relu"`. */
  readonly hiddenActivation?: HiddenActivation;
  /**
   * g of layer L: `"sigmoid"` (default) answers n_L yes-or-no questions, `"softmax"` chooses one of n_L >= 2 classes,
   * `"linear"` gives numbers.
   */
  readonly outputActivation?: OutputActivation;
  /**
   * What training lowers: docs/guide.md has a table of all. Default: the output activation's own,
   * `"binaryCrossEntropy"` of sigmoid, `"categoricalCrossEntropy"` of softmax, `"meanSquaredError"` of linear.
   */
  readonly loss?: Loss;
  /** How weights start. Default `"he"`. */
  readonly initialization?: Initialization;
  /** Governs initialisation, shuffling and dropout: an integer in [0, 2⁵³). Default 0. */
  readonly seed?: number;
  /** Default `"float32"`. */
  readonly dtype?: Dtype;
}

/** {@link NetworkOptions}, checked, with every default filled in. */
export type NetworkConfig = Readonly<Required<NetworkOptions>>;

/** A layer's width crosses into wasm as a 32-bit unsigned integer. */
const WIDEST = 2 ** 32 - 1;

/** More are no network that anybody trains, but data in the place of widths. */
const MOST_WIDTHS = 10_000;

/** Checks the options and fills in the defaults. Raises {@link ConfigError}. */
export function resolveConfig(options: Partial<NetworkOptions>): NetworkConfig {
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
  });
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
