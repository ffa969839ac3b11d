import { type Hyperparameters, hyperparametersOf, type UpdateRule } from "../catalog/optimizers.js";
import type { Dtype } from "../config/dtype.js";
import { checkNumber } from "../config/validation.js";
import { ConfigError } from "../errors/errors.js";

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

/** What bounds the steps of a rule that divides them by √s + ε. */
interface Adaptive {
  /** A step is below that of Adam with this learning rate, these decays and this ε. */
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** s is at most so many times the largest g². */
  readonly squares: number;
  /** Whether what is under the root may be 0 where g isn't: then ε alone bounds the step. */
  readonly isVariance?: boolean;
}

/** By hyperparameters and the rounding u. */
type Bound = (hyperparameters: Hyperparameters, rounding: number) => Adaptive;

const adam: Bound = ({ learningRate: rate, beta1, beta2, epsilon }, rounding) => {
  // A mean: as v it is at most twice the largest, and hardly above it unless β₂ is near 1.
  return { rate, beta1, beta2, epsilon, squares: Math.min(2.1, 1 + (16 * rounding) / (1 - beta2)) };
};

const ADAPTIVE: { readonly [Rule in UpdateRule]?: Bound } = {
  adam,
  adamW: adam,
  // Its g and its v have factors of at most α each: Πₜ is at most μₜ, and at most β₁ᵗ.
  nadam: (given, rounding) => ({ ...adam(given, rounding), rate: 2 * given.learningRate }),
  // The sum s has no decay, but is so large in the end that g² is below half a unit in its last place.
  adaGrad: ({ learningRate: rate, epsilon }, rounding) => {
    return { rate, beta1: 0, beta2: 0, epsilon, squares: 4 / rounding };
  },
  // Without bias correction, which only adds to Adam's steps. u, which is finite too, gathers steps by momentum.
  rmsProp: (given, rounding) => {
    const { learningRate, decay = 0, momentum = 0, centered = 0 } = given;
    const rate = momentum === 0 ? learningRate : Math.max(1, learningRate) * gathered(momentum, rounding);
    const mean = adam({ ...given, beta1: 0, beta2: decay }, rounding);
    return centered === 0 ? { ...mean, rate } : { ...mean, rate, squares: 4, isVariance: true }; // v² is finite too
  },
};

/**
 * u ← μ·u + x, each operation rounded by u' at most, is at most so many times the largest x: 1.7/(1 − μ) where
 * 1 − μ ≥ 8·u', and for any μ below 2.2/u', since from there on what x adds is below half a unit in u's last place.
 */
function gathered(momentum: number, rounding: number): number {
  return momentum === 0 ? 1 : Math.min(20 / (1 - momentum), 4 / rounding);
}

const RANGES: Record<Dtype, Range> = {
  float32: { step: 2 ** 100, smallestNormal: 2 ** -126, squarable: 1.8e19, rounding: 2 ** -24 },
  float64: { step: 2 ** 967, smallestNormal: 2 ** -1022, squarable: 1.3e154, rounding: 2 ** -53 },
};

/** Raises ConfigError for a hyperparameter that has no effect without another. */
export function checkNeeds(rule: UpdateRule, hyperparameters: Hyperparameters, prefix = ""): void {
  const rows = hyperparametersOf(rule);
  for (const { key, name, needs } of rows) {
    if (needs === undefined || hyperparameters[key] === 0 || hyperparameters[needs] !== 0) continue;
    const other = rows.find((row) => row.key === needs)?.name;
    throw new ConfigError(prefix + name, `${other} above 0 beside it`, `${other} 0`);
  }
}

/** The same at so many times the learning rate. */
export function atFactor(hyperparameters: Hyperparameters, factor: number): Hyperparameters {
  if (factor === 1) return hyperparameters;
  return { ...hyperparameters, learningRate: factor * hyperparameters.learningRate };
}

/**
 * Raises ConfigError for hyperparameters that can't be computed with in `dtype`, or have no effect, where the learning rate
 * is multiplied by up to `factor`.
 */
export function checkFits(rule: UpdateRule, given: Hyperparameters, dtype: Dtype, factor = 1): void {
  checkNeeds(rule, given);
  const { step, smallestNormal, rounding } = RANGES[dtype];
  const hyperparameters = atFactor(given, factor);
  const { learningRate, weightDecay } = hyperparameters;
  const adaptive = ADAPTIVE[rule]?.(hyperparameters, rounding);
  const largest = adaptive === undefined ? step : largestRate(learningRate, adaptive, step);
  const times = factor === 1 ? "" : `, a layer's learningRateFactor being ${factor}`;
  const range = `a number up to ${(largest / factor).toExponential(1)} in ${dtype}${times}`;
  checkNumber("learningRate", given.learningRate, range, () => learningRate <= largest);
  // Beyond it a weight would change its sign, and might grow.
  const decays = `at most 1/learningRate, here ${(1 / learningRate).toPrecision(3)}${times}`;
  checkNumber("weightDecay", weightDecay, decays, (decay) => learningRate * decay <= 1);
  if (adaptive === undefined) return;
  // A smaller ε·√(1 − β₂), Adam's at its first step, might be rounded to 0, and 0 divided by 0.
  const smallest = smallestNormal / Math.sqrt(1 - adaptive.beta2);
  const epsilons = `a number from ${smallest.toExponential(1)} in ${dtype}`;
  checkNumber("epsilon", adaptive.epsilon, epsilons, (e) => e >= smallest);
}

/** Adam's steps are up to α / √(1 − β₂), and its first is computed with α / (1 − β₁). */
function largestRate(learningRate: number, { rate, beta1, beta2 }: Adaptive, step: number): number {
  return step * Math.min(Math.sqrt(1 - beta2), 1 - beta1) * (learningRate / rate);
}

/** The largest u with which α·u and u stay finite. */
export function largestSum({ learningRate }: Hyperparameters, dtype: Dtype): number {
  const { step } = RANGES[dtype];
  return Math.min(step, step / learningRate);
}

/**
 * The largest gradient with which a step of `rule` and its moments stay finite, if none before was larger.
 *
 * With gradients up to G a moment v is at most 2·G: above that, what a step adds is less than what it takes away or
 * than rounding does. v / (1 − β₁ᵗ) is below 7·G: each step adds at most twice (1 − β₁)·g, powers are rounded too.
 */
export function largestGradient(rule: UpdateRule, hyperparameters: Hyperparameters, dtype: Dtype): number {
  const { squarable, rounding } = RANGES[dtype];
  const ofStep = largestSum(hyperparameters, dtype);
  const adaptive = ADAPTIVE[rule]?.(hyperparameters, rounding);
  if (rule === "sgd") return ofStep / gathered(hyperparameters.momentum ?? 0, rounding);
  if (adaptive === undefined) return ofStep;
  const ofSquares = squarable / Math.sqrt(adaptive.squares);
  return Math.min(ofStep, ofSquares, epsilonLimit(adaptive, dtype));
}

/**
 * Adam's step is at most α·G/ε. That limits G only where √s alone doesn't bound the step: by Cauchy and Schwarz
 * |v| ≤ c·√s with c = (1 − β₁) / √((1 − β₂)(1 − ρ)), ρ = β₁²/β₂ < 1 (rounding makes of it at most 16·u more). What s has
 * lost below the normal range, up to the smallest normal number at each step, adds c·√(2·smallest/(1 − β₂)) to |v|.
 */
function epsilonLimit({ rate, beta1, beta2, epsilon, isVariance }: Adaptive, dtype: Dtype): number {
  const { step, smallestNormal, rounding } = RANGES[dtype];
  const rho = beta1 === 0 ? 0 : (beta1 * beta1) / (beta2 * (1 - 16 * rounding));
  const ofRoot = rate / Math.sqrt((1 - beta2) * (1 - rho));
  const lost = Math.sqrt((2 * smallestNormal) / (1 - beta2)) / epsilon;
  // Else the kernel's β₂ may be 0, and s without what v still has of former gradients.
  const isKept = !isVariance && (beta1 === 0 || beta2 >= smallestNormal);
  const isBoundByRoot = isKept && rho < 1 && ofRoot * Math.max(1, lost) <= step;
  return isBoundByRoot ? Number.POSITIVE_INFINITY : step * (epsilon / rate);
}
