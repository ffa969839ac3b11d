import { makeOptimizer } from "./make-optimizer.js";
import type { Optimizer } from "./optimizer.js";
import type {
  AdaGradOptions,
  AdamOptions,
  AdamWOptions,
  GradientDescentOptions,
  LionOptions,
  MomentumOptions,
  NadamOptions,
  RmsPropOptions,
  SgdOptions,
} from "./optimizer-options.js";

/** The update rules, as functions that make an optimizer. */

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
