import type { UpdateRule } from "../catalog/optimizers.js";
import type { Schedule } from "../config/schedules.js";

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

/** By their rules. */
interface RuleOptions {
  readonly gradientDescent: GradientDescentOptions;
  readonly momentum: MomentumOptions;
  readonly sgd: SgdOptions;
  readonly adam: AdamOptions;
  readonly adamW: AdamWOptions;
  readonly nadam: NadamOptions;
  readonly adaGrad: AdaGradOptions;
  readonly rmsProp: RmsPropOptions;
  readonly lion: LionOptions;
}

/** An optimizer as plain data: stands for a new one. `{ type: "adamW", learningRate: 1e-3 }` is adamW({ learningRate: 1e-3 }). */
export type OptimizerData = {
  [Rule in UpdateRule]: { readonly type: Rule } & RuleOptions[Rule];
}[UpdateRule];
