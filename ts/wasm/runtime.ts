import { messageOf } from "../realm.js";
import { checkInteger } from "../validation.js";
import { type Instance, sharedInstance, threadedInstance } from "./kernels.js";
import { availableThreads, whyNoWorkers } from "./workers.js";

/** What computes a network. */
export interface Runtime {
  readonly backend: "wasm";
  /** Threads that its kernels may use, the caller's included. */
  readonly threads: number;
  /** 128-bit SIMD: always, since the build needs it. */
  readonly simd: true;
  /** Why it is this number of threads. */
  readonly reason: string;
}

/** With "auto", more threads than this are not used. */
const MOST_THREADS = 8;

/** More than this are refused: each worker takes memory, and no machine that runs this gains. */
const MOST_ASKED = 64;

/**
 * With "auto", a network whose largest layer has fewer weights stays on one thread: only batches of over 500
 * examples would give a second thread the work that pays for waking it (LEAST_WORK in crate/src/threads.rs).
 */
const SMALL_LAYER = 1024;

/** Where a network computes. */
export interface Engine {
  readonly instance: Instance;
  readonly runtime: Runtime;
}

/** `"auto"`, or how many threads: an integer >= 1. */
export type Threads = "auto" | number;

/** Checks the option `threads`; undefined is "auto". Raises ConfigError. */
export function checkThreads(threads: unknown): Threads {
  if (threads === undefined || threads === "auto") return "auto";
  return checkInteger("threads", threads, 1, MOST_ASKED);
}

/** The instance and the number of threads for a network of these widths. Rejects with EnvironmentError. */
export async function startEngine(asked: Threads, layerDims: readonly number[]): Promise<Engine> {
  const { threads, reason } = await chooseThreads(asked, layerDims);
  if (threads > 1) {
    try {
      return { instance: await threadedInstance(threads), runtime: runtimeOf(threads, reason) };
    } catch (error) {
      const why = messageOf(error);
      return { instance: await sharedInstance(), runtime: runtimeOf(1, why) };
    }
  }
  return { instance: await sharedInstance(), runtime: runtimeOf(1, reason) };
}

function runtimeOf(threads: number, reason: string): Runtime {
  return Object.freeze({ backend: "wasm", threads, simd: true, reason });
}

async function chooseThreads(
  asked: Threads,
  layerDims: readonly number[],
): Promise<{ threads: number; reason: string }> {
  if (asked === 1) return { threads: 1, reason: "one thread was asked for" };
  const obstacle = whyNoWorkers();
  if (obstacle !== undefined) return { threads: 1, reason: obstacle };
  if (asked !== "auto") return { threads: asked, reason: `${asked} threads were asked for` };
  const weights = layerDims.slice(1).map((outputs, i) => outputs * (layerDims[i] ?? 0));
  const largest = weights.reduce((most, count) => Math.max(most, count), 0);
  if (largest < SMALL_LAYER) {
    return {
      threads: 1,
      reason: `no layer has ${SMALL_LAYER} weights: threads would cost more than they gain`,
    };
  }
  const threads = Math.min(await availableThreads(), MOST_THREADS);
  return { threads, reason: `${threads} processors are available` };
}
