import type { BatchMemory } from "./batch-memory.js";
import { load } from "./batch-source.js";
import { atOnce } from "./breath.js";
import { type Inputs, type Labels, toExamples } from "./data.js";
import type { DenseLayer } from "./dense.js";
import { checkKeepProb, type Dropout, randomMasks } from "./dropout.js";
import { Layers } from "./layers.js";
import type { Network } from "./network.js";
import { positionOf } from "./panels.js";
import { lossBefore, penalizedLoss, type Trainee } from "./training.js";
import { checkNumber, checkOptions } from "./validation.js";

export interface GradientCheckOptions {
  /** λ >= 0 of the L2 term. Default 0. */
  readonly l2?: number;
  /** Probability of keeping a hidden unit, in (0, 1]; all probes see the same masks. Default 1. */
  readonly keepProb?: number;
  /** How far each parameter is moved, either way: in (0, 1e-2]. Default 1e-5. */
  readonly epsilon?: number;
  /** Largest relative error of a block that passes: in (0, 1). Default 1e-7. */
  readonly threshold?: number;
}

/** One parameter's derivative, both ways. */
export interface GradientEntry {
  /** Such as `W2[3][0]` or `b1[4]`. */
  readonly name: string;
  /** By backward propagation. */
  readonly analytic: number;
  /** By central difference. */
  readonly numeric: number;
  /** |a − n| / (|a| + |n|); 0 where both are 0. */
  readonly relativeError: number;
}

/** The comparison for one W_l or b_l. */
export interface GradientBlock {
  /** Such as `W2` or `b1`. */
  readonly name: string;
  /** ‖a − n‖ / (‖a‖ + ‖n‖) over the entries that were compared; 0 where both norms are 0. */
  readonly relativeError: number;
  /** Entries compared. */
  readonly compared: number;
  /** Entries passed over, since a probe changed the sign of a relu's input: there is no derivative to compare. */
  readonly rejected: number;
  /** The entry that is furthest off, unless all were rejected. */
  readonly worst: GradientEntry | undefined;
  readonly ok: boolean;
}

/** What {@link gradientCheck} found. */
export interface GradientCheck {
  /** All blocks are. */
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

/** A loss is rounded a few times on its way: its difference is known to this many units of 2⁻⁵². */
const ROUNDINGS = 16;

/**
 * Compares every derivative of backward propagation with (J(θ+ε) − J(θ−ε)) / 2ε, on a float64 copy of
 * the network. A block passes if ‖a − n‖ / (‖a‖ + ‖n‖) ≤ threshold, and no entry is off by more than
 * 100 · threshold of its size; differences below the rounding of the quotient itself count as none.
 * Takes two forward passes a parameter: meant for small networks and few examples.
 * Raises ConfigError, ShapeError, DataError, StateError.
 * Source: the notebook's introduction, which promises it.
 */
export function gradientCheck(
  network: Network,
  x: Inputs,
  y: Labels,
  options: GradientCheckOptions = {},
): GradientCheck {
  checkOptions("options", options, ["l2", "keepProb", "epsilon", "threshold"]);
  const l2 = checkNumber("l2", options.l2 ?? 0, "a finite number >= 0", (value) => value >= 0);
  const keepProb = checkKeepProb(options.keepProb ?? 1);
  const epsilon = checkNumber(
    "epsilon",
    options.epsilon ?? 1e-5,
    "a number in (0, 1e-2]",
    (e) => e > 0 && e <= 1e-2,
  );
  const threshold = checkNumber(
    "threshold",
    options.threshold ?? 1e-7,
    "a number in (0, 1)",
    (t) => t > 0 && t < 1,
  );
  const probe = new Probe(network, x, y, l2, keepProb);
  try {
    const noise = (ROUNDINGS * 2 ** -52 * Math.max(1, Math.abs(probe.loss))) / epsilon;
    const blocks = probe.layers.dense.flatMap((layer) =>
      [weightBlock(layer), biasBlock(layer)].map((block) => compare(probe, block, epsilon, threshold, noise)),
    );
    return summarize(blocks, threshold);
  } catch (error) {
    throw probe.layers.instance.explain(error);
  } finally {
    probe.layers.blocks.releaseAll();
  }
}

/** A W_l or b_l in the flat block. */
interface BlockPlace {
  readonly name: string;
  readonly length: number;
  /** Where the entry stands in the flat block. */
  at(entry: number): number;
  /** The entry's indices, such as `[3][0]`. */
  indices(entry: number): string;
}

function weightBlock(layer: DenseLayer): BlockPlace {
  const { index, inputs, outputs, weightsAt } = layer;
  const unit = (entry: number) => Math.floor(entry / inputs);
  return {
    name: `W${index}`,
    length: inputs * outputs,
    at: (entry) => weightsAt + positionOf(layer, unit(entry), entry % inputs),
    indices: (entry) => `[${unit(entry)}][${entry % inputs}]`,
  };
}

function biasBlock({ index, outputs, biasesAt }: DenseLayer): BlockPlace {
  return {
    name: `b${index}`,
    length: outputs,
    at: (entry) => biasesAt + entry,
    indices: (entry) => `[${entry}]`,
  };
}

/** A float64 copy of a network whose parameters can be moved one at a time. */
class Probe {
  readonly layers: Layers;
  /** The loss with all parameters in their place, and its gradient by backward propagation. */
  readonly loss: number;
  readonly analytic: Float32Array | Float64Array;

  readonly #batch: BatchMemory;
  readonly #rows: number;
  readonly #l2: number;
  readonly #dropout: Dropout | undefined;
  /** Which relus let their input through, with all parameters in their place. */
  readonly #open: readonly boolean[];

  constructor(network: Network, x: Inputs, y: Labels, l2: number, keepProb: number) {
    const parameters = network.parameters();
    const config = { ...network.config, dtype: "float64" as const };
    const { seeds, layers: checked } = network.trainee;
    const examples = atOnce(toExamples(x, y, config, checked.instance));
    const layers = new Layers(checked.instance, config);
    this.layers = layers;
    try {
      layers.dense.forEach((layer, i) => {
        const copied = parameters[i];
        if (copied === undefined) return;
        layers.write(layer.weights, copied.weights.data);
        layers.write(layer.biases, copied.biases);
      });
      layers.intoPanels(layers.parameters);
      const batch = layers.trainingMemory(examples.m, keepProb < 1);
      load(layers, batch, examples);
      const masks = randomMasks(layers.kernels, keepProb, seeds.dropout, { epoch: 0, step: 0 });
      const dropout = keepProb < 1 ? { keepProb, masks } : undefined;
      const trainee: Trainee = { config, seeds, layers, progress: { epoch: 0, step: 0, steps: 0 } };
      this.loss = lossBefore(trainee, batch, examples.m, l2, dropout);
      layers.backward(batch, examples.m, keepProb, l2 / examples.m);
      this.analytic = layers.read(layers.gradients, layers.parameterCount);
      this.#batch = batch;
      this.#rows = examples.m;
      this.#l2 = l2;
      // The masks are in place now, and stay as they are.
      this.#dropout = dropout && { keepProb, masks: { fill: () => undefined } };
      this.#open = this.#openRelus();
    } catch (error) {
      layers.blocks.releaseAll();
      throw layers.instance.explain(error);
    }
  }

  /** (J(θ+ε) − J(θ−ε)) / 2ε for one parameter, or undefined where a relu opens or closes on the way. */
  derivative(parameter: number, epsilon: number): number | undefined {
    const at = this.layers.indexOf(this.layers.parameters) + parameter;
    const value = this.layers.numbers()[at] ?? 0;
    const [above, below] = [value + epsilon, value - epsilon];
    try {
      const lossAbove = this.#lossAt(at, above);
      const lossBelow = lossAbove === undefined ? undefined : this.#lossAt(at, below);
      if (lossAbove === undefined || lossBelow === undefined) return undefined;
      return (lossAbove - lossBelow) / (above - below);
    } finally {
      this.layers.numbers()[at] = value;
    }
  }

  #lossAt(at: number, value: number): number | undefined {
    const { layers } = this;
    layers.numbers()[at] = value;
    layers.forward(this.#batch, this.#rows, this.#dropout);
    if (this.#openRelus().some((open, i) => open !== this.#open[i])) return undefined;
    return penalizedLoss(layers, layers.lossSum(this.#batch, this.#rows, false), this.#rows, this.#l2);
  }

  #openRelus(): boolean[] {
    const numbers = this.layers.numbers();
    return this.layers.dense.flatMap((layer, i) => {
      if (layer.activation !== "relu") return [];
      const at = this.layers.indexOf(this.#batch.activations[i] ?? 0);
      return Array.from(numbers.subarray(at, at + this.#rows * layer.outputs), (a) => a > 0);
    });
  }
}

function compare(
  probe: Probe,
  block: BlockPlace,
  epsilon: number,
  threshold: number,
  noise: number,
): GradientBlock {
  const entries: GradientEntry[] = [];
  for (let entry = 0; entry < block.length; entry++) {
    const numeric = probe.derivative(block.at(entry), epsilon);
    if (numeric === undefined) continue;
    const analytic = probe.analytic[block.at(entry)] ?? 0;
    const relativeError = relative(Math.abs(analytic - numeric), Math.abs(analytic) + Math.abs(numeric));
    entries.push({ name: `${block.name}${block.indices(entry)}`, analytic, numeric, relativeError });
  }
  const off = ({ analytic, numeric }: GradientEntry) => Math.abs(analytic - numeric);
  const distance = norm(entries.map(off));
  const size = norm(entries.map((e) => e.analytic)) + norm(entries.map((e) => e.numeric));
  const entryPasses = (e: GradientEntry) =>
    off(e) <= ENTRY_SLACK * threshold * (Math.abs(e.analytic) + Math.abs(e.numeric)) + noise;
  return {
    name: block.name,
    relativeError: relative(distance, size),
    compared: entries.length,
    rejected: block.length - entries.length,
    worst: entries.reduce<GradientEntry | undefined>(
      (worst, entry) => (worst === undefined || off(entry) > off(worst) ? entry : worst),
      undefined,
    ),
    ok: distance <= threshold * size + noise * Math.sqrt(entries.length) && entries.every(entryPasses),
  };
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** 0/0 is no error at all. */
function relative(distance: number, size: number): number {
  return distance === 0 ? 0 : distance / size;
}

function summarize(blocks: readonly GradientBlock[], threshold: number): GradientCheck {
  const ok = blocks.every((block) => block.ok);
  const furthest = blocks.reduce((a, b) => (rank(b) > rank(a) ? b : a), blocks[0] as GradientBlock);
  return {
    ok,
    relativeError: Math.max(...blocks.map((block) => block.relativeError)),
    worst: furthest.worst,
    blocks,
    report: () => table(blocks, ok, threshold),
  };
}

/** Failed blocks before passed ones, then by relative error. */
function rank(block: GradientBlock): number {
  return (block.ok ? 0 : 2) + Math.min(1, block.relativeError);
}

function verdictOf({ ok, compared }: GradientBlock): string {
  if (compared === 0) return "nothing to compare";
  return ok ? "ok" : "WRONG";
}

function table(blocks: readonly GradientBlock[], ok: boolean, threshold: number): string {
  const header = [
    "block",
    "relative error",
    "compared",
    "rejected",
    "worst entry",
    "analytic",
    "numeric",
    "",
  ];
  const rows = blocks.map((block) => [
    block.name,
    block.relativeError.toExponential(2),
    String(block.compared),
    String(block.rejected),
    block.worst?.name ?? "",
    block.worst?.analytic.toExponential(8) ?? "",
    block.worst?.numeric.toExponential(8) ?? "",
    verdictOf(block),
  ]);
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  const verdict = ok
    ? `Gradient check passed: every block is within ${threshold} of its central difference.`
    : `Gradient check FAILED in ${blocks.filter((b) => !b.ok).map((b) => b.name)} (threshold ${threshold}).`;
  return [verdict, line(header), ...rows.map(line)].join("\n");
}
