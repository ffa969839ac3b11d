import {
  type Hyperparameters,
  hyperparametersOf,
  momentsOf,
  type UpdateRule,
} from "../catalog/optimizers.js";
import type { Dtype } from "../config/dtype.js";
import type { Schedule } from "../config/schedules.js";
import type { Floats, Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import { ConfigError, StateError } from "../errors/errors.js";
import type { Layers } from "../model/layers.js";
import type { LentMoments } from "../model/moments.js";
import type { OptimizerData } from "./optimizer-options.js";
import { scheduleFacts, warmupSteps } from "./schedule-facts.js";
import { atFactor, checkFits, largestGradient } from "./update-range.js";

/** What an optimizer has gathered. */
export interface OptimizerState {
  /** t. */
  readonly steps: number;
  /** β₁ᵗ and β₂ᵗ; of Nadam Πμ in place of the first. */
  readonly power1: number;
  readonly power2: number;
  /** What its rate was multiplied by because training got no better, in [0, 1], and the lowest that this may make it. */
  readonly reduction: number;
  readonly lowest: number;
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

  /** Its rule and every option of it, as data that stand for a new one: its state is no part of them. */
  toJSON(): OptimizerData {
    const options = hyperparametersOf(this.rule).map(({ name, key, isSwitch }) => {
      const value = this.hyperparameters[key] ?? 0;
      return [name, name === "learningRate" ? this.learningRate : isSwitch ? value === 1 : value];
    });
    return { type: this.rule, ...Object.fromEntries(options) } as unknown as OptimizerData;
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
    const { highestFactor } = layers;
    if (this.#owner === undefined) checkFits(this.rule, this.hyperparameters, layers.dtype, highestFactor);
    else if (this.#owner !== layers) throw this.#taken();
    const lent = layers.moments.lend(this, momentsOf(this.rule, this.hyperparameters).length);
    if (this.#kept === undefined) lent.moments?.fill(0);
    else lent.moments?.write(this.#kept);
    writeState(lent, this.#state);
    this.#kept = undefined;
    this.#lent = lent;
    this.#owner = layers;
    this.#gradientLimit = this.largestGradient(layers.dtype, highestFactor);
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
    const [steps = 0, power1 = 1, power2 = 1, reduction = 1, lowest = 0] = this.#lent.state.read();
    return { steps, power1, power2, reduction, lowest };
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

  /** Its rate, whatever its schedule says, is from now on `factor` times as high, but `lowest` at least. @internal */
  reduceRate(factor: number, lowest: number): void {
    if (this.#lent === undefined) return;
    writeState(this.#lent, { ...this.state, reduction: this.state.reduction * factor, lowest });
  }

  /**
   * The largest gradient for which the update and the moments stay finite, whatever came before, at so many times the
   * learning rate.
   * @internal
   */
  largestGradient(dtype: Dtype, factor = 1): number {
    return largestGradient(this.rule, atFactor(this.hyperparameters, factor), dtype);
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
   * One pass over the flat block of parameters of the network that it is attached to: an operation for each stretch of it
   * that is trained at one rate, the first of which counts the step.
   * Sources: notebook sections 8.1 (21), 8.2 (23), 8.3 (25) with ε outside the root; Kingma & Ba 2015.
   * Raises ConfigError for a schedule in epochs where `stepsPerEpoch` isn't known.
   * @internal
   */
  operations(layers: Layers, stepsPerEpoch: number | undefined): Operation[] {
    if (this.#lent === undefined) throw new StateError("optimizer", "one that is attached", "one that isn't");
    const { moments, state } = this.#lent;
    const named = hyperparametersOf(this.rule).map(({ name, key }) => [name, this.hyperparameters[key] ?? 0]);
    const hyperparameters = Object.fromEntries(named);
    const momentCount = momentsOf(this.rule, this.hyperparameters).length;
    const schedule = scheduleFacts(this.learningRate, stepsPerEpoch);
    const { weightDecay: decay } = this.hyperparameters;
    const common = {
      rule: this.rule,
      momentCount,
      stride: layers.parameterCount,
      state,
      hyperparameters,
      decay,
    };
    return layers.segments.map(({ at, length: len, factor, weights }, i): Operation => {
      const [w, g] = [layers.parameters.part(at, len), layers.gradients.part(at, len)];
      const own = moments?.part(at, moments.length - at) ?? null;
      const rest = decay === 0 ? [] : weights.map((weights) => [weights, weights.length] as const);
      const facts = { w, g, len, moments: own, first: i === 0 ? 1 : 0, factor, rest };
      return { op: "update", ...common, ...facts, ...schedule };
    });
  }
}

export const NEW_STATE: OptimizerState = { steps: 0, power1: 1, power2: 1, reduction: 1, lowest: 0 };

function writeState(
  { state }: LentMoments,
  { steps, power1, power2, reduction, lowest }: OptimizerState,
): void {
  state.write(Float64Array.of(steps, power1, power2, reduction, lowest));
}
