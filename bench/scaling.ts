import { makeExamples } from "./examples.js";
import { Contestant } from "./layerwise.js";
import { measurementOf } from "./measurement.js";
import { peakCase, peakName } from "./peak.js";
import type { Case, Pace, Race } from "./rounds.js";
import { BY_FIT, sliceOf } from "./training.js";
import { flopsPerExample, WORKS, type Work } from "./works.js";

/** Times the hidden and input widths of mnist. */
export const WIDTHS = [0.5, 1, 2, 4, 7, 10];
export const BATCHES = [32, 64, 128, 256, 512, 1024, 2048, 4096];

export function widthName(scale: number): string {
  return `mnist, widths ×${scale}`;
}

export function batchName(size: number): string {
  return `mnist, batch ${size}`;
}

/** Does the cost grow as the work does? flop/s of mnist over its widths and over its batch size. */
export async function scalingRace(
  widths: readonly number[],
  batches: readonly number[],
  pace: Pace,
): Promise<Race> {
  const works = [...widths.map(widened), ...batches.map(batched)];
  const contestants: Contestant[] = [];
  const cases: Case[] = [await peakCase("float32")];
  for (const work of works) {
    const contestant = await Contestant.create(work, makeExamples(work, "float32"), "float32");
    contestants.push(contestant);
    cases.push(await sliceOf(work.name, work, pace, (passes) => contestant.fit(passes)));
  }
  return {
    cases,
    finish: (rates) => {
      for (const contestant of contestants) contestant.dispose();
      return works.map((work) =>
        measurementOf(
          { suite: "scaling", work: work.name, backend: BY_FIT, threads: 1, dtype: "float32" },
          {
            rates: rates.get(work.name),
            flops: flopsPerExample(work),
            peak: rates.get(peakName("float32")),
          },
        ),
      );
    },
  };
}

function mnist(): Work {
  const found = WORKS.find(({ name }) => name === "mnist");
  if (found === undefined) throw new Error("works.ts: expected mnist among the works");
  return found;
}

function widened(scale: number): Work {
  const work = mnist();
  const last = work.layerDims.length - 1;
  return {
    ...work,
    name: widthName(scale),
    layerDims: work.layerDims.map((width, l) => (l === last ? width : width * scale)),
    examples: 4 * work.batchSize, // enough to shuffle; ten times the width is 16 MB of features
  };
}

function batched(batchSize: number): Work {
  const work = mnist();
  return { ...work, name: batchName(batchSize), batchSize };
}
