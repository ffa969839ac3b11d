import { inNode, nodeModule } from "../files/node-module.js";

/** How long a worker may take to start, in milliseconds, before its network does without. */
const LONGEST_START = 10_000;

/** A worker thread of Node (Deno, Bun) or of a browser, as far as it is used here. */
export interface WorkerThread {
  terminate(): unknown;
}

/** Says why no worker can be had here, or undefined where they can. */
export function whyNoWorkers(): string | undefined {
  // Only pages and their workers know the word. First, since it is why a browser hides SharedArrayBuffer.
  if (globalThis.crossOriginIsolated === false) {
    return "the page is not cross-origin isolated (headers COOP: same-origin and COEP: require-corp)";
  }
  if (typeof SharedArrayBuffer !== "function") return "no SharedArrayBuffer here";
  if (typeof document === "object") return "a page's main thread may not wait: train in a worker";
  return undefined;
}

/** How many threads this machine runs at a time. */
export async function availableThreads(): Promise<number> {
  if (typeof navigator === "object" && navigator.hardwareConcurrency > 0)
    return navigator.hardwareConcurrency;
  const os: typeof import("node:os") = await nodeModule("node:os");
  return os.availableParallelism?.() ?? os.cpus().length;
}

/**
 * Starts the worker of a seat (1, 2, …) on an instance's memory; resolves when it serves. Rejects with the reason
 * (not found, forbidden by a policy, out of memory) or after ten seconds, and leaves nothing behind then.
 * @param onExit - called if it ends later on
 */
export async function startWorker(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  seat: number,
  onExit: () => void,
): Promise<WorkerThread> {
  const start = { module, memory, seat };
  // Deno and Bun have both kinds, and only a worker of Node's lets their process end while it waits for work.
  return inNode() ? startNodeWorker(start, onExit) : startWebWorker(start);
}

/** What a worker is sent to start with. */
interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly seat: number;
}

function startWebWorker(start: Start): Promise<WorkerThread> {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return started(
    worker,
    (resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => reject(event.message || "its file can't be loaded");
    },
    () => worker.postMessage(start),
  );
}

async function startNodeWorker(start: Start, onExit: () => void): Promise<WorkerThread> {
  const threads: typeof import("node:worker_threads") = await nodeModule("node:worker_threads");
  const worker = new threads.Worker(new URL("./worker.js", import.meta.url), {
    execArgv: [], // The process's own (--input-type, --import …) are not meant for it.
  });
  await started(
    worker,
    (resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(`it ended with code ${code}`));
    },
    () => worker.postMessage(start),
  );
  worker.once("exit", onExit);
  // From here on the process may end although the worker waits for work.
  worker.unref();
  return worker;
}

/** Waits for the first message, but not for ever. */
function started<Thread extends WorkerThread>(
  worker: Thread,
  listen: (resolve: () => void, reject: (reason: unknown) => void) => void,
  begin: () => void,
): Promise<Thread> {
  return new Promise((resolve, reject) => {
    const fail = (reason: unknown) => {
      clearTimeout(timer);
      worker.terminate();
      reject(new Error(`a worker did not start: ${String(reason)}`));
    };
    const timer = setTimeout(() => fail(`no answer in ${LONGEST_START / 1000} s`), LONGEST_START);
    listen(() => {
      clearTimeout(timer);
      resolve(worker);
    }, fail);
    begin();
  });
}
