// npm run bench:event-loop [-- --seconds 3] [--threads 1] [--engine native]: how long fit holds the event loop in one turn of it, work
// by work. On Linux turns in which the system gave the processor to another program are told apart: they say nothing of fit.
import { closeSync, openSync, readSync } from "node:fs";
import { parseArgs } from "node:util";
import { adam, createNetwork, type EngineName, gradientDescent } from "layerwise";
import { makeExamples } from "./examples.js";
import { describeWork, stepsPerPass, WORKS, type Work } from "./works.js";

/** Milliseconds that no turn may take on the native engine. */
const LONGEST = 2;

/** The turns of the event loop while a fit runs. */
interface Turns {
  readonly milliseconds: number[];
  /** How many of those that took too long waited for another thread, as for a lock or the collector's. */
  waited: number;
  /** How many more were interrupted by the system. */
  interrupted: number;
}

/** How often the system has taken the processor from this thread for another, and how often it has waited for one. */
interface Switches {
  readonly taken: number;
  readonly waits: number;
}

const STATUS = /^voluntary_ctxt_switches:\s*(\d+)\s*^nonvoluntary_ctxt_switches:\s*(\d+)/m;
const buffer = Buffer.alloc(1 << 13);

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    engine: { type: "string", default: "native" },
  },
});

for (const work of WORKS) {
  const { milliseconds, waited, interrupted } = await turnsOf(work);
  const sorted = milliseconds.sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN).toFixed(2);
  const long = sorted.filter((time) => time > LONGEST).length;
  console.log(
    `${work.name} (${describeWork(work)}): longest turn ${at(1)} ms, 99.9 in 100 within ${at(0.999)} ms, ` +
      `${long} of ${sorted.length} over ${LONGEST} ms (${waited} waited for a thread); ${interrupted} others were interrupted`,
  );
}

/** The turns of a training that takes about so many seconds as were asked for, the reading of x and y included. */
async function turnsOf(work: Work): Promise<Turns> {
  const { x, y } = makeExamples(work, "float32");
  const engine = values.engine as EngineName;
  using network = await createNetwork({
    layerDims: work.layerDims,
    seed: 1,
    threads: Number(values.threads),
    engine,
  });
  const make = work.optimizer === "adam" ? adam : gradientDescent;
  const options = {
    batchSize: work.batchSize,
    optimizer: make({ learningRate: work.learningRate }),
    warnings: false,
  };
  const start = performance.now();
  const tried = Math.ceil(100 / stepsPerPass(work));
  await network.fit(x, y, { ...options, epochs: tried });
  const epochs = Math.ceil((tried * 1000 * Number(values.seconds)) / (performance.now() - start));
  return await turnsWhile(() => network.fit(x, y, { ...options, epochs }));
}

/** Each turn's time from one call of setImmediate to the next. */
async function turnsWhile(work: () => Promise<unknown>): Promise<Turns> {
  const turns: Turns = { milliseconds: [], waited: 0, interrupted: 0 };
  let isOver = false;
  let before = switchesOfThisThread();
  let last = performance.now();
  const turn = () => {
    const time = performance.now() - last;
    const now = switchesOfThisThread();
    if (now.taken > before.taken) turns.interrupted++;
    else {
      turns.milliseconds.push(time);
      if (time > LONGEST && now.waits > before.waits) turns.waited++;
    }
    before = now;
    last = performance.now();
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return turns;
}

/** All 0 where the system doesn't say. */
function switchesOfThisThread(): Switches {
  try {
    const file = openSync("/proc/thread-self/status", "r");
    try {
      const [, waits, taken] = STATUS.exec(buffer.toString("latin1", 0, readSync(file, buffer))) ?? [];
      return { taken: Number(taken ?? 0), waits: Number(waits ?? 0) };
    } finally {
      closeSync(file);
    }
  } catch {
    return { taken: 0, waits: 0 };
  }
}
