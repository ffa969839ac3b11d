import { checkInteger } from "../config/validation.js";
import { availableThreads } from "../platform/processors.js";

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

/** A number of threads, and why. */
export interface Choice {
  readonly threads: number;
  readonly reason: string;
}

/** How many threads a network gets whose largest layer has so many weights. */
export async function chooseThreads(asked: Threads, largest: number): Promise<Choice> {
  if (asked === 1) return one('one thread was asked for (`threads: "auto"` uses more)');
  if (asked !== "auto") return { threads: asked, reason: `${asked} threads were asked for` };
  if (largest < SMALL_LAYER) {
    const reason = `no layer has ${SMALL_LAYER} weights: threads would cost more than they gain`;
    return one(`${reason} (a number as \`threads\` uses them all the same)`);
  }
  const available = await availableThreads();
  if (available === 1) return one("1 processor is available: threads need a machine with more");
  const threads = Math.min(available, MOST_THREADS);
  const used = threads < available ? `, of which "auto" uses ${threads}` : "";
  return { threads, reason: `${available} processors are available${used}` };
}

function one(reason: string): Choice {
  return { threads: 1, reason };
}
