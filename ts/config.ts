import {
  HIDDEN_ACTIVATIONS,
  type HiddenActivation,
  OUTPUT_ACTIVATIONS,
  type OutputActivation,
} from "./activation.js";
import { ConfigError, describe } from "./errors.js";
import { INITIALIZATIONS, type Initialization } from "./initialization.js";
import { LOSS_OF_OUTPUT, LOSSES, type Loss } from "./loss.js";
import { checkChoice, checkInteger, checkOptions } from "./validation.js";

/** The number type of parameters and arithmetic. */
export type Dtype = "float32" | "float64";

/** What {@link createNetwork} takes. */
export interface NetworkOptions {
  /** n_0 … n_L: the widths of all layers, input layer first; at least two, each >= 1. */
  readonly layerDims: readonly number[];
  /** g of the layers 1 … L−1. Default `"relu"`. */
  readonly hiddenActivation?: HiddenActivation;
  /** g of layer L. Default `"sigmoid"`. `"softmax"` needs n_L >= 2. */
  readonly outputActivation?: OutputActivation;
  /**
   * Follows from the output activation and may be stated: `"binaryCrossEntropy"` for sigmoid,
   * `"categoricalCrossEntropy"` for softmax.
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

export const NETWORK_OPTIONS = [
  "layerDims",
  "hiddenActivation",
  "outputActivation",
  "loss",
  "initialization",
  "seed",
  "dtype",
] as const;

/** A layer's width crosses into wasm as a 32-bit unsigned integer. */
const WIDEST = 2 ** 32 - 1;

export const DTYPES: readonly Dtype[] = ["float32", "float64"];

/** Bytes of one number. */
export const BYTES: Record<Dtype, number> = { float32: 4, float64: 8 };

/** Checks the options and fills in the defaults. Raises {@link ConfigError}. */
export function resolveConfig(options: NetworkOptions): NetworkConfig {
  if (options === undefined) throw new ConfigError("options", "an object with layerDims", "undefined");
  checkOptions("options", options, NETWORK_OPTIONS);
  const layerDims = checkLayerDims(options.layerDims);
  const outputActivation = checkChoice(
    "outputActivation",
    options.outputActivation ?? "sigmoid",
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
  const fitting = LOSS_OF_OUTPUT[outputActivation];
  const loss = checkChoice("loss", options.loss ?? fitting, LOSSES);
  if (loss !== fitting) {
    throw new ConfigError("loss", `"${fitting}" with outputActivation "${outputActivation}"`, describe(loss));
  }
  return Object.freeze({
    layerDims,
    hiddenActivation: checkChoice("hiddenActivation", options.hiddenActivation ?? "relu", HIDDEN_ACTIVATIONS),
    outputActivation,
    loss,
    initialization: checkChoice("initialization", options.initialization ?? "he", INITIALIZATIONS),
    seed: checkSeed("seed", options.seed ?? 0),
    dtype: checkChoice("dtype", options.dtype ?? "float32", DTYPES),
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
  const widths: unknown[] = Array.from(layerDims as ArrayLike<unknown>);
  if (widths.length < 2) {
    throw new ConfigError("layerDims", "at least two widths, input layer first", `${widths.length}`);
  }
  return Object.freeze(widths.map((width, l) => checkInteger(`layerDims[${l}]`, width, 1, WIDEST)));
}
