// A process of the local runner: runs the jobs that it is sent, one after the other. `node trial-process.js <store> <threads>`
import { StorageError } from "layerwise";
import type { Job } from "./runner/job.js";
import type { Answer, Order } from "./runner/messages.js";
import { runJob } from "./runner/run-job.js";
import { openStore } from "./store/open-store.js";

/** Milliseconds between two words on how far a training is. */
const BETWEEN_WORDS = 250;

const [, , place = "", threads = "1"] = process.argv;
const opening = openStore(place);
opening.catch(() => {}); // The first job tells.
const givingUp = new Map<number, AbortController>();
let before: Promise<void> = Promise.resolve();

process.on("message", (order: Order) => {
  if (order.type === "giveUp") {
    givingUp.get(order.id)?.abort(new Error("given up"));
    return;
  }
  const stop = new AbortController();
  givingUp.set(order.id, stop);
  before = before.then(() => run(order.id, order.job, stop.signal));
});

async function run(id: number, job: Job, signal: AbortSignal): Promise<void> {
  let next = performance.now() + BETWEEN_WORDS;
  try {
    signal.throwIfAborted();
    const result = await runJob(job, {
      store: await opening,
      threads: Number(threads),
      signal,
      onProgress: (progress) => {
        if (performance.now() < next) return;
        next = performance.now() + BETWEEN_WORDS;
        answer({ type: "progress", id, progress });
      },
    });
    answer({ type: "result", id, result });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const storage = error instanceof StorageError && {
      storage: { path: error.path, expected: error.expected, got: error.got },
    };
    answer({ type: "error", id, name, message, ...storage });
  } finally {
    givingUp.delete(id);
  }
}

// Ctrl-C goes to all processes of a terminal, and a service's end to all of a unit: when this one ends is the coordinator's to say.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit());

answer({ type: "ready" });

function answer(message: Answer): void {
  process.send?.(message);
}
