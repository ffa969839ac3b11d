import { readOptions } from "../../config/validation.js";
import { ConfigError, describe, StateError } from "../../errors/errors.js";
import { isArrayBuffer, isUrl } from "../../platform/realm.js";
import type { FileName } from "./beside.js";

/**
 * Where a WebAssembly build comes from: a URL (in Node a string may be a path too) or its bytes, or one of what not
 * every project has a type for: a compiled WebAssembly.Module, or a Response with the file.
 */
export type WasmSource = URL | string | ArrayBuffer | ArrayBufferView | object;

/** The same, told apart. */
export type KnownSource = URL | string | BufferSource | WebAssembly.Module | Response;

/** What {@link configure} takes: where the package's files are. What isn't given is looked for beside the script. */
export interface Configuration {
  /** The build of float32 for one thread: `layerwise/wasm/layerwise.wasm`. */
  readonly wasm?: WasmSource | PromiseLike<WasmSource>;
  /** The build of float32 with threads: `layerwise/wasm/layerwise-threads.wasm`. */
  readonly threadsWasm?: WasmSource | PromiseLike<WasmSource>;
  /** The build of float64 for one thread: `layerwise/wasm/layerwise-float64.wasm`. */
  readonly float64Wasm?: WasmSource | PromiseLike<WasmSource>;
  /** The build of float64 with threads: `layerwise/wasm/layerwise-float64-threads.wasm`. */
  readonly float64ThreadsWasm?: WasmSource | PromiseLike<WasmSource>;
  /** The build of float32 with fast math for one thread: `layerwise/wasm/layerwise-fast.wasm`. */
  readonly fastWasm?: WasmSource | PromiseLike<WasmSource>;
  /** The build of float32 with fast math and threads: `layerwise/wasm/layerwise-fast-threads.wasm`. */
  readonly fastThreadsWasm?: WasmSource | PromiseLike<WasmSource>;
  /** The script of the threads' workers: `layerwise/wasm/worker.js`. */
  readonly worker?: URL | string;
  /** The script of a WorkerNetwork's worker: `layerwise/wasm/network-worker.js`. What else is given holds in it too. */
  readonly networkWorker?: URL | string;
}

/** The builds among them. */
export const BUILD_FILES = [
  "wasm",
  "threadsWasm",
  "float64Wasm",
  "float64ThreadsWasm",
  "fastWasm",
  "fastThreadsWasm",
] as const;

const A_BUILD = "a URL, bytes, a WebAssembly.Module or a Response";

/** The options, each with what it may be, in words. */
const EXPECTED: Readonly<Record<FileName, string>> = {
  wasm: A_BUILD,
  threadsWasm: A_BUILD,
  float64Wasm: A_BUILD,
  float64ThreadsWasm: A_BUILD,
  fastWasm: A_BUILD,
  fastThreadsWasm: A_BUILD,
  worker: "a URL",
  networkWorker: "a URL",
};

const given = new Map<string, unknown>();

/** The builds that are loaded or being loaded: what they were made from can't change any more. */
export const inUse = new Set<FileName>();

/**
 * Tells where the package's files are, in places where they aren't found beside the script: docs/environments.md.
 * Call it before the first network is made; a second call adds to the first.
 * Raises ConfigError, and StateError once a network was made.
 */
export function configure(options: Configuration): void {
  const sources = readOptions("configure", "configure", options);
  if (inUse.size > 0) throw new StateError("configure", "a call before the first network", "one after it");
  for (const name of Object.keys(EXPECTED) as FileName[]) checkSource(name, sources[name]);
  for (const [name, source] of Object.entries(sources)) given.set(name, source);
}

/** Whether configure was given something for a file. */
export function isGiven(name: FileName): boolean {
  return given.get(name) !== undefined;
}

/** What configure was given for a file; undefined for nothing. Rejects with ConfigError, or as a promise given does. */
export async function givenSource(name: FileName): Promise<KnownSource | undefined> {
  if (!given.has(name)) return undefined;
  const source: unknown = await given.get(name);
  if (isSource(source)) return source;
  throw wrongSource(name, source);
}

/** The same where it need not be waited for; raises an Error where it must. */
export function givenNow(name: FileName): Exclude<KnownSource, Response> | undefined {
  const source = given.get(name);
  if (source === undefined) return undefined;
  if (isSource(source) && !isResponse(source)) return source;
  throw new Error(`configure.${name} is a Response or a promise, which takes its time`);
}

function checkSource(name: FileName, source: unknown): void {
  const fits = /worker$/i.test(name) ? isAddress(source) : isSource(source) || isPromise(source);
  if (source !== undefined && !fits) throw wrongSource(name, source);
}

function wrongSource(name: FileName, source: unknown): ConfigError {
  return new ConfigError(`configure.${name}`, EXPECTED[name], describe(source));
}

function isSource(source: unknown): source is KnownSource {
  return isAddress(source) || isBytes(source) || isModule(source) || isResponse(source);
}

function isPromise(source: unknown): boolean {
  return (
    typeof source === "object" && source !== null && "then" in source && typeof source.then === "function"
  );
}

export function isAddress(source: unknown): source is string | URL {
  return typeof source === "string" ? source !== "" : isUrl(source);
}

function isBytes(source: unknown): source is BufferSource {
  return ArrayBuffer.isView(source) || isArrayBuffer(source);
}

export function isModule(source: unknown): source is WebAssembly.Module {
  return tagOf(source) === "[object WebAssembly.Module]";
}

export function isResponse(source: unknown): source is Response {
  return tagOf(source) === "[object Response]";
}

/** Whichever realm made it: edge runtimes and test runners have several. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}
