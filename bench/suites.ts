import { BY_NDARRAY, SIZES, timeProduct } from "./kernels.js";
import type { Measurement, SuiteName } from "./measurement.js";
import { buildNdarray, NO_NDARRAY, ndarrayDot } from "./ndarray.js";
import type { BenchOptions } from "./options.js";
import { installPackages } from "./peers/install.js";
import { PLAIN, peersOn } from "./peers/list.js";
import { startPeers, timePeers } from "./peers.js";
import type { Absence } from "./results.js";
import { BATCHES, timeScaling, WIDTHS } from "./scaling.js";
import { timeStepParts, VARIANTS } from "./step-parts.js";
import { THREAD_COUNTS, timeForkJoin, timeThreads } from "./threads.js";
import { timeTraining } from "./training.js";
import { WORKS, type Work } from "./works.js";

/** A part of what a suite measured. */
export interface Part {
  readonly measurements: readonly Measurement[];
  readonly absent?: readonly Absence[];
}

type Suite = (options: BenchOptions) => AsyncGenerator<Part>;

/** Each gives its parts as they are done. */
export const SUITE_RUNS: Record<SuiteName, Suite> = {
  async *kernels({ quick, pace }) {
    if (!quick) buildNdarray();
    for (const sizes of SIZES) {
      if (quick && sizes.m * sizes.k * sizes.n > MOST_QUICK_PRODUCTS) continue;
      announce(`kernels: products ${sizes.m}×${sizes.k}×${sizes.n}`);
      yield { measurements: await timeProduct(sizes, pace) };
    }
    if ((await ndarrayDot()) === undefined) {
      yield { measurements: [], absent: [{ backend: BY_NDARRAY, reason: NO_NDARRAY }] };
    }
    for (const variant of quick ? VARIANTS.slice(0, 1) : VARIANTS) {
      announce(`kernels: parts of a step (${variant.name})`);
      yield { measurements: await timeStepParts(workOf("mnist"), variant, pace) };
    }
  },

  async *training(options) {
    for (const work of worksOf(options)) {
      announce(`training: ${work.name}`);
      yield { measurements: await timeTraining(work, options.pace) };
    }
  },

  async *scaling({ quick, pace }) {
    announce("scaling: mnist");
    yield { measurements: await timeScaling(quick ? [1] : WIDTHS, quick ? [32] : BATCHES, pace) };
  },

  async *threads(options) {
    announce("threads: fork and join");
    yield { measurements: await timeForkJoin(options.pace) };
    for (const work of worksOf(options)) {
      announce(`threads: ${work.name}`);
      yield { measurements: await timeThreads(work, options.pace) };
    }
  },

  async *peers(options) {
    if (!options.quick) installPackages();
    const named = new Set<string>();
    for (const threads of options.quick ? [1] : FEWEST_AND_MOST) {
      announce(`peers: starting them, ${threads} ${threads === 1 ? "thread" : "threads"}`);
      const { peers, absent } = await startPeers(options.quick ? [PLAIN] : peersOn(threads), threads);
      yield { measurements: [], absent: absent.filter(({ backend }) => !named.has(backend)) };
      for (const { backend } of absent) named.add(backend);
      try {
        for (const work of worksOf(options)) {
          announce(`peers: ${work.name}`);
          const { measurements, failed } = await timePeers(work, peers, options.pace, threads);
          yield { measurements, absent: failed };
        }
      } finally {
        for (const peer of peers) peer.stop();
      }
    }
  },
};

/** Peers are timed on one thread and on as many as the machine runs at a time. */
const FEWEST_AND_MOST = [...new Set([1, THREAD_COUNTS.at(-1) ?? 1])];

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

/** Standard output is for results. */
function announce(what: string): void {
  process.stderr.write(`${what}\n`);
}
