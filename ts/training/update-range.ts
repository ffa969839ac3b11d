import type { Hyperparameters, UpdateRule } from "../catalog/optimizers.js";
import type { Dtype } from "../config/dtype.js";
import { checkNumber } from "../config/validation.js";

/*
 * Which steps stay finite. A weight w may be as large as the largest number, so a step must be below half a unit in
 * its last place: then w − step is rounded to a finite number. The moments are means of the gradients before them,
 * and one bound on all gradients bounds them too. So a step is accepted or refused by one comparison.
 */

interface Range {
  /** An eighth of half a unit in the last place of the largest number. The factor covers all rounding: see below. */
  readonly step: number;
  /** Above it are the normal numbers; what is below is rounded coarsely, or to 0. */
  readonly smallestNormal: number;
  /** Its square is 5 % or more below the largest number. */
  readonly squarable: number;
  /** u: half a unit in the last place of 1. */
  readonly rounding: number;
}

/** Whose step is divided by √s + ε. */
const ADAPTIVE: readonly UpdateRule[] = ["adam", "adamW"];

const RANGES: Record<Dtype, Range> = {
  float32: { step: 2 ** 100, smallestNormal: 2 ** -126, squarable: 1.8e19, rounding: 2 ** -24 },
  float64: { step: 2 ** 967, smallestNormal: 2 ** -1022, squarable: 1.3e154, rounding: 2 ** -53 },
};

/** Raises ConfigError for hyperparameters that can't be computed with in `dtype`. */
export function checkFits(
  rule: UpdateRule,
  { learningRate, beta1, beta2, epsilon, weightDecay }: Hyperparameters,
  dtype: Dtype,
): void {
  const { step, smallestNormal } = RANGES[dtype];
  const isAdam = ADAPTIVE.includes(rule);
  // Adam's steps are up to α / √(1 − β₂), and its first is computed with α / (1 − β₁).
  const largest = isAdam ? step * Math.min(Math.sqrt(1 - beta2), 1 - beta1) : step;
  const range = `a number up to ${largest.toExponential(1)} in ${dtype}`;
  checkNumber("learningRate", learningRate, range, (rate) => rate <= largest);
  // Beyond it a weight would change its sign, and might grow.
  const decays = `at most 1/learningRate, here ${(1 / learningRate).toPrecision(3)}`;
  checkNumber("weightDecay", weightDecay, decays, (decay) => learningRate * decay <= 1);
  if (!isAdam) return;
  // A smaller ε·√(1 − β₂), its first step's, might be rounded to 0, and 0 divided by 0.
  const smallest = smallestNormal / Math.sqrt(1 - beta2);
  const epsilons = `a number from ${smallest.toExponential(1)} in ${dtype}`;
  checkNumber("epsilon", epsilon, epsilons, (e) => e >= smallest);
}

/**
 * The largest gradient with which a step of `rule` and its moments stay finite, if none before was larger.
 *
 * With gradients up to G a moment v is at most 2·G: above that, what a step adds is less than what it takes away or
 * than rounding does. v / (1 − β₁ᵗ) is below 7·G: each step adds at most twice (1 − β₁)·g, powers are rounded too.
 */
export function largestGradient(rule: UpdateRule, hyperparameters: Hyperparameters, dtype: Dtype): number {
  const { learningRate } = hyperparameters;
  const { step } = RANGES[dtype];
  const ofStep = Math.min(step, step / learningRate);
  if (!ADAPTIVE.includes(rule)) return ofStep;
  return Math.min(ofStep, squareLimit(hyperparameters, dtype), epsilonLimit(hyperparameters, dtype));
}

/** s, a mean of squares, stays finite: as v it is at most twice the largest, and hardly above it unless β₂ is near 1. */
function squareLimit({ beta2 }: Hyperparameters, dtype: Dtype): number {
  const { squarable, rounding } = RANGES[dtype];
  return squarable / Math.sqrt(Math.min(2.1, 1 + (16 * rounding) / (1 - beta2)));
}

/**
 * Adam's step is at most α·G/ε. That limits G only where √s alone doesn't bound the step: by Cauchy and Schwarz
 * |v| ≤ c·√s with c = (1 − β₁) / √((1 − β₂)(1 − ρ)), ρ = β₁²/β₂ < 1 (rounding makes of it at most 16·u more). What s has
 * lost below the normal range, up to the smallest normal number at each step, adds c·√(2·smallest/(1 − β₂)) to |v|.
 */
function epsilonLimit({ learningRate, beta1, beta2, epsilon }: Hyperparameters, dtype: Dtype): number {
  const { step, smallestNormal, rounding } = RANGES[dtype];
  const rho = (beta1 * beta1) / (beta2 * (1 - 16 * rounding));
  const ofRoot = learningRate / Math.sqrt((1 - beta2) * (1 - rho));
  const lost = Math.sqrt((2 * smallestNormal) / (1 - beta2)) / epsilon;
  const isKept = beta2 >= smallestNormal; // else the kernel's β₂ may be 0
  const isBoundByRoot = isKept && rho < 1 && ofRoot * Math.max(1, lost) <= step;
  return isBoundByRoot ? Number.POSITIVE_INFINITY : step * (epsilon / learningRate);
}
