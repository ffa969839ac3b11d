import { availableParallelism } from "node:os";
import { threadedEngine } from "./engine.js";
import { makeExamples } from "./examples.js";
import { Contestant } from "./layerwise.js";
import { measurementOf, round } from "./measurement.js";
import { rateOf, ratios } from "./rate.js";
import type { Case, Pace, Race } from "./rounds.js";
import { BY_FIT, sliceOf } from "./training.js";
import { flopsPerExample, type Work } from "./works.js";

/** The work whose "example" is one fork and join. */
export const FORK_JOIN = "fork-join";

const TURNS = 1000;

/** 1, 2, … as many as the machine has processors (at most 8). */
export const THREAD_COUNTS = Array.from({ length: Math.min(8, availableParallelism()) }, (_, i) => i + 1);

/** fit of one work with 1 … n threads, in turn. */
export async function threadsRace(work: Work, pace: Pace): Promise<Race> {
  const data = makeExamples(work, "float32");
  const contestants: Contestant[] = [];
  const cases: Case[] = [];
  for (const threads of THREAD_COUNTS) {
    const contestant = await Contestant.create(work, data, "float32", threads);
    if (contestant.network.runtime.threads !== threads) throw new Error(contestant.network.runtime.reason);
    contestants.push(contestant);
    cases.push(await sliceOf(nameOf(threads), work, pace, (passes) => contestant.fit(passes)));
  }
  const common = { suite: "threads", work: work.name, backend: BY_FIT, dtype: "float32" } as const;
  return {
    cases,
    finish: (rates) => {
      for (const contestant of contestants) contestant.dispose();
      const alone = rates.get(nameOf(1)) ?? [];
      return THREAD_COUNTS.map((threads) => {
        const ours = rates.get(nameOf(threads)) ?? [];
        const gain = rateOf(ratios(ours, alone));
        return {
          ...measurementOf({ ...common, threads }, { rates: ours, flops: flopsPerExample(work) }),
          speed_up: { times: round(gain.median), range: [round(gain.lowest), round(gain.highest)] },
        };
      });
    },
  };
}

/** Forks and joins in which every thread takes a part, one right after the other: workers are awake. */
export async function forkJoinRace(): Promise<Race> {
  const counts = THREAD_COUNTS.filter((threads) => threads > 1);
  const cases: Case[] = [];
  for (const threads of counts) {
    const engine = await threadedEngine(threads);
    const program = engine.program("float32", [{ op: "rendezvous", turns: TURNS }]);
    cases.push({ name: nameOf(threads), kind: "call", run: () => program.run(0, 0, 0), units: TURNS });
  }
  return {
    cases,
    finish: (rates) =>
      counts.map((threads) =>
        measurementOf(
          { suite: "threads", work: FORK_JOIN, backend: BY_FIT, threads, dtype: "float32" },
          { rates: rates.get(nameOf(threads)) },
        ),
      ),
  };
}

function nameOf(threads: number): string {
  return `${threads} threads`;
}
