import type { Dtype } from "./config.js";
import { StateError } from "./errors.js";
import type { Layers } from "./layers.js";
import { checkFits, largestGradient } from "./update-range.js";
import { checkNumber, readOptions } from "./validation.js";

/** The names of the update rules; the kernels in crate/src/optimizer.rs bear the same. */
export type UpdateRule = "gradientDescent" | "momentum" | "adam";

export const UPDATE_RULES: readonly UpdateRule[] = ["gradientDescent", "momentum", "adam"];

/** How many moments of the parameters' size a rule keeps: v, then s. */
export const MOMENTS: Record<UpdateRule, number> = { gradientDescent: 0, momentum: 1, adam: 2 };

export interface GradientDescentOptions {
  /** α > 0. Default 0.0075. */
  readonly learningRate?: number;
}

export interface MomentumOptions extends GradientDescentOptions {
  /** β in [0, 1). Default 0.9. */
  readonly beta?: number;
}

export interface AdamOptions {
  /** α > 0. Default 0.001. */
  readonly learningRate?: number;
  /** β₁ in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** β₂ in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** ε > 0, outside the root. Default 1e-8. */
  readonly epsilon?: number;
}

export interface Hyperparameters {
  readonly learningRate: number;
  /** β of momentum, β₁ of Adam. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** What an optimizer has gathered. */
export interface OptimizerState {
  /** t. */
  readonly steps: number;
  /** β₁ᵗ and β₂ᵗ. */
  readonly power1: number;
  readonly power2: number;
}

/**
 * An update rule and its state: the moments v and s, and how many steps it has taken.
 * It belongs to the first network that it meets (another raises StateError) and goes on from where it
 * was when it is passed again, whatever other optimizers the network had in between.
 * Make one by {@link gradientDescent}, {@link momentum} or {@link adam}; it is frozen.
 */
export class Optimizer {
  readonly rule: UpdateRule;
  readonly hyperparameters: Hyperparameters;
  #steps = 0;
  /** β₁ᵗ and β₂ᵗ, kept by repeated multiplication. */
  #power1 = 1;
  #power2 = 1;
  #owner: Layers | undefined;
  /** What stands for the network in a worker that has its state. */
  #lentTo: object | undefined;
  /** Byte offsets of v, s while it is attached. */
  #moments: readonly number[] = [];
  /** v, s, one behind the other, while another optimizer is attached to its network. */
  #kept: Float32Array | Float64Array | undefined;
  #gradientLimit = 0;

  /** @internal */
  constructor(rule: UpdateRule, hyperparameters: Hyperparameters) {
    this.rule = rule;
    this.hyperparameters = Object.freeze({ ...hyperparameters });
    Object.freeze(this);
  }

  /** Whether `value` was made by this class. @internal */
  static is(value: unknown): value is Optimizer {
    return typeof value === "object" && value !== null && #kept in value;
  }

  /** α. */
  get learningRate(): number {
    return this.hyperparameters.learningRate;
  }

  /** t: how many updates it has made. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Brings the moments into the network's memory: all zero at the first meeting, later as they were. The
   * optimizer that was there before keeps its own in JavaScript's memory.
   * Raises StateError, ConfigError or ResourceError.
   * @internal
   */
  attach(layers: Layers): void {
    if (layers.moments.holder === this) return;
    if (this.#lentTo !== undefined) throw this.#taken();
    if (this.#owner === undefined) checkFits(this.rule, this.hyperparameters, layers.dtype);
    else if (this.#owner !== layers) throw this.#taken();
    const count = MOMENTS[this.rule];
    this.#moments = layers.moments.lend(this, count);
    const [block = 0] = this.#moments;
    if (this.#kept === undefined) layers.clear(block, count * layers.parameterCount);
    else layers.write(block, this.#kept);
    this.#kept = undefined;
    this.#owner = layers;
    this.#gradientLimit = this.largestGradient(layers.dtype);
  }

  /** @internal */
  leaveMoments(): void {
    const [block = 0] = this.#moments;
    const layers = this.#owner;
    this.#kept = layers?.read(block, this.#moments.length * layers.parameterCount);
    this.#moments = [];
  }

  /**
   * Gives its memory back for good: for an optimizer that nobody refers to.
   * @internal
   */
  discard(): void {
    if (this.#owner?.moments.holder === this) this.#owner.moments.takeBack();
    this.#moments = [];
  }

  /**
   * A network in a worker takes possession; its worker keeps the state. Raises StateError where another network has.
   * @internal
   */
  lend(to: object): void {
    if (this.#owner !== undefined || (this.#lentTo ?? to) !== to) throw this.#taken();
    this.#lentTo = to;
  }

  /**
   * How many updates it has made in the worker.
   * @internal
   */
  follow(steps: number): void {
    this.#steps = steps;
  }

  /**
   * The worker made no update with it: another network may have it.
   * @internal
   */
  giveBack(): void {
    this.#lentTo = undefined;
  }

  #taken(): StateError {
    return new StateError("optimizer", "one that no other network has used", `one with ${this.#steps} steps`);
  }

  /** @internal */
  get state(): OptimizerState {
    return { steps: this.#steps, power1: this.#power1, power2: this.#power2 };
  }

  /**
   * Byte offsets of v, s in the memory of its network; none while it isn't attached.
   * @internal
   */
  get moments(): readonly number[] {
    return this.#moments;
  }

  /**
   * Takes possession and goes on from a state; the moments are the caller's to fill.
   * @internal
   */
  resume(layers: Layers, { steps, power1, power2 }: OptimizerState): void {
    this.attach(layers);
    this.#steps = steps;
    this.#power1 = power1;
    this.#power2 = power2;
  }

  /**
   * The largest gradient for which the update and the moments stay finite, whatever came before.
   * @internal
   */
  largestGradient(dtype: Dtype): number {
    return largestGradient(this.rule, this.hyperparameters, dtype);
  }

  /** {@link Optimizer.largestGradient} for the network that it is attached to. @internal */
  get gradientLimit(): number {
    return this.#gradientLimit;
  }

  /**
   * One pass over the flat block of parameters.
   * Sources: notebook sections 8.1 (21), 8.2 (23), 8.3 (25) with ε outside the root; Kingma & Ba 2015.
   * @internal
   */
  update(layers: Layers): void {
    const { learningRate, beta1, beta2, epsilon } = this.hyperparameters;
    const { kernels, parameters: w, gradients: g, parameterCount: length, threads } = layers;
    const [v = 0, s = 0] = this.#moments;
    const power1 = this.#power1 * beta1;
    const power2 = this.#power2 * beta2;
    if (this.rule === "gradientDescent") kernels.gradientDescent(w, g, length, learningRate, threads);
    else if (this.rule === "momentum") kernels.momentum(w, v, g, length, learningRate, beta1, threads);
    else kernels.adam(w, v, s, g, length, learningRate, beta1, beta2, epsilon, power1, power2, threads);
    this.#steps += 1;
    this.#power1 = power1;
    this.#power2 = power2;
  }
}

/** Gradient descent: W ← W − α·dW. Raises ConfigError. */
export function gradientDescent(options: GradientDescentOptions = {}): Optimizer {
  const { learningRate = 0.0075 } = readOptions("gradientDescent", "gradientDescent", options);
  checkLearningRate(learningRate);
  return new Optimizer("gradientDescent", { learningRate, beta1: 0, beta2: 0, epsilon: 0 });
}

/** Momentum: v ← β·v + (1−β)·dW, W ← W − α·v. Raises ConfigError. */
export function momentum(options: MomentumOptions = {}): Optimizer {
  const { learningRate = 0.0075, beta = 0.9 } = readOptions("momentum", "momentum", options);
  return new Optimizer("momentum", {
    learningRate: checkLearningRate(learningRate),
    beta1: checkDecay("beta", beta),
    beta2: 0,
    epsilon: 0,
  });
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1): v ← β₁·v + (1−β₁)·dW, s ← β₂·s + (1−β₂)·dW²,
 * W ← W − α · (v / (1−β₁ᵗ)) / (√(s / (1−β₂ᵗ)) + ε), t from 1. Raises ConfigError.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const {
    learningRate = 0.001,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
  } = readOptions("adam", "adam", options);
  return new Optimizer("adam", {
    learningRate: checkLearningRate(learningRate),
    beta1: checkDecay("beta1", beta1),
    beta2: checkDecay("beta2", beta2),
    epsilon: checkNumber("epsilon", epsilon, "a finite number > 0", (e) => e > 0),
  });
}

function checkLearningRate(value: unknown): number {
  return checkNumber("learningRate", value, "a finite number > 0", (rate) => rate > 0);
}

function checkDecay(path: string, value: unknown): number {
  return checkNumber(path, value, "a number in [0, 1)", (beta) => beta >= 0 && beta < 1);
}
