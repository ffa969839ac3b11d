import type { Activation } from "./activations.js";
import type { Initialization } from "./initializations.js";

/** A layer as plain data, every default filled in. What each computes: docs/guide.md. */
export type Layer =
  | ScalingLayer
  | DenseLayer
  | DropoutLayer
  | BatchNormLayer
  | LayerNormLayer
  | ActivationLayer
  | ResidualLayer;

/**
 * Brings each column of x to a like scale, by numbers that were fitted beforehand and aren't trained. Where there is a
 * `softClip` c, c·tanh(y/c) of what comes of it.
 */
export type ScalingLayer = LinearScalingLayer | QuantileScalingLayer;

/** (X − center)/scale, by column: its mean and standard deviation, its minimum and range, or its median and quartiles' distance. */
export interface LinearScalingLayer {
  readonly type: "scaling";
  readonly method: "standard" | "minMax" | "robust";
  readonly center: readonly number[];
  readonly scale: readonly number[];
  readonly softClip?: number;
}

/** Φ⁻¹ of each number's place in 0 … 1 among its column's quantiles, which lie equal steps of probability apart. */
export interface QuantileScalingLayer {
  readonly type: "scaling";
  readonly method: "quantileNormal";
  /** Of each column, ascending. */
  readonly quantiles: readonly (readonly number[])[];
  readonly softClip?: number;
}

export const SCALING_METHODS = ["standard", "minMax", "robust", "quantileNormal"] as const;

export type ScalingMethod = (typeof SCALING_METHODS)[number];

/** A ← g(X·Wᵀ + b), of `units` units. */
export interface DenseLayer {
  readonly type: "dense";
  readonly units: number;
  readonly activation: Activation;
  readonly initialization: Initialization;
}

/** Inverted dropout: X ⊙ mask / keepProb in training, X else. */
export interface DropoutLayer {
  readonly type: "dropout";
  readonly keepProb: number;
}

/** (X − mean)/√(variance + ε) ⊙ scale + shift, by column: over the batch in training, by running values else. */
export interface BatchNormLayer {
  readonly type: "batchNorm";
  readonly decay: number;
  readonly epsilon: number;
}

/** (X − mean)/√(variance + ε) ⊙ scale + shift, by row. */
export interface LayerNormLayer {
  readonly type: "layerNorm";
  readonly epsilon: number;
}

/** g(X), by itself. */
export interface ActivationLayer {
  readonly type: "activation";
  readonly activation: Activation;
}

/** X + F(X), F being these layers, which keep the width. */
export interface ResidualLayer {
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
  | WithDefaults<LinearScalingLayer, "softClip">
  | WithDefaults<QuantileScalingLayer, "softClip">
  | WithDefaults<DenseLayer, "activation" | "initialization">
  | DropoutLayer
  | WithDefaults<BatchNormLayer, "decay" | "epsilon">
  | WithDefaults<LayerNormLayer, "epsilon">
  | ActivationLayer
  | ResidualInput;

interface ResidualInput {
  readonly type: "residual";
  readonly layers: readonly LayerInput[];
}

type WithDefaults<Of, Keys extends keyof Of> = Omit<Of, Keys> & {
  readonly [Key in Keys]?: Of[Key] | undefined;
};
