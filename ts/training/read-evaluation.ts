import { Growing } from "../data/growing.js";
import type { ClassIndices } from "../data/labels.js";
import { checkSomeWeight } from "../data/weights.js";
import type { Floats } from "../engine/memory.js";
import type { ResolvedMetric } from "../metrics/metric.js";
import type { Layers } from "../model/layers.js";
import { type Breath, breathing } from "../platform/breath.js";
import { Evaluation, type Scores } from "./evaluation.js";
import type { Reading } from "./reading.js";

/**
 * What a network does on data that are read, each row once: to the bit what it does on the same rows as arrays. Of what was
 * read only targets and weights are kept, and only where scores need them. `check` is called before each piece. Undefined where
 * the signal aborts; raises as {@link Evaluation} does, DataError where nothing weighs anything, and what the reading raises.
 */
export async function evaluationOfRead(
  layers: Layers,
  reading: Pick<Reading, "m" | "each">,
  metrics: readonly ResolvedMetric[],
  breath: Breath,
  check: () => void,
): Promise<Scores | undefined> {
  const size = layers.predictionRows;
  let started: { readonly evaluation: Evaluation; readonly kept: Kept } | undefined;
  const isRead = await reading.each(size, async (examples) => {
    check();
    const { m, weights } = examples;
    if (started === undefined) {
      const expected = Number.isFinite(reading.m) ? reading.m : m;
      const evaluation = new Evaluation(layers, metrics, weights !== undefined, expected);
      started = {
        evaluation,
        kept: new Kept(layers, evaluation.needsTargets ? expected : 0, weights !== undefined),
      };
    }
    await breathing(started.evaluation.add(examples, 0, m), breath);
    started.kept.add(examples, started.evaluation.needsTargets);
    if (breath.due()) await breath.take();
  });
  if (!isRead || started === undefined) return undefined;
  check();
  return started.evaluation.scores(started.kept.all);
}

/** What of examples is kept that were read. */
class Kept {
  readonly #labels: Growing<Floats | ClassIndices>;
  readonly #weights: Growing<Float64Array> | undefined;
  #m = 0;

  constructor(layers: Layers, m: number, isWeighted: boolean) {
    const isOfClasses = layers.labelType === "uint32";
    const make = (length: number) => (isOfClasses ? new Uint32Array(length) : layers.newNumbers(length));
    this.#labels = new Growing<Floats | ClassIndices>(make, m * layers.labelWidth);
    if (isWeighted) this.#weights = new Growing((length) => new Float64Array(length), m);
  }

  add(
    { labels, weights, m }: { labels: Floats | ClassIndices; weights: Float64Array | undefined; m: number },
    needed: boolean,
  ) {
    this.#m += m;
    if (!needed) return;
    this.#labels.push(labels);
    if (weights !== undefined) this.#weights?.push(weights);
  }

  get all() {
    const weights = this.#weights?.all;
    if (weights !== undefined) checkSomeWeight(weights, "examples");
    return { labels: this.#labels.all, weights, m: this.#m };
  }
}
