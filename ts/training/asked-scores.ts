import { isOfNumbers, type Targets, targetsOf } from "../catalog/losses.js";
import { Growing } from "../data/growing.js";
import type { ClassIndices } from "../data/labels.js";
import type { Numbers } from "../data/numbers.js";
import type { Floats } from "../engine/memory.js";
import type { Answers } from "../metrics/answers.js";
import type { Metric, ResolvedMetric } from "../metrics/metric.js";
import { metricValue } from "../metrics/metric-value.js";
import type { Layers } from "../model/layers.js";
import type { ClassWeight } from "./class-weight.js";
import { classesOf } from "./classes.js";

/** What {@link Network.evaluate} takes. */
export interface EvaluateOptions<Asked extends readonly Metric[] = readonly Metric[]> {
  /**
   * Metrics beside those that it always gives: names (docs/guide.md has a table), `topK({ k: 3 })` and its like, or
   * functions of one's own, `{ name, value(targets, outputs) }`. Default none.
   */
  readonly metrics?: Asked;
  /** w >= 0 of each example, as in {@link Network.fit}: the loss is 1/m · Σ wᵢ·ℓᵢ, the other scores are means over Σ wᵢ. */
  readonly sampleWeight?: Numbers;
  /** w >= 0 of each class, as in {@link Network.fit}, times `sampleWeight`. */
  readonly classWeight?: ClassWeight;
}

/** The same of data that are read: their batches bring `sampleWeight`. */
export interface EvaluateDataOptions<Asked extends readonly Metric[] = readonly Metric[]>
  extends Omit<EvaluateOptions<Asked>, "sampleWeight"> {
  /** Ends it: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** All answers of a network, collected piece by piece. */
export class Collected {
  readonly #layers: Layers;
  readonly #outputs: Growing<Floats>;
  readonly #chosen: Growing<Uint32Array>;

  /** @param m - how many examples will come, or a part of them */
  constructor(layers: Layers, m: number) {
    this.#layers = layers;
    this.#outputs = new Growing((length) => layers.newNumbers(length), m * layers.outputs);
    const width = this.#isSoftmax ? 1 : layers.outputs;
    this.#chosen = new Growing((length) => new Uint32Array(length), m * width);
  }

  get outputs(): Floats {
    return this.#outputs.all;
  }

  get #isSoftmax(): boolean {
    return this.#layers.architecture.outputActivation === "softmax";
  }

  /** What is chosen by these logits: the first largest of a softmax, or yes above 0. */
  addLogits(logits: Floats): void {
    this.#chosen.push(classesOf(logits, this.#layers.outputs, this.#isSoftmax ? undefined : 0));
  }

  addOutputs(outputs: Floats): void {
    this.#outputs.push(outputs);
  }

  /** The metrics' values. */
  scores(
    metrics: readonly ResolvedMetric[],
    targets: Floats | ClassIndices,
    weights: Float64Array | undefined,
  ): Record<string, number | number[][]> {
    const { outputs: n, config, dtype } = this.#layers;
    const units = n === 1 ? "binary" : "labels";
    const answers: Answers = {
      kind: isOfNumbers(config.loss) ? "numbers" : this.#isSoftmax ? "classes" : units,
      targets: hardTargets(targets, targetsOf(config.loss), n),
      outputs: this.outputs,
      chosen: this.#chosen.all,
      m: this.outputs.length / n,
      n,
      weights,
      epsilon: dtype === "float32" ? 2 ** -23 : 2 ** -52,
    };
    return Object.fromEntries(metrics.map((metric) => [metric.key, metricValue(metric, answers)]));
  }
}

/** Targets as metrics take them: of soft labels 1 above 1/2, or the class with the largest share. */
function hardTargets(targets: Floats | ClassIndices, kind: Targets, n: number): ArrayLike<number> {
  if (kind === "shares") return classesOf(targets, n, 1 / 2);
  return kind === "distributions" ? classesOf(targets, n, undefined) : targets;
}
