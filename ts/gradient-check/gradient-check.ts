import { NOT_NEGATIVE } from "../catalog/ranges.js";
import { checkNumber, readOptions } from "../config/validation.js";
import type { Inputs, Labels } from "../data/examples.js";
import { ConfigError, describe } from "../errors/errors.js";
import { checkKeepProb } from "../model/dropout.js";
import type { WeightOptions } from "../network/fit-options.js";
import { type AnyNetwork, Network } from "../network/network.js";
import { resolveClassWeight } from "../training/class-weight.js";
import { centralDifference, lossNoise, stepOf, surestDerivative } from "./central-difference.js";
import type { GradientBlock, GradientEntry } from "./gradient-block.js";
import { GradientProbe, type ParameterBlock } from "./gradient-probe.js";
import { gradientReport } from "./gradient-report.js";

export interface GradientCheckOptions extends WeightOptions {
  /** λ >= 0 of the L1 term. A weight that a probe would take across 0 is passed over. Default 0. */
  readonly l1?: number;
  /** λ >= 0 of the L2 term. Default 0. */
  readonly l2?: number;
  /** Probability of keeping a hidden unit, in (0, 1]; all probes see the same masks. Default 1. */
  readonly keepProb?: number;
  /**
   * How far the input of a unit is moved, either way: in (0, 1e-2]. Default 1e-5. A bias is moved by this, a weight by
   * this over the largest magnitude of what it is multiplied with.
   */
  readonly epsilon?: number;
  /** Largest relative error of a block that passes: in (0, 1). Default 1e-7. */
  readonly threshold?: number;
}

/** What {@link gradientCheck} found. */
export interface GradientCheck {
  /** No block is wrong: each is within the threshold, or as near as central differences can tell (its verdict). */
  readonly ok: boolean;
  /** The largest of the blocks' relative errors. */
  readonly relativeError: number;
  /** The entry that is furthest off in the block with the largest relative error. */
  readonly worst: GradientEntry | undefined;
  readonly blocks: readonly GradientBlock[];
  /** A table for people. */
  report(): string;
}

/** An entry may be this much further off than its block's norm may. */
const ENTRY_SLACK = 100;

/**
 * Compares every derivative of backward propagation with (J(θ+h) − J(θ−h)) / 2h, on a float64 copy of
 * the network. A block is right if ‖a − n‖ / (‖a‖ + ‖n‖) ≤ threshold, and no entry is off by more than
 * 100 · threshold of its size. What isn't at the usual step is looked at with others, from 256 times larger to tiny
 * ones: they give a better n, and its uncertainty. A difference beyond that is a wrong gradient; one within it is
 * counted as unresolved, since rounding leaves no more to be seen.
 * Takes two forward passes a parameter, and 28 where it is looked at again: meant for small networks and few examples.
 * Raises ConfigError, ShapeError, DataError, StateError; NumericError for a loss that isn't finite; EnvironmentError where
 * WebAssembly's build of float64 can't be loaded at once (docs/environments.md).
 * Source: the notebook's introduction, which promises it; Richardson 1911 for the extrapolation to the step 0.
 */
export function gradientCheck(
  network: AnyNetwork,
  x: Inputs,
  y: Labels,
  options: GradientCheckOptions = {},
): GradientCheck {
  if (!Network.is(network)) {
    throw new ConfigError("network", "a network, such as createNetwork makes", describe(network));
  }
  const {
    l1 = 0,
    l2 = 0,
    keepProb = 1,
    epsilon = 1e-5,
    threshold = 1e-7,
    sampleWeight,
    classWeight,
  } = readOptions("gradientCheck", "options", options);
  checkNumber("l1", l1, ...NOT_NEGATIVE);
  checkNumber("l2", l2, ...NOT_NEGATIVE);
  checkKeepProb(keepProb);
  checkNumber("epsilon", epsilon, "a number in (0, 1e-2]", (e) => e > 0 && e <= 1e-2);
  checkNumber("threshold", threshold, "a number in (0, 1)", (t) => t > 0 && t < 1);
  const weights = { sampleWeight, classWeight: resolveClassWeight(classWeight) };
  const probe = new GradientProbe(network, x, y, { l1, l2, keepProb, ...weights });
  try {
    return summarize(new Comparison(probe, epsilon, threshold).blocks(), threshold);
  } catch (error) {
    throw probe.layers.engine.explain(error);
  } finally {
    probe.release();
  }
}

class Comparison {
  readonly #probe: GradientProbe;
  readonly #epsilon: number;
  readonly #threshold: number;
  #noise: number | undefined;

  constructor(probe: GradientProbe, epsilon: number, threshold: number) {
    this.#probe = probe;
    this.#epsilon = epsilon;
    this.#threshold = threshold;
  }

  blocks(): GradientBlock[] {
    return this.#probe.blocks.map((block) => this.#compare(block));
  }

  #compare(block: ParameterBlock): GradientBlock {
    const atOnce = Array.from({ length: block.length }, (_, entry) => this.#entry(block, entry));
    const compared = atOnce.filter((entry) => entry !== undefined);
    const isPlain = distance(compared) <= this.#threshold * size(compared);
    // In a block that is off by its norm, each entry that takes part in that is looked at again.
    const allowed = isPlain ? ENTRY_SLACK * this.#threshold : this.#threshold;
    const entries = atOnce.flatMap((entry, i) => {
      if (entry === undefined) return [];
      return off(entry) <= allowed * sizeOf(entry) ? [entry] : [this.#surest(block, i, entry)];
    });
    const unresolved = entries.filter((entry) => !this.#agrees(entry) && off(entry) <= entry.uncertainty);
    const isWrong = entries.some((entry) => !this.#agrees(entry) && !(off(entry) <= entry.uncertainty));
    const apart = distance(entries) - this.#threshold * size(entries);
    const verdict = () => {
      if (entries.length === 0) return "nothing to compare";
      if (isWrong || !(apart <= norm(entries.map((entry) => entry.uncertainty)))) return "wrong";
      return apart <= 0 ? "ok" : "rounding limit";
    };
    const is = verdict();
    return {
      name: block.name,
      relativeError: relative(distance(entries), size(entries)),
      compared: entries.length,
      rejected: block.length - entries.length,
      unresolved: unresolved.length,
      worst: entries.reduce<GradientEntry | undefined>(
        (worst, entry) => (worst === undefined || off(entry) > off(worst) ? entry : worst),
        undefined,
      ),
      ok: is !== "wrong",
      verdict: is,
    };
  }

  /** The comparison at the usual step; undefined where a unit's input crosses a kink. */
  #entry(block: ParameterBlock, entry: number): GradientEntry | undefined {
    const parameter = block.at(entry);
    const step = stepOf(this.#probe, block, entry, this.#epsilon);
    const numeric = centralDifference(this.#probe, parameter, step);
    if (numeric === undefined) return undefined;
    const analytic = this.#probe.analytic[parameter] ?? 0;
    return entryOf(`${block.name}${block.indices(entry)}`, analytic, numeric, step, 0);
  }

  #surest(
    block: ParameterBlock,
    entry: number,
    { name, analytic, numeric, step }: GradientEntry,
  ): GradientEntry {
    this.#noise ??= lossNoise(this.#probe, this.#epsilon);
    const usual = { step, value: numeric };
    const surest = surestDerivative(this.#probe, block.at(entry), usual, this.#noise);
    return entryOf(name, analytic, surest.value, surest.step, surest.uncertainty);
  }

  #agrees(entry: GradientEntry): boolean {
    return off(entry) <= ENTRY_SLACK * this.#threshold * sizeOf(entry);
  }
}

function entryOf(
  name: string,
  analytic: number,
  numeric: number,
  step: number,
  uncertainty: number,
): GradientEntry {
  const relativeError = relative(Math.abs(analytic - numeric), Math.abs(analytic) + Math.abs(numeric));
  return { name, analytic, numeric, relativeError, step, uncertainty };
}

function off({ analytic, numeric }: GradientEntry): number {
  return Math.abs(analytic - numeric);
}

function sizeOf({ analytic, numeric }: GradientEntry): number {
  return Math.abs(analytic) + Math.abs(numeric);
}

function distance(entries: readonly GradientEntry[]): number {
  return norm(entries.map(off));
}

function size(entries: readonly GradientEntry[]): number {
  return norm(entries.map((e) => e.analytic)) + norm(entries.map((e) => e.numeric));
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** 0/0 is no error at all. */
function relative(distance: number, size: number): number {
  return distance === 0 ? 0 : distance / size;
}

function summarize(blocks: readonly GradientBlock[], threshold: number): GradientCheck {
  const furthest = blocks.reduce((a, b) => (rank(b) > rank(a) ? b : a), blocks[0] as GradientBlock);
  return {
    ok: blocks.every((block) => block.ok),
    relativeError: Math.max(...blocks.map((block) => block.relativeError)),
    worst: furthest.worst,
    blocks,
    report: () => gradientReport(blocks, threshold),
  };
}

/** Failed blocks before passed ones, then by relative error. */
function rank(block: GradientBlock): number {
  return (block.ok ? 0 : 2) + Math.min(1, block.relativeError);
}
