import type { Dtype } from "layerwise";
import { type Examples, makeExamples } from "./examples.js";
import { Contestant } from "./layerwise.js";
import { measurementOf } from "./measurement.js";
import { peakCase, peakName } from "./peak.js";
import { type Case, type Pace, type Race, repetitionsFor } from "./rounds.js";
import { flopsPerExample, type Work } from "./works.js";

const DTYPES: readonly Dtype[] = ["float32", "float64"];

/** Backends of this suite: the same updates, by fit and by one trainStep each. */
export const BY_FIT = "layerwise";
export const ON_NATIVE = "layerwise-native";
export const BY_FAST_MATH = "layerwise-native-fast";
export const BY_STEPS = "layerwise-trainStep";

/** The training step of one work, in both dtypes, by fit and by trainStep. */
export async function trainingRace(work: Work, pace: Pace): Promise<Race> {
  const contestants: Contestant[] = [];
  const cases: Case[] = [];
  for (const dtype of DTYPES) {
    const data = makeExamples(work, dtype);
    const contestant = await Contestant.create(work, data, dtype);
    contestants.push(contestant);
    checkLearning(work, data, contestant);
    cases.push(await peakCase(dtype));
    cases.push(await sliceOf(`${BY_FIT} ${dtype}`, work, pace, (passes) => contestant.fit(passes)));
    cases.push(await sliceOf(`${BY_STEPS} ${dtype}`, work, pace, (n) => contestant.trainSteps(n)));
  }
  return {
    cases,
    finish: (rates) => {
      for (const contestant of contestants) contestant.dispose();
      return DTYPES.flatMap((dtype) =>
        [BY_FIT, BY_STEPS].map((backend) =>
          measurementOf(
            { suite: "training", work: work.name, backend, threads: 1, dtype },
            {
              rates: rates.get(`${backend} ${dtype}`),
              flops: flopsPerExample(work),
              peak: rates.get(peakName(dtype)),
            },
          ),
        ),
      );
    },
  };
}

/** A case of as many passes over the data set as fill a slice, and no fewer than the pace asks for. */
export async function sliceOf(
  name: string,
  work: Work,
  pace: Pace,
  train: (passes: number) => unknown,
): Promise<Case> {
  const { times } = await repetitionsFor(pace.slice, train);
  const passes = Math.max(times, pace.passes);
  return { name, kind: "slice", run: () => train(passes), units: passes * work.examples };
}

/** What is timed must learn: a batch's loss falls when it is trained on. */
function checkLearning(work: Work, { x, y }: Examples, contestant: Contestant): void {
  const before = contestant.network.evaluate(x, y).loss;
  contestant.trainSteps(1);
  const after = contestant.network.evaluate(x, y).loss;
  if (!(after < before)) throw new Error(`${work.name}: loss ${before} before a pass, ${after} after it`);
}
