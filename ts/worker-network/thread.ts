import type { BuildFile } from "../engine/wasm/beside.js";
import {
  BUILD_FILES,
  type Configuration,
  isResponse,
  type WasmSource,
} from "../engine/wasm/configuration.js";
import { curedError } from "../engine/wasm/cure.js";
import { given, locateFile, startWebWorker } from "../engine/wasm/locate.js";
import { inNode, nodeModule } from "../platform/node-module.js";
import { messageOf } from "../platform/realm.js";
import type { Request } from "./messages.js";
import { networkWorkerBeside, startNetworkWorkerBeside } from "./network-beside.js";

/** A worker of Node (Deno, Bun) or of a browser, as its caller has it. */
export interface Thread {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Whether the process waits for it, as it does at first; pages never do. */
  hold(isHeld: boolean): void;
  terminate(): void;
}

/**
 * Starts a network's worker. Its first message says that it listens, the later ones go to `onMessage`.
 * Rejects with EnvironmentError where it can't be had.
 * @param onEnd - called, perhaps more than once, when it ends by itself, with the reason
 */
export async function startThread(
  onMessage: (data: unknown) => void,
  onEnd: (reason: unknown) => void,
): Promise<Thread> {
  const address = String(await locateFile("networkWorker", networkWorkerBeside));
  const configuration = await configurationFor();
  let hasBegun = false;
  let thread: Thread | undefined;
  try {
    return await new Promise<Thread>((resolve, reject) => {
      const timer = setTimeout(() => reject(`no answer in ${LONGEST_START / 1000} s`), LONGEST_START);
      const heard = (data: unknown) => {
        if (hasBegun) return onMessage(data);
        hasBegun = true;
        clearTimeout(timer);
        void opening.then((it) => {
          it.post({ type: "configure", configuration } satisfies Request, []);
          resolve(it);
        });
      };
      const ended = (reason: unknown) => {
        clearTimeout(timer);
        reject(reason);
        if (hasBegun) onEnd(reason);
      };
      const opening = inNode() ? openNodeWorker(new URL(address), heard, ended) : openWebWorker(heard, ended);
      opening.then((it) => {
        thread = it;
      }, ended);
    });
  } catch (cause) {
    thread?.terminate();
    const got = typeof cause === "string" ? cause : messageOf(cause);
    throw curedError("networkWorker", address, "a worker of this file", got, cause);
  }
}

/** What configure was given here, for the worker: an address as it is seen from here, and what was fetched as its bytes. */
async function configurationFor(): Promise<Configuration> {
  const worker = await given("worker");
  const files = await Promise.all(BUILD_FILES.map(async (name) => [name, await postable(name)] as const));
  return {
    ...Object.fromEntries(files.filter(([, source]) => source !== undefined)),
    ...(worker !== undefined && { worker: String(worker) }),
  };
}

async function postable(name: BuildFile): Promise<WasmSource | undefined> {
  const source = await given(name);
  if (!isResponse(source)) return source;
  return source.bodyUsed ? source.url : source.clone().arrayBuffer();
}

/** How long it may take to load, in milliseconds. */
const LONGEST_START = 30_000;

async function openWebWorker(
  onMessage: (data: unknown) => void,
  onEnd: (reason: unknown) => void,
): Promise<Thread> {
  const worker = await startWebWorker("networkWorker", networkWorkerBeside, startNetworkWorkerBeside);
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onmessageerror = () => onEnd("a message that can't be read");
  worker.onerror = (event) => {
    event.preventDefault(); // What ended it is told to its callers.
    onEnd(event.message || "its file can't be loaded");
  };
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: () => {},
    terminate: () => worker.terminate(),
  };
}

async function openNodeWorker(
  url: URL,
  onMessage: (data: unknown) => void,
  onEnd: (reason: unknown) => void,
): Promise<Thread> {
  const threads: typeof import("node:worker_threads") = await nodeModule("node:worker_threads");
  const worker = new threads.Worker(url, {
    execArgv: [], // The process's own (--input-type, --import …) are not meant for it.
  });
  worker.on("message", onMessage);
  worker.on("messageerror", onEnd);
  worker.on("error", onEnd);
  worker.on("exit", (code) => onEnd(`it ended with code ${code}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
