import { ConfigError, describe, StorageError } from "../errors/errors.js";
import { inNode } from "../platform/node-module.js";
import { asNumberArray, isArrayBuffer, isGone, isUrl, typedArrayName } from "../platform/realm.js";
import { storeOrFiles } from "./chosen-store.js";
import { type Recovery, readNewest } from "./newest.js";
import { copyOf, gone } from "./own-bytes.js";
import { checkPath, type ModelStore } from "./store.js";

/** What {@link loadNetwork} reads from: a path, a URL, or the bytes themselves. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer;

export interface SourceOptions {
  /** Where the path is looked up. Default: the file system in Node; browsers fetch it. */
  readonly store?: ModelStore;
  /**
   * Called when the newest generation is missing or damaged and an older one is taken: with a path alone, since bytes
   * have no generations. Default: a warning on the console.
   */
  readonly onRecovery?: (recovery: Recovery) => void;
}

/** A source as it was when it was opened. */
export type OpenedSource =
  | { readonly bytes: Uint8Array }
  | { readonly url: string }
  | { readonly name: string; readonly store: ModelStore };

/**
 * Notes where to read, or copies the bytes: the caller may change them as soon as the call has returned its
 * promise. Raises ConfigError, DataError or ResourceError.
 */
export function openSource(source: ModelSource, { store, onRecovery }: SourceOptions): OpenedSource {
  const bytes = asBytes(source);
  if (bytes !== undefined) {
    if (store !== undefined) throw new ConfigError("store", "none beside bytes", describe(store));
    if (onRecovery !== undefined) {
      throw new ConfigError("onRecovery", "none beside bytes", describe(onRecovery));
    }
    return { bytes: copyOf("source", bytes) };
  }
  const name = checkPath("source", source);
  if (store === undefined && (/^(https?|blob|data):/i.test(name) || !inNode())) return { url: name };
  return { name, store: storeOrFiles("store", store) };
}

/** `decode` of the source's bytes: of the newest generation that it takes, where there are several. */
export async function readSource<Decoded>(
  source: OpenedSource,
  decode: (bytes: Uint8Array) => Promise<Decoded>,
): Promise<{ readonly decoded: Decoded; readonly recovery: Recovery | undefined }> {
  if ("bytes" in source) return { decoded: await decode(source.bytes), recovery: undefined };
  if ("url" in source) return { decoded: await decode(await fetchFile(source.url)), recovery: undefined };
  return readNewest(source.store, source.name, decode);
}

function asBytes(source: unknown): Uint8Array | ArrayBuffer | undefined {
  if (typedArrayName(source) === "Uint8Array") {
    if (isGone(source)) throw gone("source");
    return asNumberArray(source) as Uint8Array;
  }
  if (isArrayBuffer(source)) return source;
  if (typeof source === "string" || isUrl(source)) return undefined;
  throw new ConfigError("source", "a path, a URL, a Uint8Array or an ArrayBuffer", describe(source));
}

async function fetchFile(url: string): Promise<Uint8Array> {
  // What stands behind ? may be a token, of a URL that is relative to a page too.
  const place = /^data:/i.test(url) ? "the data: URL" : url.replace(/[?#].*$/s, "?…");
  if (hasLogin(url)) {
    const expected =
      "a URL without user and password (fetch it with an Authorization header, and give its bytes)";
    throw new StorageError(place, expected, "one with them");
  }
  let response: Response;
  try {
    response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new StorageError(place, "an answer from the server", String(cause), { cause });
  }
  throw new StorageError(place, "the file (status 200)", `status ${response.status}`);
}

/** fetch refuses such a URL, in words that hold all of it. */
function hasLogin(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== "" || password !== "";
}
