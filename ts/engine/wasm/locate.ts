import { EnvironmentError, LayerwiseError } from "../../errors/errors.js";
import { inNode, nodeModule, nodeModuleNow } from "../../platform/node-module.js";
import { BESIDE, type BuildFile, type EngineFile, type FileName, startWorkerBeside } from "./beside.js";
import { givenNow, givenSource, isAddress, type KnownSource } from "./configuration.js";
import { curedError } from "./cure.js";

/** The files' names beside the script where a bundler left no `import.meta.url`, and in CommonJS. */
export const NAMES: Readonly<Record<FileName, string>> = {
  wasm: "wasm/layerwise.wasm",
  threadsWasm: "wasm/layerwise-threads.wasm",
  float64Wasm: "wasm/layerwise-float64.wasm",
  float64ThreadsWasm: "wasm/layerwise-float64-threads.wasm",
  fastWasm: "wasm/layerwise-fast.wasm",
  fastThreadsWasm: "wasm/layerwise-fast-threads.wasm",
  worker: "wasm/worker.js",
  networkWorker: "wasm/network-worker.js",
};

/** The script of a page, if it is a classic one: known only while it is first run. */
const pageScript = typeof document === "object" ? document.currentScript : null;

type Beside = () => URL | Promise<Uint8Array<ArrayBuffer>>;

/**
 * What configure was given for a file, or else what is beside the script. A string is an absolute URL.
 * Rejects with EnvironmentError or ConfigError.
 */
export async function locate(name: EngineFile): Promise<Exclude<KnownSource, URL>> {
  return locateFile(name, BESIDE[name]);
}

export async function locateFile(name: FileName, file: Beside): Promise<Exclude<KnownSource, URL>> {
  return (await given(name)) ?? (await beside(file)) ?? (await besideBundle(name));
}

/** As {@link locate}, while the caller waits. Raises an Error where only a promise could tell. */
export function locateNow(name: BuildFile): string | BufferSource | WebAssembly.Module {
  const paths = inNode() ? nodeModuleNow<PathUrls>(PATH_URLS) : undefined;
  const source = givenNow(name);
  if (source !== undefined) return isAddress(source) ? urlOf(String(source), paths) : source;
  const beside = besideNow(name);
  return beside === undefined ? new URL(NAMES[name], scriptUrl(paths)).href : outOfVitesCache(beside);
}

function besideNow(name: BuildFile): string | undefined {
  try {
    const found = BESIDE[name]();
    return found instanceof Promise ? undefined : found.href;
  } catch {
    return undefined;
  }
}

/** The worker of a page or of another worker. */
export async function startWebWorker(
  name: FileName = "worker",
  file: Beside = BESIDE.worker,
  startBeside: () => Worker = startWorkerBeside,
): Promise<Worker> {
  const address = await locateFile(name, file);
  const isBundled = (await given(name)) === undefined && address === (await untouched(file));
  return isBundled ? startBeside() : new Worker(String(address), { type: "module" });
}

/** What configure was given for a file. A string is an absolute URL. */
export async function given(name: FileName): Promise<Exclude<KnownSource, URL> | undefined> {
  try {
    const source = await givenSource(name);
    return isAddress(source) ? await toUrl(String(source)) : source;
  } catch (cause) {
    if (cause instanceof LayerwiseError) throw cause;
    throw curedError(name, `configure.${name}`, "a file or its place", String(cause), cause);
  }
}

/** What makes a URL of a path: Node's module, which other places don't have. */
type PathUrls = Pick<typeof import("node:url"), "pathToFileURL">;

const PATH_URLS = "node:url";

async function toUrl(address: string): Promise<string> {
  return urlOf(address, inNode() ? await nodeModule<PathUrls>(PATH_URLS) : undefined);
}

/** An address as it was given: a URL, in Node a path too, in a page one that is relative to the page. */
function urlOf(address: string, paths: PathUrls | undefined): string {
  if (paths === undefined)
    return new URL(address, typeof document === "object" ? document.baseURI : location.href).href;
  return /^[a-z][a-z\d+.-]+:/i.test(address) ? address : paths.pathToFileURL(address).href;
}

async function beside(file: Beside): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  const found = await untouched(file);
  return typeof found === "string" ? outOfVitesCache(found) : found;
}

/** The file's URL, or the bytes that the script holds; undefined where the script doesn't know its own address. */
async function untouched(file: Beside): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  try {
    const found = await file();
    return found instanceof Uint8Array ? found : found.href;
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    return undefined;
  }
}

/** Where Vite's dev server, and with it Angular's, keep the scripts that they made of packages. */
const VITES_CACHE = /\/(node_modules\/\.vite|\.angular\/cache\/[^/]+\/[^/]+\/vite)\/deps\/wasm\//;

/** A dev server moves a package's script there, and up to Vite 7 not what is beside it. */
function outOfVitesCache(href: string): string {
  return href.replace(VITES_CACHE, "/node_modules/layerwise/dist/wasm/");
}

async function besideBundle(name: FileName): Promise<string> {
  try {
    return new URL(NAMES[name], scriptUrl(inNode() ? await nodeModule<PathUrls>(PATH_URLS) : undefined)).href;
  } catch (cause) {
    throw curedError(name, NAMES[name], "a script that knows where it is", String(cause), cause);
  }
}

function scriptUrl(paths: PathUrls | undefined): string {
  if (paths !== undefined) return paths.pathToFileURL(__filename).href;
  return pageScript !== null && "src" in pageScript && pageScript.src !== "" ? pageScript.src : location.href;
}
