// A process of the local runner: trains the jobs that it is sent, one after the other. `node trial-process.js <store> <threads>`
import type { Answer, Order } from "./runner/messages.js";
import { FolderStore } from "./store/folder-store.js";
import { runTrial } from "./trial/run-trial.js";

/** Milliseconds between two words on how far a training is. */
const BETWEEN_WORDS = 250;

const [, , folder = "", threads = "1"] = process.argv;
const store = new FolderStore(folder);
let before: Promise<void> = Promise.resolve();

process.on("message", ({ id, job }: Order) => {
  before = before.then(async () => {
    let next = performance.now() + BETWEEN_WORDS;
    try {
      const result = await runTrial(job, {
        store,
        threads: Number(threads),
        onProgress: (progress) => {
          if (performance.now() < next) return;
          next = performance.now() + BETWEEN_WORDS;
          answer({ type: "progress", id, progress });
        },
      });
      answer({ type: "result", id, result });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      answer({ type: "error", id, name, message });
    }
  });
});

// Ctrl-C goes to all processes of a terminal: when this one ends is the coordinator's to say.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());

answer({ type: "ready" });

function answer(message: Answer): void {
  process.send?.(message);
}
