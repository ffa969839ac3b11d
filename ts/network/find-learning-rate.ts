import { POSITIVE } from "../catalog/ranges.js";
import type { Schedule } from "../config/schedules.js";
import { checkInteger, checkNumber, type Given, readOptions } from "../config/validation.js";
import type { Inputs, Labels } from "../data/examples.js";
import { withRoom } from "../engine/with-room.js";
import { ConfigError, describe, NumericError } from "../errors/errors.js";
import { toOptimizer } from "../training/make-optimizer.js";
import { Optimizer } from "../training/optimizer.js";
import type { StepReport } from "../training/state.js";
import { checkFits } from "../training/update-range.js";
import { checkSignal, type FitOptions, resolveGivenFitOptions } from "./fit-options.js";
import { type AnyNetwork, Network } from "./network.js";

/** What {@link findLearningRate} takes besides what it has in common with fit. */
export interface FindLearningRateOptions
  extends Pick<
    FitOptions,
    | "batchSize"
    | "optimizer"
    | "l2"
    | "keepProb"
    | "clip"
    | "accumulate"
    | "sampleWeight"
    | "classWeight"
    | "signal"
  > {
  /** The first step's rate, > 0. Default 1e-7. */
  readonly from?: number;
  /** The last step's rate, > `from`. Default 10. */
  readonly to?: number;
  /** Steps from one to the other: an integer in [2, 10000]. Default 100. */
  readonly steps?: number;
}

/** What {@link findLearningRate} finds. */
export interface LearningRateCurve {
  /** The rate of each step that was taken. */
  readonly rates: number[];
  /** Its loss, before the update. */
  readonly losses: number[];
  /** The rate half-way along the longest fall of the smoothed loss; undefined where it never fell by a millionth. */
  readonly suggestion: number | undefined;
}

/** β of the moving average by which losses are smoothed. */
const SMOOTHING = 0.98;

/** The loss diverges where it is, smoothed, so many times its lowest value. */
const DIVERGED = 4;

/** A smaller one, of the first loss, may be rounding. */
const LEAST_FALL = 1e-6;

/** The look for the longest fall takes the square of it. */
const MOST_STEPS = 10_000;

/**
 * The learning rate range test: trains a copy of the network while the rate grows from `from` to `to`, by the same factor
 * each step, until the loss diverges. The network stays as it is, and so does the optimizer that is given, of which the rule
 * and its other options are taken. Where the signal aborts, it resolves with the curve so far.
 * Raises what {@link Network.fit} raises.
 *
 * Source: Smith 2017, Cyclical learning rates for training neural networks, section 3.3; smoothing, end and suggestion
 * (its `valley`) as in fastai's lr_find.
 */
export async function findLearningRate(
  network: AnyNetwork,
  x: Inputs,
  y: Labels,
  options: FindLearningRateOptions = {},
): Promise<LearningRateCurve> {
  if (!Network.is(network)) {
    throw new ConfigError("network", "a network, such as createNetwork makes", describe(network));
  }
  const given = readOptions("findLearningRate", "options", options);
  const { from, to, steps } = checkRange(given);
  const curve = new Curve(steps, checkSignal(given.signal));
  const { from: _, to: __, steps: ___, optimizer = "adam", ...common } = given;
  const settings = resolveGivenFitOptions({
    ...common,
    epochs: steps, // each has a step at least
    optimizer: growing(toOptimizer("optimizer", optimizer), { from, to, steps }, network),
    warnings: false,
    signal: curve.signal,
    onStep: (report) => curve.add(report),
  });
  const copy = await withRoom(async () => network.clone());
  try {
    await copy.runFit(x, y, settings);
  } catch (error) {
    // A step that can't be taken is where the loss has diverged, unless it is the first.
    if (!(error instanceof NumericError) || curve.losses.length === 0) throw error;
  } finally {
    curve.end();
    copy.dispose();
  }
  const { rates, losses } = curve;
  return { rates, losses, suggestion: curve.valley() };
}

function checkRange({
  from = 1e-7,
  to = 10,
  steps = 100,
}: Given<FindLearningRateOptions, "findLearningRate">) {
  checkNumber("from", from, ...POSITIVE);
  checkNumber("to", to, `a finite number above from, ${from}`, (value) => value > from);
  return { from, to, steps: checkInteger("steps", steps, 2, MOST_STEPS) };
}

/** A new optimizer by this one's rule whose rate is `from` at first and `to` at the last step. */
function growing(
  { rule, hyperparameters }: Optimizer,
  { from, to, steps }: { readonly from: number; readonly to: number; readonly steps: number },
  { config }: AnyNetwork,
): Optimizer {
  const highest = { ...hyperparameters, learningRate: to };
  try {
    checkFits(rule, highest, config.dtype);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const path = error.path === "learningRate" ? "to" : `optimizer.${error.path}`;
    throw new ConfigError(path, error.expected, error.got);
  }
  const schedule: Schedule = { type: "exponential", from, factor: to / from, steps: steps - 1 };
  return new Optimizer(rule, highest, schedule);
}

/** The losses of steps at growing rates. */
class Curve {
  readonly rates: number[] = [];
  readonly losses: number[] = [];
  /** The moving average of the losses, each divided by what its weights sum to. */
  readonly #smoothed: number[] = [];
  readonly #steps: number;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #follow = () => this.#stop.abort();
  #average = 0;
  /** βᵗ. */
  #power = 1;
  #lowest = Number.POSITIVE_INFINITY;

  constructor(steps: number, signal: AbortSignal | undefined) {
    this.#steps = steps;
    this.#signal = signal;
    if (signal?.aborted) this.#follow();
    else signal?.addEventListener("abort", this.#follow, { once: true });
  }

  /** Aborts when there is nothing more to find. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  add({ loss, learningRate }: StepReport): void {
    this.rates.push(learningRate);
    this.losses.push(loss);
    this.#average = SMOOTHING * this.#average + (1 - SMOOTHING) * loss;
    this.#power *= SMOOTHING;
    const smoothed = this.#average / (1 - this.#power);
    this.#smoothed.push(smoothed);
    this.#lowest = Math.min(this.#lowest, smoothed);
    if (this.losses.length === this.#steps || this.#diverges(smoothed)) this.#stop.abort();
  }

  /** A loss that may be negative, as poisson's, is measured by its first value too. */
  #diverges(smoothed: number): boolean {
    const lowest = this.#lowest;
    const size = lowest > 0 ? lowest : Math.max(-lowest, Math.abs(this.#smoothed[0] ?? 0));
    return smoothed - lowest > (DIVERGED - 1) * size;
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#follow);
  }

  /** Half-way along the longest fall of the smoothed losses, whatever noise is in between. */
  valley(): number | undefined {
    const smoothed = this.#smoothed;
    const falls: number[] = []; // of each step: how many of those before it make a falling sequence that ends there
    let end = 0;
    for (const [i, loss] of smoothed.entries()) {
      let longest = 0;
      for (let j = 0; j < i; j++) {
        if (loss < (smoothed[j] ?? 0)) longest = Math.max(longest, (falls[j] ?? 0) + 1);
      }
      falls.push(longest);
      if (longest > (falls[end] ?? 0)) end = i;
    }
    const first = smoothed[0] ?? 0;
    if (!(first - (smoothed[end] ?? 0) > LEAST_FALL * Math.abs(first))) return undefined;
    return this.rates[end - Math.floor((falls[end] ?? 0) / 2)];
  }
}
