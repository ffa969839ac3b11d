import { checkInteger } from "../config/validation.js";
import { InternalError } from "../errors/errors.js";
import { messageOf } from "../platform/realm.js";
import { warnOnce } from "../platform/warning.js";
import type { Engine, Runtime } from "./engine.js";
import { sharedInstance, threadedInstance } from "./wasm/instance.js";
import { WasmEngine } from "./wasm/wasm-engine.js";
import { availableThreads, whyNoWorkers } from "./wasm/workers.js";

/** With "auto", more threads than this are not used. */
const MOST_THREADS = 8;

/** More than this are refused: each worker takes memory, and no machine that runs this gains. */
const MOST_ASKED = 64;

/**
 * With "auto", a network whose largest layer has fewer weights stays on one thread: only batches of over 500
 * examples would give a second thread the work that pays for waking it (LEAST_WORK in crate/src/threads/policy.rs).
 */
const SMALL_LAYER = 1024;

/** `"auto"`, or how many threads: an integer >= 1. */
export type Threads = "auto" | number;

/** Checks the option `threads`; undefined is "auto". Raises ConfigError. */
export function checkThreads(threads: unknown): Threads {
  if (threads === undefined || threads === "auto") return "auto";
  return checkInteger("threads", threads, 1, MOST_ASKED);
}

/** An engine of one thread for what belongs to no network. Rejects as {@link startEngine} does. */
export function sharedEngine(): Promise<Engine> {
  return oneThread("it belongs to no network");
}

/**
 * The engine for a network whose largest layer has so many weights. Where it isn't the number that was asked for
 * or chosen, a warning says so. Rejects with EnvironmentError, ResourceError or InternalError.
 */
export async function startEngine(asked: Threads, largest: number): Promise<Engine> {
  if (asked === 1) return oneThread('one thread was asked for (`threads: "auto"` uses more)');
  const obstacle = whyNoWorkers();
  if (obstacle !== undefined) return asked === "auto" ? oneThread(obstacle) : fallBack(asked, obstacle);
  const { threads, reason } = asked === "auto" ? await chooseThreads(largest) : numberAsked(asked);
  if (threads === 1) return oneThread(reason);
  try {
    return new WasmEngine(await threadedInstance(threads), runtimeOf(threads, reason));
  } catch (error) {
    if (error instanceof InternalError) throw error;
    return fallBack(threads, messageOf(error));
  }
}

async function oneThread(reason: string): Promise<Engine> {
  return new WasmEngine(await sharedInstance(), runtimeOf(1, reason));
}

/** Fewer threads than were wanted are no error, but nobody should have to look for them. */
async function fallBack(threads: number, reason: string): Promise<Engine> {
  const engine = await oneThread(reason);
  warnOnce(`one thread in place of ${threads}: ${reason}`);
  return engine;
}

function runtimeOf(threads: number, reason: string): Runtime {
  return Object.freeze({ backend: "wasm", threads, simd: true, reason });
}

interface Choice {
  readonly threads: number;
  readonly reason: string;
}

function numberAsked(threads: number): Choice {
  return { threads, reason: `${threads} threads were asked for` };
}

async function chooseThreads(largest: number): Promise<Choice> {
  if (largest < SMALL_LAYER) {
    const reason = `no layer has ${SMALL_LAYER} weights: threads would cost more than they gain`;
    return { threads: 1, reason: `${reason} (a number as \`threads\` uses them all the same)` };
  }
  const available = await availableThreads();
  if (available === 1) {
    return { threads: 1, reason: "1 processor is available: threads need a machine with more" };
  }
  const threads = Math.min(available, MOST_THREADS);
  const used = threads < available ? `, of which "auto" uses ${threads}` : "";
  return { threads, reason: `${available} processors are available${used}` };
}
