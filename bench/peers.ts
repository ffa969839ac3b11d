import { type Examples, makeExamples } from "./examples.js";
import { Contestant } from "./layerwise.js";
import { type Measurement, measurementOf, round } from "./measurement.js";
import { peakCase, peakName } from "./peak.js";
import { PeerAbsent, type PeerCommand, PeerProcess } from "./peers/peer-process.js";
import type { Problem } from "./peers/problem.js";
import type { Answer } from "./peers/protocol.js";
import { rateOf, ratios } from "./rate.js";
import type { Absence } from "./results.js";
import { type Case, type Pace, type Race, type Rates, repetitionsFor } from "./rounds.js";
import { BY_FAST_MATH, BY_FIT, ON_NATIVE, sliceOf } from "./training.js";
import { ADAM, flopsPerExample, stepsPerPass, type Work } from "./works.js";

/** Losses after 0, 1, 2 and 3 updates are compared. */
const CHECKED_LOSSES = 4;
/** How far apart they may be, relatively. */
const CLOSE = 1e-3;

/** A peer whose step takes longer than this, in seconds, takes part in the first few rounds only. */
const LONG_STEP = 1;
const ROUNDS_OF_LONG_STEPS = 3;

/** The same network on the native engine, where there is one. */
const ON_NATIVE_ENGINE = [
  [ON_NATIVE, "exact"],
  [BY_FAST_MATH, "fast"],
] as const;

/** Starts all peers that are there and run on `threads` threads. */
export async function startPeers(
  commands: readonly PeerCommand[],
  threads: number,
): Promise<{ peers: PeerProcess[]; absent: Absence[] }> {
  const peers: PeerProcess[] = [];
  const absent: Absence[] = [];
  for (const command of commands) {
    try {
      const peer = await PeerProcess.start(command);
      if (peer.hello.threads === threads) peers.push(peer);
      else {
        peer.stop();
        const reason = `on ${threads} threads: it has ${peer.hello.threads} here`;
        absent.push({ backend: command.backend, reason });
      }
    } catch (error) {
      if (!(error instanceof PeerAbsent)) throw error;
      absent.push({ backend: command.backend, reason: error.message });
    }
  }
  return { peers, absent };
}

/**
 * Layerwise on `threads` threads and all peers on one work. Each peer is first checked to compute the same; one that
 * fails is left out, and named.
 */
export async function peersRace(
  work: Work,
  peers: readonly PeerProcess[],
  pace: Pace,
  threads: number,
): Promise<{ race: Race; failed: Absence[] }> {
  const data = makeExamples(work, "float32");
  const contestant = await Contestant.create(work, data, "float32", threads);
  const problem = problemOf(work, data, contestant);
  const outputs = logits(contestant, data, work.batchSize).map((logit) => Math.max(0, logit));
  const losses = Array.from({ length: CHECKED_LOSSES }, () => contestant.step());
  const cases: Case[] = [
    await peakCase("float32"),
    await sliceOf(BY_FIT, work, pace, (passes) => contestant.fit(passes)),
  ];
  const taking: PeerProcess[] = [];
  const failed: Absence[] = [];
  const native = new Map<string, Contestant>();
  for (const [backend, math] of ON_NATIVE_ENGINE) {
    try {
      const one = await Contestant.create(work, data, "float32", threads, "native", math);
      cases.push(await sliceOf(backend, work, pace, (passes) => one.fit(passes)));
      native.set(backend, one);
    } catch (error) {
      failed.push({ backend, reason: messageOf(error) });
    }
  }
  for (const peer of peers) {
    try {
      await peer.prepare(work.name, problem);
      checkSame(await peer.check(work.name, CHECKED_LOSSES), { losses, outputs });
      cases.push(await peerCase(peer, work, pace));
      taking.push(peer);
    } catch (error) {
      failed.push({ backend: peer.backend, reason: `${work.name}: ${messageOf(error)}` });
    }
  }
  const finish = (rates: Rates) => {
    for (const one of [contestant, ...native.values()]) one.dispose();
    const ours = [BY_FIT, ...native.keys()].map((backend) =>
      measure(work, { backend, threads, dtype: "float32" }, rates),
    );
    return [...ours, ...taking.map((peer) => measurePeer(work, peer, rates))];
  };
  return { race: { cases, finish }, failed };
}

function measurePeer(work: Work, { backend, hello }: PeerProcess, rates: Rates): Measurement {
  const { threads, dtype, version, note } = hello;
  const timesOf = (ours: string) => {
    const times = rateOf(ratios(rates.get(ours) ?? [], rates.get(backend) ?? []));
    return { times: round(times.median), range: [round(times.lowest), round(times.highest)] as const };
  };
  return {
    ...measure(work, { backend, threads, dtype }, rates),
    layerwise_is: timesOf(BY_FIT),
    ...(rates.has(ON_NATIVE) && { native_is: timesOf(ON_NATIVE) }),
    ...(rates.has(BY_FAST_MATH) && { fast_is: timesOf(BY_FAST_MATH) }),
    version,
    ...(note !== undefined && { note }),
  };
}

function measure(
  work: Work,
  who: Pick<Measurement, "backend" | "threads" | "dtype">,
  rates: Rates,
): Measurement {
  return measurementOf(
    { suite: "peers", work: work.name, ...who },
    {
      rates: rates.get(who.backend),
      flops: flopsPerExample(work),
      peak: rates.get(peakName("float32")),
    },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whole passes unless a pass is too long: some peers shuffle all their data at the start of each. */
async function peerCase(peer: PeerProcess, work: Work, pace: Pace): Promise<Case> {
  const { times, seconds } = await repetitionsFor(pace.slice, (steps) => peer.train(work.name, steps));
  const passes = Math.round(times / stepsPerPass(work));
  const steps = passes === 0 ? times : passes * stepsPerPass(work);
  return {
    name: peer.backend,
    kind: "slice",
    run: () => peer.train(work.name, steps),
    units: steps * work.batchSize,
    ...(seconds > LONG_STEP && { rounds: Math.min(ROUNDS_OF_LONG_STEPS, pace.rounds) }),
  };
}

function problemOf(work: Work, { x, y }: Examples, { network }: Contestant): Problem {
  const parameters = network.parameters();
  const { layerDims, examples, batchSize, optimizer, learningRate } = work;
  return {
    ...{ layerDims, examples, batchSize, optimizer, learningRate, ...ADAM },
    x: Float32Array.from(x.data),
    y: Float32Array.from(y.data),
    weights: parameters.map(({ weights }) => Float32Array.from(weights.data)),
    biases: parameters.map(({ biases }) => Float32Array.from(biases)),
  };
}

/** z of the output layer for the first `rows` examples. */
function logits({ network }: Contestant, { x }: Examples, rows: number): number[] {
  const probabilities = network.predict(x).data.subarray(0, rows);
  return Array.from(probabilities, (p) => Math.log(p / (1 - p)));
}

/** Raises an error unless losses, or outputs where that is what the peer gives, are as ours are. */
function checkSame(answer: Answer, ours: Required<Omit<Answer, "error">>): void {
  const what = answer.losses === undefined ? "outputs" : "losses";
  const theirs = answer[what] ?? [];
  const isClose = (value: number, i: number) => {
    const expected = ours[what][i] ?? Number.NaN;
    // An output may be 0, a loss may not.
    return Math.abs(value - expected) <= CLOSE * (what === "losses" ? expected : Math.max(1, expected));
  };
  if (theirs.length === ours[what].length && theirs.every(isClose)) return;
  throw new Error(`${what}: expected ${ours[what].slice(0, 4)}, got ${theirs.slice(0, 4)}`);
}
