import {
  type Hyperparameters,
  hyperparametersOf,
  momentsOf,
  toHyperparameters,
  type UpdateRule,
} from "../catalog/optimizers.js";
import type { Dtype } from "../config/dtype.js";
import { checkSchedule, type Schedule } from "../config/schedules.js";
import { checkBoolean, checkNumber, readOptions } from "../config/validation.js";
import type { Floats, Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import { ConfigError, describe, StateError } from "../errors/errors.js";
import type { Layers } from "../model/layers.js";
import type { LentMoments } from "../model/moments.js";
import { highestRate, scheduleFacts, warmupSteps } from "./schedule-facts.js";
import { checkFits, checkNeeds, largestGradient } from "./update-range.js";

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

/** What an optimizer has gathered. */
export interface OptimizerState {
  /** t. */
  readonly steps: number;
  /** β₁ᵗ and β₂ᵗ; of Nadam Πμ in place of the first. */
  readonly power1: number;
  readonly power2: number;
}

/**
 * An update rule and its state: the moments v and s, and how many steps it has taken.
 * It belongs to the first network that it meets (another raises StateError) and goes on from where it
 * was when it is passed again, whatever other optimizers the network had in between.
 * Make one by one of the functions named as the rules, such as {@link adam}; it is frozen.
 */
export class Optimizer {
  readonly rule: UpdateRule;
  /** Where the learning rate is a schedule, `learningRate` is the highest that it has. */
  readonly hyperparameters: Hyperparameters;
  /** α, or how it follows from the step. */
  readonly learningRate: number | Schedule;
  /** What it has gathered while it isn't attached to a network. */
  #state: OptimizerState = NEW_STATE;
  /** What stands for the network in a worker that has its state. */
  #lentTo: object | undefined;
  /** v, s, one behind the other, while another optimizer is attached to its network. */
  #kept: Floats | undefined;
  #owner: Layers | undefined;
  /** Its room in the network's memory while it is attached. */
  #lent: LentMoments | undefined;
  #gradientLimit = 0;

  /** @internal */
  constructor(
    rule: UpdateRule,
    hyperparameters: Hyperparameters,
    learningRate: number | Schedule = hyperparameters.learningRate,
  ) {
    this.rule = rule;
    this.learningRate = learningRate;
    this.hyperparameters = Object.freeze({ ...hyperparameters });
    Object.freeze(this);
  }

  /** Whether `value` was made by this class. @internal */
  static is(value: unknown): value is Optimizer {
    return typeof value === "object" && value !== null && #kept in value;
  }

  /** t: how many updates it has made. */
  get steps(): number {
    return this.#lent === undefined ? this.#state.steps : this.#lent.state.get(0);
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
    const lent = layers.moments.lend(this, momentsOf(this.rule, this.hyperparameters).length);
    if (this.#kept === undefined) lent.moments?.fill(0);
    else lent.moments?.write(this.#kept);
    writeState(lent, this.#state);
    this.#kept = undefined;
    this.#lent = lent;
    this.#owner = layers;
    this.#gradientLimit = this.largestGradient(layers.dtype);
  }

  /** @internal */
  leaveMoments(): void {
    this.#kept = this.#lent?.moments?.read();
    this.endMoments();
  }

  /** @internal */
  endMoments(): void {
    this.#state = this.state;
    this.#lent = undefined;
  }

  /**
   * Gives its memory back for good: for an optimizer that nobody refers to.
   * @internal
   */
  discard(): void {
    this.endMoments();
    if (this.#owner?.moments.holder === this) this.#owner.moments.takeBack();
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
    this.#state = { ...this.#state, steps };
  }

  /**
   * The worker made no update with it: another network may have it.
   * @internal
   */
  giveBack(): void {
    this.#lentTo = undefined;
  }

  #taken(): StateError {
    return new StateError("optimizer", "one that no other network has used", `one with ${this.steps} steps`);
  }

  /** @internal */
  get state(): OptimizerState {
    if (this.#lent === undefined) return this.#state;
    const { state } = this.#lent;
    return { steps: state.get(0), power1: state.get(1), power2: state.get(2) };
  }

  /**
   * v, s in the memory of its network; none while it isn't attached.
   * @internal
   */
  get moments(): readonly Span[] {
    const moments = this.#lent?.moments;
    if (moments === undefined || moments === null) return [];
    const kept = momentsOf(this.rule, this.hyperparameters);
    const length = moments.length / kept.length;
    return kept.map((_, i) => moments.part(i * length, length));
  }

  /**
   * Takes possession and goes on from a state; the moments are the caller's to fill.
   * @internal
   */
  resume(layers: Layers, state: OptimizerState): void {
    this.attach(layers);
    if (this.#lent !== undefined) writeState(this.#lent, state);
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
   * Raises ConfigError where its first training, of so many steps, would end before the schedule's warm-up does.
   * @internal
   */
  checkWarmup(steps: number, stepsPerEpoch: number): void {
    if (this.steps > 0 || typeof this.learningRate === "number") return;
    const warmup = warmupSteps(this.learningRate, stepsPerEpoch);
    if (warmup < steps || warmup === 0) return;
    const expected = `a warm-up of fewer than this training's ${steps} steps`;
    throw new ConfigError("optimizer.learningRate.warmup", expected, `one of ${warmup}`);
  }

  /**
   * One pass over the flat block of parameters of the network that it is attached to.
   * Sources: notebook sections 8.1 (21), 8.2 (23), 8.3 (25) with ε outside the root; Kingma & Ba 2015.
   * Raises ConfigError for a schedule in epochs where `stepsPerEpoch` isn't known.
   * @internal
   */
  operation(
    { parameters: w, gradients: g, parameterCount: len, decaying }: Layers,
    stepsPerEpoch: number | undefined,
  ): Operation {
    if (this.#lent === undefined) throw new StateError("optimizer", "one that is attached", "one that isn't");
    const { moments, state } = this.#lent;
    const named = hyperparametersOf(this.rule).map(({ name, key }) => [name, this.hyperparameters[key] ?? 0]);
    const hyperparameters = Object.fromEntries(named);
    const momentsLen = moments?.length ?? 0;
    const schedule = scheduleFacts(this.learningRate, stepsPerEpoch);
    const { weightDecay: decay } = this.hyperparameters;
    const common = { rule: this.rule, w, g, len, moments, momentsLen, state, hyperparameters };
    return { op: "update", ...common, ...schedule, decay, rest: decay === 0 ? [] : decaying };
  }
}

const NEW_STATE: OptimizerState = { steps: 0, power1: 1, power2: 1 };

function writeState({ state }: LentMoments, { steps, power1, power2 }: OptimizerState): void {
  state.write(Float64Array.of(steps, power1, power2));
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

/** An optimizer by a rule's name, with that rule's options. Raises ConfigError. */
export function makeOptimizer(rule: UpdateRule, options: object): Optimizer {
  const given: Readonly<Record<string, unknown>> = readOptions(rule, rule, options);
  const learningRate = scheduleAmong(given);
  const hyperparameters = toHyperparameters(rule, ({ name, range, isSwitch, default: usual }) => {
    if (name === "learningRate" && learningRate !== undefined) return highestRate(learningRate);
    const value = name in given ? given[name] : usual;
    return checkNumber(name, isSwitch && name in given ? Number(checkBoolean(name, value)) : value, ...range);
  });
  checkNeeds(rule, hyperparameters);
  return new Optimizer(rule, hyperparameters, learningRate);
}

function scheduleAmong({ learningRate }: Readonly<Record<string, unknown>>): Schedule | undefined {
  if (typeof learningRate === "number" || learningRate === undefined) return undefined;
  if (typeof learningRate === "object" && learningRate !== null && !Array.isArray(learningRate)) {
    return checkSchedule("learningRate", learningRate);
  }
  const expected = "a finite number > 0, or a schedule such as cosine({ from: 0.01, epochs: 20 })";
  throw new ConfigError("learningRate", expected, describe(learningRate));
}
