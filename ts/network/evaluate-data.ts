import { readOptions } from "../config/validation.js";
import type { Dataset, Stream } from "../data/dataset.js";
import { Breath } from "../platform/breath.js";
import type { EvaluateDataOptions } from "../training/asked-scores.js";
import { resolveClassWeight, weighedReading } from "../training/class-weight.js";
import { metricsOf, type Scores } from "../training/evaluation.js";
import { checkNoWeights, readingOf } from "../training/open-reading.js";
import { evaluationOfRead } from "../training/read-evaluation.js";
import type { Trainee } from "../training/state.js";
import { readArguments } from "./fit-arguments.js";
import { checkSignal } from "./fit-options.js";

/** {@link Network.evaluate} of data that are read. `check` is called before each piece of them is looked at. */
export async function evaluateData(
  trainee: Trainee,
  args: readonly unknown[],
  check: () => void,
): Promise<Scores> {
  const { x: data, options } = readArguments<EvaluateDataOptions & { sampleWeight?: unknown }>(
    "evaluate",
    args,
  );
  const given = readOptions("evaluateData", "options", options);
  const { layers } = trainee;
  const [metrics, ofClasses] = [metricsOf(layers, given.metrics), resolveClassWeight(given.classWeight)];
  const signal = checkSignal(given.signal);
  checkNoWeights(given.sampleWeight);
  const reading = readingOf(data as Dataset | Stream, trainee, signal);
  const weighed =
    ofClasses === undefined
      ? reading
      : signal?.aborted
        ? undefined
        : await weighedReading(reading, layers, ofClasses);
  const scores = weighed && (await evaluationOfRead(layers, weighed, metrics, new Breath(), check));
  if (scores !== undefined) return scores;
  throw signal?.reason;
}
