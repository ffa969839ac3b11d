// 200 workers, eight at a time, that load the native engine, train and end; some are ended in the middle.
import { Worker } from "node:worker_threads";

const WORKERS = 200;
const TOGETHER = 8;
const MILLISECONDS_TO_LIVE = 100;

/** One worker, from its start to its end. Resolves to what it said. */
function workerEnds(isEnded) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./training-worker.mjs", import.meta.url));
    let said;
    worker.on("message", (message) => {
      said = message;
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve(said));
    if (isEnded) setTimeout(() => worker.terminate(), MILLISECONDS_TO_LIVE * Math.random());
  });
}

const said = [];
for (let started = 0; started < WORKERS; started += TOGETHER) {
  const together = Array.from({ length: TOGETHER }, (_, i) => workerEnds(i === 0));
  said.push(...(await Promise.all(together)));
}
console.log(JSON.stringify([...new Set(said.filter((hash) => hash !== undefined))]));
