import { EnvironmentError } from "../errors.js";
import { nodeModule } from "../files/node-module.js";

/** The smallest module that uses a 128-bit vector: it validates only where SIMD is there. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** Every WebAssembly file starts with these four bytes. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/**
 * Compiles the WebAssembly file at `url` (file: in Node, else by fetch).
 * Raises {@link EnvironmentError} where SIMD is missing, the file can't be had, or something else came.
 */
export async function compile(url: URL): Promise<WebAssembly.Module> {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD_PROBE)) {
    throw new EnvironmentError("WebAssembly", "an engine with 128-bit SIMD", "one without");
  }
  const bytes = url.protocol === "file:" ? await readFile(url) : await download(url);
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw new EnvironmentError(url.href, "a WebAssembly file", `something that starts ${firstBytes(bytes)}`);
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new EnvironmentError(url.href, "a module that this engine compiles", String(cause), { cause });
  }
}

async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const fs: typeof import("node:fs/promises") = await nodeModule("node:fs/promises");
    return new Uint8Array(await fs.readFile(url));
  } catch (cause) {
    throw new EnvironmentError(url.href, "the WebAssembly file there", String(cause), { cause });
  }
}

async function download(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new EnvironmentError(url.href, "an answer from the server", String(cause), { cause });
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) {
    const got = `status ${response.status}, and something that starts ${firstBytes(bytes)}`;
    throw new EnvironmentError(url.href, "the WebAssembly file (status 200)", got);
  }
  return bytes;
}

function firstBytes(bytes: Uint8Array): string {
  return JSON.stringify(String.fromCharCode(...bytes.subarray(0, 16)));
}
