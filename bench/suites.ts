import { activationsRace } from "./activations.js";
import { callerMeasurements } from "./caller.js";
import { productRace, SIZES } from "./kernels.js";
import { layersRace } from "./layers.js";
import type { Measurement, SuiteName } from "./measurement.js";
import type { BenchOptions } from "./options.js";
import { installPackages } from "./peers/install.js";
import { PLAIN, peersOn, pyTorch } from "./peers/list.js";
import { buildPage } from "./peers/page-build.js";
import { peersRace, startPeers } from "./peers.js";
import { announce } from "./progress.js";
import type { Absence } from "./results.js";
import { type Race, timeInTurn } from "./rounds.js";
import { BATCHES, scalingRace, WIDTHS } from "./scaling.js";
import { stepPartsRace, VARIANTS } from "./step-parts.js";
import { forkJoinRace, THREAD_COUNTS, threadsRace } from "./threads.js";
import { trainingRace } from "./training.js";
import { WORKS, type Work } from "./works.js";

/** What a suite measured. */
interface Outcome {
  readonly measurements: readonly Measurement[];
  readonly absent?: readonly Absence[];
}

type Suite = (options: BenchOptions) => Promise<Outcome>;

export const SUITE_RUNS: Record<SuiteName, Suite> = {
  async kernels({ quick, pace }) {
    const races: Race[] = [];
    for (const sizes of SIZES) {
      if (quick && sizes.m * sizes.k * sizes.n > MOST_QUICK_PRODUCTS) continue;
      announce(`kernels: products ${sizes.m}×${sizes.k}×${sizes.n}`);
      races.push(await productRace(sizes));
    }
    for (const variant of quick ? VARIANTS.slice(0, 1) : VARIANTS) {
      announce(`kernels: parts of a step (${variant.name})`);
      races.push(await stepPartsRace(workOf("mnist"), variant));
    }
    announce("kernels: activations");
    races.push(await activationsRace(workOf("mnist")));
    return { measurements: await timeInTurn(races, pace) };
  },

  async training(options) {
    const races: Race[] = [];
    for (const work of worksOf(options)) {
      announce(`training: ${work.name}`);
      races.push(await trainingRace(work, options.pace));
    }
    return { measurements: await timeInTurn(races, options.pace) };
  },

  async scaling({ quick, pace }) {
    announce("scaling: mnist");
    const race = await scalingRace(quick ? [1] : WIDTHS, quick ? [32] : BATCHES, pace);
    return { measurements: await timeInTurn([race], pace) };
  },

  async threads(options) {
    announce("threads: fork and join");
    const races = [await forkJoinRace()];
    for (const work of worksOf(options)) {
      announce(`threads: ${work.name}`);
      races.push(await threadsRace(work, options.pace));
    }
    return { measurements: await timeInTurn(races, options.pace) };
  },

  async caller({ quick, pace }) {
    const wide = workOf("wide");
    const work = quick ? { ...wide, examples: 16 } : wide;
    return { measurements: await callerMeasurements(work, Math.min(MOST_CALLER_ROUNDS, pace.rounds)) };
  },

  async layers(options) {
    const measurements: Measurement[] = [];
    const missing: Absence[] = [];
    for (const threads of options.quick ? [1] : FEWEST_AND_MOST) {
      announce(`layers: ${threads} ${threads === 1 ? "thread" : "threads"}`);
      const { peers, absent } = await startPeers(options.quick ? [] : [pyTorch(threads)], threads);
      if (missing.length === 0) missing.push(...absent);
      try {
        const race = await layersRace(peers[0], options.pace, threads);
        measurements.push(...(await timeInTurn([race], options.pace)));
      } finally {
        for (const peer of peers) peer.stop();
      }
    }
    return { measurements, absent: missing };
  },

  async peers(options) {
    if (!options.quick) {
      installPackages();
      await buildPage();
    }
    const pace = { ...options.pace, rounds: Math.min(MOST_PEER_ROUNDS, options.pace.rounds) };
    const measurements: Measurement[] = [];
    const absent: Absence[] = [];
    for (const threads of options.quick ? [1] : FEWEST_AND_MOST) {
      announce(`peers: starting them, ${threads} ${threads === 1 ? "thread" : "threads"}`);
      const { peers, absent: missing } = await startPeers(
        options.quick ? [PLAIN] : peersOn(threads),
        threads,
      );
      const named = new Set(absent.map(({ backend }) => backend));
      absent.push(...missing.filter(({ backend }) => !named.has(backend)));
      try {
        const races: Race[] = [];
        for (const work of worksOf(options)) {
          announce(`peers: ${work.name}`);
          const { race, failed } = await peersRace(work, peers, pace, threads);
          races.push(race);
          absent.push(...failed);
        }
        measurements.push(...(await timeInTurn(races, pace)));
      } finally {
        for (const peer of peers) peer.stop();
      }
    }
    return { measurements, absent };
  },
};

/** Peers are timed on one thread and on as many as the machine runs at a time. */
const FEWEST_AND_MOST = [...new Set([1, THREAD_COUNTS.at(-1) ?? 1])];

/** A round takes some ten seconds, and a gap's worst is in any of them. */
const MOST_CALLER_ROUNDS = 7;

/** Some peers are so slow that more rounds would take hours. */
const MOST_PEER_ROUNDS = 7;

/** Multiply-adds of a product that its plain loop does in a few milliseconds. */
const MOST_QUICK_PRODUCTS = 2 ** 21;

function worksOf({ quick, works }: BenchOptions): Work[] {
  const chosen = works.map(workOf);
  // Two batches are enough to see that it runs.
  return quick ? chosen.map((it) => ({ ...it, examples: Math.min(it.examples, 2 * it.batchSize) })) : chosen;
}

function workOf(name: string): Work {
  const found = WORKS.find((work) => work.name === name);
  if (found === undefined) throw new Error(`works.ts: expected a work named ${name}`);
  return found;
}
