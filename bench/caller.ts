import type { Network, Optimizer, WorkerNetwork } from "layerwise";
import { buildDist } from "../scripts/dist.mjs";
import { type Examples, makeExamples } from "./examples.js";
import { type Measurement, measurementOf, round } from "./measurement.js";
import { announce } from "./progress.js";
import { rateOf } from "./rate.js";
import { THREAD_COUNTS } from "./threads.js";
import { BY_FIT } from "./training.js";
import { ADAM, flopsPerExample, type Work } from "./works.js";

/** Backends of this suite: fit by a network on the caller's thread, and by one in a worker. */
export const IN_WORKER = "layerwise-worker";

/** How many steps each fit takes. */
const STEPS = 4;

interface Contestant {
  readonly backend: string;
  readonly threads: number;
  readonly network: Network | WorkerNetwork;
  readonly optimizer: Optimizer;
  readonly rates: number[];
  readonly gaps: number[];
}

/**
 * How long the caller's event loop is held at a time while a network trains on full batches: the longest time between
 * two ticks of a timer of 1 ms. What a loop with nothing to do shows in the same rounds is the machine's own share.
 */
export async function callerMeasurements(work: Work, rounds: number): Promise<Measurement[]> {
  const data = makeExamples(work, "float32");
  const contestants = await startContestants(work);
  const idle: number[] = [];
  for (let i = 0; i < rounds; i++) {
    announce(`caller: round ${i + 1} of ${rounds}`);
    let seconds = 0;
    for (const contestant of i % 2 === 0 ? contestants : [...contestants].reverse()) {
      seconds = await fitOnce(contestant, work, data);
    }
    idle.push(await longestGap(() => new Promise((resolve) => setTimeout(resolve, 1000 * seconds))));
  }
  for (const { network } of contestants) await network.dispose();
  const idleGap = round(rateOf(idle).median);
  return contestants.map(({ backend, threads, rates, gaps }) => {
    const { median, lowest, highest } = rateOf(gaps);
    const subject = { suite: "caller", work: work.name, backend, threads, dtype: "float32" } as const;
    return {
      ...measurementOf(subject, { rates, flops: flopsPerExample(work) }),
      longest_gap_ms: { median: round(median), range: [round(lowest), round(highest)], idle: idleGap },
    };
  });
}

/** Of the built package: a worker is one of its files, and an optimizer of another copy is refused. */
async function startContestants({ layerDims, learningRate }: Work): Promise<Contestant[]> {
  await buildDist();
  const built: typeof import("layerwise") = await import(new URL("../dist/index.js", import.meta.url).href);
  const contestants: Contestant[] = [];
  for (const threads of new Set([1, THREAD_COUNTS.at(-1) ?? 1])) {
    const options = { layerDims, seed: 1, threads };
    const makers = { [BY_FIT]: built.createNetwork, [IN_WORKER]: built.createWorkerNetwork };
    for (const [backend, make] of Object.entries(makers)) {
      const network = await make(options);
      const optimizer = built.adam({ learningRate, ...ADAM });
      contestants.push({ backend, threads, network, optimizer, rates: [], gaps: [] });
    }
  }
  return contestants;
}

/** @returns the seconds that it took */
async function fitOnce(
  { network, optimizer, rates, gaps }: Contestant,
  work: Work,
  { x, y }: Examples,
): Promise<number> {
  const start = performance.now();
  gaps.push(
    await longestGap(() =>
      network.fit(x, y, {
        epochs: STEPS,
        batchSize: work.examples,
        optimizer,
        warnings: false,
      }),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  rates.push((STEPS * work.examples) / seconds);
  return seconds;
}

/** The longest time between two ticks while `work` runs, in milliseconds. */
async function longestGap(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const tick = () => {
    const time = performance.now();
    longest = Math.max(longest, time - last);
    last = time;
  };
  const timer = setInterval(tick, 1);
  await work();
  clearInterval(timer);
  tick();
  return longest;
}
