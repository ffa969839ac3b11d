import { CUSTOM_LOSS, isOfNumbers, lossName, targetsOf } from "../catalog/losses.js";
import type { Examples } from "../data/examples.js";
import type { Pause, Program } from "../engine/engine.js";
import type { Floats, Span } from "../engine/memory.js";
import { NumericError } from "../errors/errors.js";
import { type ResolvedMetric, resolveMetrics } from "../metrics/metric.js";
import { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import { askLoss, type StepOperation } from "../model/loss-call.js";
import { accuracyPass, forwardPass, logits, lossPass, outputPass, ratesPass } from "../model/passes.js";
import { loadInputs } from "../model/scaling.js";
import { Collected } from "./asked-scores.js";
import { Errors } from "./scores.js";
import { isInPortions } from "./step.js";

/** Where a network's answers are computed. */
interface Place {
  /** Memory for so many rows. */
  memory(rows: number): BatchMemory;
  /** The program that was bound for this purpose. */
  program(purpose: string, operations: () => readonly StepOperation[]): Program;
}

/** A network's own prediction memory. */
function sharedPlace(layers: Layers): Place {
  return {
    memory: (rows) => layers.predictionMemory(rows),
    program: (purpose, operations) => layers.program(purpose, 0, 0, operations),
  };
}

/** Memory where a network can be evaluated beside JavaScript, which may use all other of it meanwhile. To be released. */
export class PlaceAside implements Place {
  readonly #layers: Layers;
  readonly #programs = new Map<string, Program>();
  #batch: BatchMemory | undefined;

  constructor(layers: Layers) {
    this.#layers = layers;
  }

  /** Of these examples, an evaluation of as many as it takes at a time is worth it. */
  isWorth({ m }: Examples): boolean {
    const layers = this.#layers;
    return layers.engine.runsAside && isInPortions(layers, Math.min(layers.predictionRows, m));
  }

  memory(rows: number): BatchMemory {
    this.#batch ??= new BatchMemory(this.#layers, rows, "prediction");
    return this.#batch;
  }

  program(purpose: string, operations: () => readonly StepOperation[]): Program {
    const bound = this.#programs.get(purpose) ?? this.#layers.bind(operations());
    this.#programs.set(purpose, bound);
    return bound;
  }

  release(): void {
    for (const program of this.#programs.values()) program.release();
    this.#batch?.release();
  }
}

/** A_1 … A_L ← from X in the batch's memory. Returns A_L; raises NumericError where a logit isn't finite. */
export function forwardFinite(layers: Layers, batch: BatchMemory, rows: number): Span {
  forwardOf(layers, sharedPlace(layers), batch).run(rows, 0, 0);
  return finiteLogits(layers, batch, rows);
}

function forwardOf(layers: Layers, place: Place, batch: BatchMemory): Program {
  return place.program("forward", () => forwardPass(layers, batch));
}

function finiteLogits(layers: Layers, batch: BatchMemory, rows: number): Span {
  const found = logits(batch).part(0, rows * layers.outputs);
  if (layers.engine.isFinite(found)) return found;
  const layer = layers.firstNonFinite(batch, rows) ?? layers.lastNode;
  throw new NumericError(layer, undefined, "finite activations", "NaN or infinity");
}

/** A_L ← g(A_L) of what {@link forwardFinite} left. */
export function activateOutputs(
  layers: Layers,
  batch: BatchMemory,
  rows: number,
  place = sharedPlace(layers),
): void {
  place.program("output", () => outputPass(layers, batch)).run(rows, 0, 0);
}

/** The scores that evaluate gives by itself. */
export function ownScores(layers: Layers): readonly string[] {
  return isOfNumbers(layers.config.loss)
    ? ["loss", "rootMeanSquaredError", "meanAbsoluteError", "r2"]
    : ["loss", "accuracy"];
}

/** Those of them that are metrics. */
function ownMetrics(layers: Layers): readonly ResolvedMetric[] {
  return metricsOf(
    layers,
    ownScores(layers).filter((name) => name !== "loss"),
  );
}

/** Metrics that were asked of a network. Raises ConfigError. */
export function metricsOf(layers: Layers, metrics: unknown): readonly ResolvedMetric[] {
  if (metrics === undefined) return [];
  const { outputs, outputActivation } = layers.architecture;
  const isNumbers = isOfNumbers(layers.config.loss);
  const asked = {
    of: isNumbers ? ("numbers" as const) : ("classes" as const),
    isBinary: !isNumbers && outputActivation !== "softmax" && outputs === 1,
    isSoftmax: outputActivation === "softmax",
    hasProbabilities: outputActivation !== "linear",
  };
  return resolveMetrics("metrics", metrics, asked, ownScores(layers));
}

/** Scores by their names. */
export type Scores = Readonly<Record<string, number | number[][]>>;

/** What all examples have that were evaluated. */
type Targets = Pick<Examples, "labels" | "m" | "weights">;

/** What a network does on examples that come piece by piece, {@link Layers.predictionRows} at a time: sums follow that. */
export class Evaluation {
  readonly #layers: Layers;
  readonly #metrics: readonly ResolvedMetric[];
  readonly #place: Place;
  readonly #isOwn: boolean;
  /** The numbers' own scores, and what metrics need, where either is asked for. */
  readonly #errors: Errors | undefined;
  readonly #all: Collected | undefined;
  #lossSum = 0;
  #correct = 0;

  /** @param m - how many examples will come, or a part of them */
  constructor(
    layers: Layers,
    metrics: readonly ResolvedMetric[],
    isWeighted: boolean,
    m: number,
    place: Place = sharedPlace(layers),
  ) {
    const { loss } = layers.config;
    this.#layers = layers;
    this.#metrics = metrics;
    this.#place = place;
    this.#isOwn = lossName(loss) === CUSTOM_LOSS;
    if (isOfNumbers(loss) && !isWeighted) this.#errors = new Errors(layers.outputs);
    if (metrics.length > 0 || isWeighted || this.#isOwn) this.#all = new Collected(layers, m);
  }

  /** Whether `scores` looks at more of the examples than how many they are. */
  get needsTargets(): boolean {
    return this.#errors !== undefined || this.#all !== undefined;
  }

  /** Takes up `rows` of these from `start` on. Raises NumericError where a logit isn't finite. */
  *add(examples: Examples, start: number, rows: number): Generator<Pause, void> {
    const layers = this.#layers;
    const place = this.#place;
    const { labels, labelWidth, weights } = examples;
    const targets = labels.subarray(start * labelWidth, (start + rows) * labelWidth);
    const batch = place.memory(Math.min(layers.predictionRows, examples.m));
    loadInputs(layers, batch, examples, start, rows);
    batch.labels.write(targets);
    if (weights === undefined) batch.weigh(false);
    else batch.weigh(true)?.write(weights.subarray(start, start + rows));
    const forward = forwardOf(layers, place, batch);
    if (place instanceof PlaceAside) yield* forward.aside(rows, 0, 0);
    else forward.run(rows, 0, 0);
    const found = finiteLogits(layers, batch, rows);
    const score = place.program(weights === undefined ? "score" : "weighted score", () => [
      ...(this.#isOwn ? [] : [lossPass(layers, batch, false)]),
      ...accuracyPass(layers, batch),
      ...ratesPass(layers, batch),
    ]);
    score.run(rows, 0, 0);
    if (!this.#isOwn) this.#lossSum += score.sum;
    this.#correct += score.correct;
    this.#errors?.add(found.read(), targets as Floats);
    if (this.#all === undefined) return;
    this.#all.addLogits(found.read());
    activateOutputs(layers, batch, rows, place);
    this.#all.addOutputs(found.read());
  }

  /** Of all examples that came. Raises NumericError where the loss isn't finite. */
  scores(of: Targets): Scores {
    const { labels, m, weights } = of;
    const layers = this.#layers;
    if (!Number.isFinite(this.#lossSum)) {
      throw new NumericError(layers.lastNode, undefined, "losses with a finite sum", `${this.#lossSum}`);
    }
    const all = this.#all;
    const loss = this.#isOwn && all !== undefined ? ownLoss(layers, all.outputs, of) : this.#lossSum / m;
    const questions = targetsOf(layers.config.loss) === "distributions" ? 1 : layers.labelWidth;
    const own =
      weights === undefined
        ? (this.#errors?.scores(loss, labels as Floats) ?? {
            loss,
            accuracy: this.#correct / (m * questions),
          })
        : { loss, ...all?.scores(ownMetrics(layers), labels, weights) };
    return { ...own, ...all?.scores(this.#metrics, labels, weights) };
  }
}

/** What the network's own function makes of all answers at once. Raises NumericError for a value that isn't finite. */
function ownLoss(layers: Layers, outputs: Floats, { labels, m, weights }: Targets): number {
  const asked = { outputs: outputs.slice(), targets: layers.newNumbers(labels.length), rows: m };
  asked.targets.set(labels);
  const { value } = askLoss(layers, { ...asked, weights: weights?.slice() }, false);
  if (Number.isFinite(value)) return value;
  throw new NumericError(layers.lastNode, undefined, "a finite loss", `${value}`);
}

/**
 * What a network does on these examples, in pieces between which the event loop may turn. Raises NumericError where a
 * logit or the loss isn't finite, naming the layer.
 */
export function* evaluation(
  layers: Layers,
  examples: Examples,
  metrics: readonly ResolvedMetric[],
  place?: Place,
): Generator<Pause, Scores> {
  const { m, weights } = examples;
  const found = new Evaluation(layers, metrics, weights !== undefined, m, place);
  const size = layers.predictionRows;
  for (let start = 0; start < m; start += size) {
    if (start > 0) yield;
    yield* found.add(examples, start, Math.min(size, m - start));
  }
  return found.scores(examples);
}
