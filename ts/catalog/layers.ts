import type { Activation } from "./activations.js";
import type { Initialization } from "./initializations.js";

/**
 * A layer as plain data, every default filled in. What has no default, a name, stands in it where it was given. What each
 * computes: docs/guide.md.
 */
export type Layer =
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

/** A ← g(X·Wᵀ + b), of `units` units. */
export interface DenseLayer extends NamedLayer {
  readonly type: "dense";
  readonly units: number;
  readonly activation: Activation;
  readonly initialization: Initialization;
}

/** Inverted dropout: X ⊙ mask / keepProb in training, X else. */
export interface DropoutLayer extends NamedLayer {
  readonly type: "dropout";
  readonly keepProb: number;
}

/** (X − mean)/√(variance + ε) ⊙ scale + shift, by column: over the batch in training, by running values else. */
export interface BatchNormLayer extends NamedLayer {
  readonly type: "batchNorm";
  readonly decay: number;
  readonly epsilon: number;
}

/** (X − mean)/√(variance + ε) ⊙ scale + shift, by row. */
export interface LayerNormLayer extends NamedLayer {
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

export const LAYER_TYPES = ["dense", "dropout", "batchNorm", "layerNorm", "activation", "residual"] as const;

/** A layer as it may be given: what has a default may be absent, or undefined. */
export type LayerInput =
  | WithDefaults<DenseLayer, "activation" | "initialization" | "name">
  | WithDefaults<DropoutLayer, "name">
  | WithDefaults<BatchNormLayer, "decay" | "epsilon" | "name">
  | WithDefaults<LayerNormLayer, "epsilon" | "name">
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
