import { isOfNumbers, type Targets, targetsOf } from "../catalog/losses.js";
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

/** All answers of a network, collected piece by piece. */
export class Collected {
  readonly #layers: Layers;
  readonly #m: number;
  readonly outputs: Floats;
  readonly #chosen: Uint32Array;

  constructor(layers: Layers, m: number) {
    this.#layers = layers;
    this.#m = m;
    this.outputs = layers.newNumbers(m * layers.outputs);
    this.#chosen = new Uint32Array(m * (this.#isSoftmax ? 1 : layers.outputs));
  }

  get #isSoftmax(): boolean {
    return this.#layers.architecture.outputActivation === "softmax";
  }

  /** What is chosen by these logits, from example `start` on: the first largest of a softmax, or yes above 0. */
  addLogits(logits: Floats, start: number): void {
    const above = this.#isSoftmax ? undefined : 0;
    const width = this.#isSoftmax ? 1 : this.#layers.outputs;
    this.#chosen.set(classesOf(logits, this.#layers.outputs, above), start * width);
  }

  addOutputs(outputs: Floats, start: number): void {
    this.outputs.set(outputs, start * this.#layers.outputs);
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
      chosen: this.#chosen,
      m: this.#m,
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
