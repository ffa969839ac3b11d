import type { Schedule } from "../config/schedules.js";
import { makeOptimizer } from "./make-optimizer.js";
import type { Optimizer } from "./optimizer.js";

/** The update rules, as functions that make an optimizer. */

/** What every rule takes. */
interface WeightDecayOptions {
  /**
   * λ ≥ 0, at most 1/α: before the rule's own update w ← w − α·λ·w, of weights alone, not of biases. No term of the
   * loss, as `l2` is. Default 0.
   */
  readonly weightDecay?: number;
}

export interface GradientDescentOptions extends WeightDecayOptions {
  /** α > 0, or a schedule such as {@link cosine}. Default 0.0075. */
  readonly learningRate?: number | Schedule;
}

export interface MomentumOptions extends GradientDescentOptions {
  /** β in [0, 1). Default 0.9. */
  readonly beta?: number;
  /** Whether it looks a step ahead; β is above 0 then. Default false. */
  readonly nesterov?: boolean;
}

export interface SgdOptions extends WeightDecayOptions {
  /** α > 0, or a schedule such as {@link cosine}. Default 0.001. */
  readonly learningRate?: number | Schedule;
  /** μ in [0, 1). Default 0: without. */
  readonly momentum?: number;
  /** Whether it looks a step ahead; μ is above 0 then. Default false. */
  readonly nesterov?: boolean;
}

export interface AdamOptions extends WeightDecayOptions {
  /** α > 0, or a schedule such as {@link cosine}. Default 0.001. */
  readonly learningRate?: number | Schedule;
  /** β₁ in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** β₂ in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** ε > 0, outside the root. Default 1e-8. */
  readonly epsilon?: number;
}

export interface AdamWOptions extends AdamOptions {
  /** λ ≥ 0, at most 1/α, of weights alone, not of biases. Default 0.01. */
  readonly weightDecay?: number;
}

export interface NadamOptions extends AdamOptions {
  /** α > 0, or a schedule such as {@link cosine}. Default 0.002. */
  readonly learningRate?: number | Schedule;
  /** ψ ≥ 0: how fast μ grows from near β₁/2 to β₁. Default 0.004. */
  readonly momentumDecay?: number;
}

export interface AdaGradOptions extends WeightDecayOptions {
  /** α > 0, or a schedule such as {@link cosine}. Default 0.01. */
  readonly learningRate?: number | Schedule;
  /** ε > 0, outside the root. Default 1e-10. */
  readonly epsilon?: number;
}

export interface RmsPropOptions extends WeightDecayOptions {
  /** α > 0, or a schedule such as {@link cosine}. Default 0.001. */
  readonly learningRate?: number | Schedule;
  /** ρ in [0, 1), of the mean of squares. Default 0.9, as in Keras; PyTorch's alpha is 0.99. */
  readonly decay?: number;
  /** ε > 0, outside the root. Default 1e-8. */
  readonly epsilon?: number;
  /** μ in [0, 1). Default 0: without. */
  readonly momentum?: number;
  /** Whether gradients are divided by their deviation, and not by the root of the mean of their squares. Default false. */
  readonly centered?: boolean;
}

export interface LionOptions extends WeightDecayOptions {
  /** α > 0, the length of each step, or a schedule such as {@link cosine}. Default 0.0001. */
  readonly learningRate?: number | Schedule;
  /** β₁ in [0, 1), of the step. Default 0.9. */
  readonly beta1?: number;
  /** β₂ in [0, 1), of the moment. Default 0.99. */
  readonly beta2?: number;
}

/** Gradient descent: W ← W − α·dW. Raises ConfigError. */
export function gradientDescent(options: GradientDescentOptions = {}): Optimizer {
  return makeOptimizer("gradientDescent", options);
}

/**
 * Momentum: v ← β·v + (1−β)·dW, W ← W − α·v, or with `nesterov` W ← W − α·(β·v + (1−β)·dW). PyTorch's form, without the
 * factor 1−β, is {@link sgd}. Raises ConfigError.
 */
export function momentum(options: MomentumOptions = {}): Optimizer {
  return makeOptimizer("momentum", options);
}

/**
 * Gradient descent with momentum in PyTorch's form: u ← μ·u + dW, W ← W − α·u, or with `nesterov`
 * W ← W − α·(μ·u + dW). Raises ConfigError.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  return makeOptimizer("sgd", options);
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1): v ← β₁·v + (1−β₁)·dW, s ← β₂·s + (1−β₂)·dW²,
 * W ← W − α · (v / (1−β₁ᵗ)) / (√(s / (1−β₂ᵗ)) + ε), t from 1. Raises ConfigError.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return makeOptimizer("adam", options);
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2): before {@link adam}'s update
 * W ← W − α·λ·W, of weights alone. Raises ConfigError.
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  return makeOptimizer("adamW", options);
}

/**
 * Nadam (Dozat 2016) in PyTorch's form: v and s as {@link adam}'s, μₜ = β₁·(1 − 0.96^(t·ψ)/2), Πₜ = μ₁·…·μₜ,
 * W ← W − α · ((1−μₜ)·dW/(1−Πₜ) + μₜ₊₁·v/(1−Πₜ₊₁)) / (√(s / (1−β₂ᵗ)) + ε), t from 1. Raises ConfigError.
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  return makeOptimizer("nadam", options);
}

/**
 * AdaGrad (Duchi, Hazan & Singer 2011) in PyTorch's form: s ← s + dW², W ← W − α · dW / (√s + ε). Raises ConfigError.
 */
export function adaGrad(options: AdaGradOptions = {}): Optimizer {
  return makeOptimizer("adaGrad", options);
}

/**
 * RMSProp (Tieleman & Hinton 2012) in PyTorch's form: s ← ρ·s + (1−ρ)·dW², W ← W − α · dW / (√s + ε). `centered` puts
 * s − v² under the root, v ← ρ·v + (1−ρ)·dW; with `momentum` u ← μ·u + dW / (√s + ε), W ← W − α·u. Keras has ε inside the
 * root. Raises ConfigError.
 */
export function rmsProp(options: RmsPropOptions = {}): Optimizer {
  return makeOptimizer("rmsProp", options);
}

/**
 * Lion (Chen et al. 2023, algorithm 2): W ← W − α · sign(β₁·v + (1−β₁)·dW), sign(0) = 0; then v ← β₂·v + (1−β₂)·dW.
 * Raises ConfigError.
 */
export function lion(options: LionOptions = {}): Optimizer {
  return makeOptimizer("lion", options);
}
