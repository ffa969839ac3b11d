import { CUSTOM_LOSS, isOfNumbers, lossName, targetsOf } from "../catalog/losses.js";
import type { Examples } from "../data/examples.js";
import type { Floats, Span } from "../engine/memory.js";
import { NumericError } from "../errors/errors.js";
import { type ResolvedMetric, resolveMetrics } from "../metrics/metric.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import { askLoss } from "../model/loss-call.js";
import { accuracyPass, forwardPass, logits, lossPass, outputPass, ratesPass } from "../model/passes.js";
import { loadInputs } from "../model/scaling.js";
import { Collected } from "./asked-scores.js";
import { Errors } from "./scores.js";

/** A_1 … A_L ← from X in the batch's memory. Returns A_L; raises NumericError where a logit isn't finite. */
export function forwardFinite(layers: Layers, batch: BatchMemory, rows: number): Span {
  layers.program("forward", 0, 0, () => forwardPass(layers, batch)).run(rows, 0, 0);
  const found = logits(batch).part(0, rows * layers.outputs);
  if (layers.engine.isFinite(found)) return found;
  const layer = layers.firstNonFinite(batch, rows) ?? layers.lastNode;
  throw new NumericError(layer, undefined, "finite activations", "NaN or infinity");
}

/** A_L ← g(A_L) of what {@link forwardFinite} left. */
export function activateOutputs(layers: Layers, batch: BatchMemory, rows: number): void {
  layers.program("output", 0, 0, () => outputPass(layers, batch)).run(rows, 0, 0);
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

/** What the network's own function makes of all answers at once. Raises NumericError for a value that isn't finite. */
function ownLoss(layers: Layers, outputs: Floats, { labels, m, weights }: Examples): number {
  const asked = { outputs: outputs.slice(), targets: layers.newNumbers(labels.length), rows: m };
  asked.targets.set(labels);
  const { value } = askLoss(layers, { ...asked, weights: weights?.slice() }, false);
  if (Number.isFinite(value)) return value;
  throw new NumericError(layers.lastNode, undefined, "a finite loss", `${value}`);
}

/** Scores by their names. */
export type Scores = Readonly<Record<string, number | number[][]>>;

/**
 * What a network does on these examples, in pieces between which the event loop may turn. Raises NumericError where a
 * logit or the loss isn't finite, naming the layer.
 */
export function* evaluation(
  layers: Layers,
  examples: Examples,
  metrics: readonly ResolvedMetric[],
): Generator<void, Scores> {
  const { labels, m, labelWidth, weights } = examples;
  const isCounted = weights === undefined;
  const isOwn = lossName(layers.config.loss) === CUSTOM_LOSS;
  const isNumbers = isOfNumbers(layers.config.loss);
  const errors = isNumbers && isCounted ? new Errors(labels as Floats, layers.outputs) : undefined;
  const all = metrics.length === 0 && isCounted && !isOwn ? undefined : new Collected(layers, m);
  const size = layers.predictionRows;
  let lossSum = 0;
  let correct = 0;
  for (let start = 0; start < m; start += size) {
    if (start > 0) yield;
    const rows = Math.min(size, m - start);
    const batch = layers.predictionMemory(Math.min(size, m));
    loadInputs(layers, batch, examples, start, rows);
    batch.labels.write(labels.subarray(start * labelWidth, (start + rows) * labelWidth));
    if (isCounted) batch.weigh(false);
    else batch.weigh(true)?.write(weights.subarray(start, start + rows));
    const found = forwardFinite(layers, batch, rows);
    const score = layers.program(isCounted ? "score" : "weighted score", 0, 0, () => [
      ...(isOwn ? [] : [lossPass(layers, batch, false)]),
      ...accuracyPass(layers, batch),
      ...ratesPass(layers, batch),
    ]);
    score.run(rows, 0, 0);
    if (!isOwn) lossSum += score.sum;
    correct += score.correct;
    errors?.add(found.read(), start);
    if (all === undefined) continue;
    all.addLogits(found.read(), start);
    activateOutputs(layers, batch, rows);
    all.addOutputs(found.read(), start);
  }
  if (!Number.isFinite(lossSum)) {
    throw new NumericError(layers.lastNode, undefined, "losses with a finite sum", `${lossSum}`);
  }
  const loss = isOwn && all !== undefined ? ownLoss(layers, all.outputs, examples) : lossSum / m;
  const questions = targetsOf(layers.config.loss) === "distributions" ? 1 : labelWidth;
  const own = isCounted
    ? (errors?.scores(loss) ?? { loss, accuracy: correct / (m * questions) })
    : { loss, ...all?.scores(ownMetrics(layers), labels, weights) };
  return { ...own, ...all?.scores(metrics, labels, weights) };
}
