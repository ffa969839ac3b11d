import type { HiddenActivation, OutputActivation } from "../catalog/activations.js";
import type { Initialization } from "../catalog/initializations.js";
import type { Layer, LayerInput } from "../catalog/layers.js";
import type { Loss } from "../catalog/losses.js";
import type { Dtype } from "./dtype.js";

interface CommonOptions {
  /**
   * What training lowers: docs/guide.md has a table of all. Default: the last activation's own,
   * `"binaryCrossEntropy"` of sigmoid, `"categoricalCrossEntropy"` of softmax, else `"meanSquaredError"`.
   */
  readonly loss?: Loss;
  /** Governs initialisation, shuffling and dropout: an integer in [0, 2⁵³). Default 0. */
  readonly seed?: number;
  /** Default `"float32"`. */
  readonly dtype?: Dtype;
}

/** What {@link createNetwork} takes: dense layers by their widths. */
export interface NetworkOptions extends CommonOptions {
  /** n_0 … n_L: the widths of all layers, input layer first; at least two, each >= 1. */
  readonly layerDims: readonly number[];
  /** g of the layers 1 … L−1, such as max(z, 0): docs/guide.md has a table of all. Default `"relu"`. */
  readonly hiddenActivation?: HiddenActivation;
  /**
   * g of layer L: `"sigmoid"` (default) answers n_L yes-or-no questions, `"softmax"` chooses one of n_L >= 2 classes,
   * `"linear"` gives numbers.
   */
  readonly outputActivation?: OutputActivation;
  /** How weights start. Default `"he"`. */
  readonly initialization?: Initialization;
  /** Which of the layers 1 … L training changes: true or false for each. Default: all. */
  readonly trainable?: readonly boolean[];
}

/** What {@link createNetwork} takes: any layers. */
export interface LayersOptions extends CommonOptions {
  /** Numbers of an example: >= 1. */
  readonly inputs: number;
  /** Such as `[dense(64, { activation: "relu" }), dropout({ keepProb: 0.8 }), dense(1)]`, or the same as plain data. */
  readonly layers: readonly LayerInput[];
}

/** {@link NetworkOptions}, checked, with every default filled in; `trainable` where a layer isn't. */
export type WidthsConfig = Readonly<Required<Omit<NetworkOptions, "trainable">>> &
  Pick<NetworkOptions, "trainable">;

/** {@link LayersOptions}, checked, with every default filled in. */
export interface LayersConfig extends Readonly<Required<CommonOptions>> {
  readonly inputs: number;
  readonly layers: readonly Layer[];
}

/** What makes the same network again, as JSON too. */
export type NetworkConfig = WidthsConfig | LayersConfig;
