import { inNode, nodeModule } from "../../platform/node-module.js";
import { locate, startWebWorker as newWebWorker } from "./locate.js";

/**
 * How long a worker may take to start, in milliseconds, before its network does without. What fails says so at once;
 * sixteen that start on a busy machine take seconds.
 */
const LONGEST_START = 60_000;

/** A worker thread of Node (Deno, Bun) or of a browser, as far as it is used here. */
export interface WorkerThread {
  terminate(): unknown;
}

/** What a page's main thread is told, which gets no threads itself. */
const IN_A_WORKER = "train in a page's worker, as createWorkerNetwork does";

/** Says why no worker can be had here and what to do about it, or undefined where they can. */
export function whyNoWorkers(): string | undefined {
  // Only pages and their workers know the word. First, since it is why a browser hides SharedArrayBuffer.
  if (!inNode() && globalThis.crossOriginIsolated === false) {
    return (
      "the page is not cross-origin isolated: serve it with the headers " +
      "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp" +
      (typeof document === "object" ? `, and ${IN_A_WORKER}` : "")
    );
  }
  if (typeof SharedArrayBuffer !== "function") {
    return "there is no SharedArrayBuffer here: threads need one, as Node and isolated pages have it";
  }
  if (!inNode() && typeof Worker !== "function") {
    return `${whereWeAre()} can't start workers: train in a page's worker, or in Node`;
  }
  if (!mayWait()) return `a page's main thread may not wait for others: ${IN_A_WORKER}`;
  return undefined;
}

function whereWeAre(): string {
  if ("ServiceWorkerGlobalScope" in globalThis) return "a service worker";
  if ("SharedWorkerGlobalScope" in globalThis) return "a shared worker";
  return "this place";
}

/** Whether this thread may wait for others: a page's main thread may not, and the engine says so itself. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0); // The word is 0: it returns at once.
    return true;
  } catch {
    return false;
  }
}

/** What a worker is sent to start with: its seat (1, 2, …) and the block of memory that is its stack. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly seat: number;
  readonly stack: number;
  readonly stackBytes: number;
}

/** What worker.js calls of the build with threads. */
export interface WorkerExports {
  readonly __stack_pointer: { value: number };
  readonly enter: (stack: number) => void;
  readonly serve: (seat: number) => void;
}

/**
 * Starts a worker on an instance's memory; resolves when it serves. Rejects with the reason (not found, forbidden by
 * a policy, out of memory), or after a minute.
 * @param onExit - called once it has ended for certain, now or later, so that nobody uses its stack any more
 */
export async function startWorker(start: WorkerStart, onExit: () => void): Promise<WorkerThread> {
  // Deno and Bun have both kinds, and only a worker of Node's lets their process end while it waits for work.
  return inNode() ? startNodeWorker(start, onExit) : startWebWorker(start, onExit);
}

async function startWebWorker(start: WorkerStart, onExit: () => void): Promise<WorkerThread> {
  const worker = await made(newWebWorker, onExit);
  return started(
    worker,
    (resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => {
        onExit();
        reject(event.message || "its file can't be loaded (absent, or forbidden by the policy's worker-src)");
      };
    },
    () => worker.postMessage(start),
  );
}

async function startNodeWorker(start: WorkerStart, onExit: () => void): Promise<WorkerThread> {
  const threads: typeof import("node:worker_threads") = await nodeModule("node:worker_threads");
  const make = async () =>
    new threads.Worker(new URL(String(await locate("worker"))), {
      execArgv: [], // The process's own (--input-type, --import …) are not meant for it.
    });
  const worker = await made(make, onExit);
  worker.once("exit", onExit);
  await started(
    worker,
    (resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(`it ended with code ${code}`));
    },
    () => worker.postMessage(start),
  );
  // From here on the process may end although the worker waits for work.
  worker.unref();
  return worker;
}

async function made<Thread>(make: () => Promise<Thread>, onExit: () => void): Promise<Thread> {
  try {
    return await make();
  } catch (cause) {
    onExit();
    throw notStarted(cause);
  }
}

/** What runtimes say of a worker without its file. */
const ABSENT = /cannot find module|module ?not ?found|can't be loaded/i;

function notStarted(reason: unknown): Error {
  const cure = ABSENT.test(String(reason))
    ? ". Copy worker.js of node_modules/layerwise/dist/wasm too, or say by configure({ worker }) where it is"
    : "";
  return new Error(`a worker did not start: ${String(reason)}${cure}`);
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
      reject(notStarted(reason));
    };
    const timer = setTimeout(() => fail(`no answer in ${LONGEST_START / 1000} s`), LONGEST_START);
    listen(() => {
      clearTimeout(timer);
      resolve(worker);
    }, fail);
    begin();
  });
}
