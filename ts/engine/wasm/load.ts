import { EnvironmentError } from "../../errors/errors.js";
import { inNode, nodeModule } from "../../platform/node-module.js";
import type { BuildFile } from "./beside.js";
import { isModule, isResponse, type KnownSource } from "./configuration.js";
import { curedError } from "./cure.js";
import { locate } from "./locate.js";

/** The smallest module that uses a 128-bit vector: it validates only where SIMD is there. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** Every WebAssembly file starts with these four bytes. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/** A compiled build, and the place that errors name for it. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  readonly place: string;
}

/**
 * Compiles a build from where configure says or from beside the script: read as a file in Node, else fetched.
 * Rejects with EnvironmentError where SIMD is missing, the file can't be had, or something else came.
 */
export async function compile(name: BuildFile): Promise<Compiled> {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD_PROBE)) {
    throw new EnvironmentError("WebAssembly", "an engine with 128-bit SIMD", "one without");
  }
  return compileSource(name, await locate(name));
}

/** The same for a source that is known. A string is an absolute URL. */
export async function compileSource(name: BuildFile, source: Exclude<KnownSource, URL>): Promise<Compiled> {
  const own = typeof source === "string" ? source : isResponse(source) ? source.url : "";
  const place = own === "" ? `configure.${name}` : own;
  if (isModule(source)) return { module: source, place };
  const bytes = await bytesOf(name, place, source);
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw curedError(name, place, "a WebAssembly file", `something that starts ${firstBytes(bytes)}`);
  }
  try {
    return { module: await WebAssembly.compile(bytes), place };
  } catch (cause) {
    throw curedError(name, place, "a module that may be compiled here", String(cause), cause);
  }
}

async function bytesOf(
  name: BuildFile,
  place: string,
  source: string | BufferSource | Response,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isResponse(source)) return body(name, place, source);
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  }
  if (typeof source !== "string") return new Uint8Array(source);
  return source.startsWith("file:") && inNode() ? readFile(name, source) : fetchBuild(name, source);
}

async function readFile(name: BuildFile, href: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const [fs, url] = await Promise.all([
      nodeModule<typeof import("node:fs/promises")>("node:fs/promises"),
      nodeModule<typeof import("node:url")>("node:url"),
    ]);
    return new Uint8Array(await fs.readFile(url.fileURLToPath(href)));
  } catch (cause) {
    throw curedError(name, href, "the WebAssembly file there", String(cause), cause);
  }
}

async function fetchBuild(name: BuildFile, href: string): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(href);
  } catch (cause) {
    if (href.startsWith("file:") && typeof XMLHttpRequest === "function") return readByXhr(name, href);
    throw curedError(name, href, "an answer from the server", String(cause), cause);
  }
  return body(name, href, response);
}

async function body(name: BuildFile, place: string, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw curedError(name, place, "a whole download", String(cause), cause);
  }
  if (!response.ok) {
    const got = `status ${response.status}, and something that starts ${firstBytes(bytes)}`;
    throw curedError(name, place, "the WebAssembly file (status 200)", got);
  }
  return bytes;
}

/** Pages of Electron and the like may read file: so, but not by fetch. */
function readByXhr(name: BuildFile, href: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", href);
    request.responseType = "arraybuffer";
    request.onload = () => resolve(new Uint8Array(request.response));
    request.onerror = () => reject(curedError(name, href, "a file that this page may read", "none"));
    request.send();
  });
}

function firstBytes(bytes: Uint8Array): string {
  return JSON.stringify(String.fromCharCode(...bytes.subarray(0, 16)));
}
