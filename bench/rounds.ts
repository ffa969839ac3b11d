import { add, suite } from "benny";
import type { Measurement } from "./measurement.js";
import { announce } from "./progress.js";

/** Something to be timed. */
export interface Case {
  readonly name: string;
  /**
   * `"call"`: a synchronous call, repeated by benny until it fills a slice of time.
   * `"slice"`: asynchronous, and so long already that it fills one by itself.
   */
  readonly kind: "call" | "slice";
  readonly run: () => unknown;
  /** How often the unit of the results (an example, a call) happens in one run. */
  readonly units: number;
  /** Takes part in the first `rounds` rounds only. Default: in all. */
  readonly rounds?: number;
}

export interface Pace {
  readonly rounds: number;
  /** Seconds that a case of the kind `"slice"` runs for in each round. */
  readonly slice: number;
  /** Seconds that a `"call"` is repeated for. */
  readonly calls: number;
  /** The fewest passes over a data set that a slice makes, however long they take. */
  readonly passes: number;
}

/** Units a second in each round, by a case's name. */
export type Rates = ReadonlyMap<string, readonly number[]>;

/** Cases that are compared with each other, and what becomes of their rates. */
export interface Race {
  readonly cases: readonly Case[];
  /** Frees what the cases were run on, too. */
  readonly finish: (rates: Rates) => readonly Measurement[];
}

/**
 * Times the cases of all races, round after round.
 *
 * The cases of a race take turns, so that whatever slows the machine for a moment slows them all. A race's rounds are
 * spread over the time that all races take, so that a slow minute is in a few rounds of each race, not in all of one.
 */
export async function timeInTurn(races: readonly Race[], pace: Pace): Promise<Measurement[]> {
  const timings = races.map((race) => new Timing(race));
  for (let round = 0; round < pace.rounds; round++) {
    announce(`round ${round + 1} of ${pace.rounds}`);
    for (const timing of timings) await timing.addRound(round, pace);
  }
  return timings.flatMap((timing) => timing.finish());
}

/** A race and what its rounds gave so far. */
class Timing {
  readonly #race: Race;
  readonly #rates = new Map<string, number[]>();
  /** How many runs of a `"call"` fill its time. */
  readonly #repeats = new Map<string, number>();

  constructor(race: Race) {
    this.#race = race;
  }

  finish(): readonly Measurement[] {
    return this.#race.finish(this.#rates);
  }

  /**
   * benny finishes one case before it starts the next, so every round is a benny suite of its own in which each case
   * gives one sample. The order turns round from one round to the next.
   */
  async addRound(round: number, { rounds, calls }: Pace): Promise<void> {
    const taking = this.#race.cases.filter((it) => round < (it.rounds ?? rounds));
    if (round % 2 === 1) taking.reverse();
    const { results } = await timeOnce(taking, calls, this.#repeats);
    taking.forEach(({ name, kind, units }, i) => {
      const result = results[i];
      if (result === undefined) return;
      this.#rates.set(name, [...(this.#rates.get(name) ?? []), units / result.details.mean]);
      // A little more than fills the time: benny starts anew with more where it isn't filled.
      if (kind === "call") this.#repeats.set(name, Math.ceil((1.1 * calls) / result.details.mean));
    });
  }
}

/** One round: one sample of each case. */
async function timeOnce(cases: readonly Case[], callTime: number, repeats: ReadonlyMap<string, number>) {
  let started = false;
  const failures: unknown[] = [];
  const entries = cases.map(({ name, kind, run }) => {
    const options = { minSamples: 1, maxTime: 0, initCount: repeats.get(name) ?? 1 };
    if (kind === "call") return add(name, run, { ...options, minTime: callTime });
    // benny calls every case to see what it returns, and does not wait for it: not before all have started.
    const runOnce = async () => {
      if (!started) return;
      try {
        await run();
      } catch (failure) {
        failures.push(failure);
      }
    };
    return add(name, runOnce, { ...options, minTime: ANY_TIME });
  });
  const start =
    async () =>
    <Benchmarks>(benchmarks: Benchmarks): Benchmarks => {
      started = true;
      return benchmarks;
    };
  const summary = await quietly(() => suite("round", ...entries, start));
  if (failures.length > 0) throw failures[0];
  return summary;
}

/** In seconds: one run is a sample, however short. */
const ANY_TIME = 1e-9;

/** benny announces each suite with console.log, but standard output is for results. */
async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  const { log } = console;
  console.log = () => undefined;
  try {
    return await work();
  } finally {
    console.log = log;
  }
}

/** Slices after which compilers have learnt enough. */
const WARM_UP = 3;

/**
 * How many repetitions of something fill a slice: tried out with growing numbers, which warms it up too.
 * @returns the number and the seconds that one takes
 */
export async function repetitionsFor(
  slice: number,
  repeat: (times: number) => unknown,
): Promise<{ times: number; seconds: number }> {
  let spent = 0;
  for (let times = 1; ; ) {
    const start = performance.now();
    await repeat(times);
    const taken = (performance.now() - start) / 1000;
    spent += taken;
    const seconds = taken / times;
    const filling = Math.max(1, Math.round(slice / seconds));
    if (spent >= WARM_UP * slice) return { times: filling, seconds };
    times = Math.min(filling, 10 * times);
  }
}
