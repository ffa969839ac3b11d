import type { Activation } from "./activations.js";
import type { Initialization } from "./initializations.js";

/**
 * A layer as plain data. Options that files of version 2 began with are all filled in; of others those stand in it that
 * aren't the default. What each computes: docs/guide.md.
 */
export type Layer =
  | ScalingLayer
  | DenseLayer
  | DropoutLayer
  | BatchNormLayer
  | LayerNormLayer
  | ActivationLayer
  | ResidualLayer;

/** What any layer may have. */
export interface NamedLayer {
  /** What errors, files and summaries call it: 1 to 100 characters, and no other layer's name. Default none. */
  readonly name?: string;
}

/** What a layer with parameters may have. */
export interface TrainableLayer extends NamedLayer {
  /** False where training leaves its parameters as they are. Default true. */
  readonly trainable?: boolean;
  /** What the learning rate is multiplied by for this layer: > 0. Default 1. */
  readonly learningRateFactor?: number;
}

/**
 * Brings each column of x to a like scale, by numbers that were fitted beforehand and aren't trained. Where there is a
 * `softClip` c, c·tanh(y/c) of what comes of it.
 */
export type ScalingLayer = LinearScalingLayer | QuantileScalingLayer;

/** (X − center)/scale, by column: its mean and standard deviation, its minimum and range, or its median and quartiles' distance. */
export interface LinearScalingLayer extends NamedLayer {
  readonly type: "scaling";
  readonly method: "standard" | "minMax" | "robust";
  readonly center: readonly number[];
  readonly scale: readonly number[];
  readonly softClip?: number;
}

/** Φ⁻¹ of each number's place in 0 … 1 among its column's quantiles, which lie equal steps of probability apart. */
export interface QuantileScalingLayer extends NamedLayer {
  readonly type: "scaling";
  readonly method: "quantileNormal";
  /** Of each column, ascending. */
  readonly quantiles: readonly (readonly number[])[];
  readonly softClip?: number;
}

export const SCALING_METHODS = ["standard", "minMax", "robust", "quantileNormal"] as const;

export type ScalingMethod = (typeof SCALING_METHODS)[number];

/** A ← g(X·Wᵀ + b), of `units` units. */
export interface DenseLayer extends TrainableLayer {
  readonly type: "dense";
  readonly units: number;
  readonly activation: Activation;
  readonly initialization: Initialization;
  /** False where there is no b. Default true. */
  readonly bias?: boolean;
  /** λ of its own for the loss's terms λ/m·Σ|w| and λ/(2m)·Σw², in place of what a call gives. Default the call's. */
  readonly l1?: number;
  readonly l2?: number;
  /** After each update no unit's weights have a larger norm. Default: any. */
  readonly maxNorm?: number;
}

/** Inverted dropout: X ⊙ mask / keepProb in training, X else. */
export interface DropoutLayer extends NamedLayer {
  readonly type: "dropout";
  readonly keepProb: number;
}

/** (X − mean)/√(variance + ε) ⊙ scale + shift, by column: over the batch in training, by running values else. */
export interface BatchNormLayer extends TrainableLayer {
  readonly type: "batchNorm";
  readonly decay: number;
  readonly epsilon: number;
}

/** (X − mean)/√(variance + ε) ⊙ scale + shift, by row. */
export interface LayerNormLayer extends TrainableLayer {
  readonly type: "layerNorm";
  readonly epsilon: number;
}

/** g(X), by itself. */
export interface ActivationLayer extends NamedLayer {
  readonly type: "activation";
  readonly activation: Activation;
}

/** X + F(X), F being these layers, which keep the width. */
export interface ResidualLayer extends NamedLayer {
  readonly type: "residual";
  readonly layers: readonly Layer[];
}

export const LAYER_TYPES = [
  "scaling",
  "dense",
  "dropout",
  "batchNorm",
  "layerNorm",
  "activation",
  "residual",
] as const;

/** A layer as it may be given: what has a default may be absent, or undefined. */
export type LayerInput =
  | WithDefaults<LinearScalingLayer, "softClip" | "name">
  | WithDefaults<QuantileScalingLayer, "softClip" | "name">
  | WithDefaults<
      DenseLayer,
      "activation" | "initialization" | "bias" | "l1" | "l2" | "maxNorm" | keyof TrainableLayer
    >
  | WithDefaults<DropoutLayer, "name">
  | WithDefaults<BatchNormLayer, "decay" | "epsilon" | keyof TrainableLayer>
  | WithDefaults<LayerNormLayer, "epsilon" | keyof TrainableLayer>
  | WithDefaults<ActivationLayer, "name">
  | ResidualInput;

interface ResidualInput {
  readonly type: "residual";
  readonly name?: string | undefined;
  readonly layers: readonly LayerInput[];
}

type WithDefaults<Of, Keys extends keyof Of> = Omit<Of, Keys> & {
  readonly [Key in Keys]?: Of[Key] | undefined;
};
