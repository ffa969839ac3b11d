import { ConfigError, describe, StorageError } from "../errors.js";
import { asNumberArray, isArrayBuffer, isGone, isUrl, typedArrayName } from "../realm.js";
import { type Recovery, readNewest } from "./newest.js";
import { inNode } from "./node-module.js";
import { checkPath, type ModelStore, storeOrFiles } from "./store.js";

/** What {@link loadNetwork} reads from: a path, a URL, or the bytes themselves. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer;

export interface SourceOptions {
  /** Where the path is looked up. Default: the file system in Node; browsers fetch it. */
  readonly store?: ModelStore;
}

/** `decode` of the source's bytes: of the newest generation that it takes, where there are several. */
export async function readSource<Decoded>(
  source: ModelSource,
  { store }: SourceOptions,
  decode: (bytes: Uint8Array) => Decoded,
): Promise<{ readonly decoded: Decoded; readonly recovery: Recovery | undefined }> {
  const bytes = asBytes(source);
  if (bytes !== undefined) return { decoded: decode(bytes), recovery: undefined };
  const name = checkPath("source", source);
  if (store === undefined && (/^(https?|blob|data):/i.test(name) || !inNode())) {
    return { decoded: decode(await download(name)), recovery: undefined };
  }
  return readNewest(storeOrFiles("store", store), name, decode);
}

function asBytes(source: unknown): Uint8Array | undefined {
  if (typedArrayName(source) === "Uint8Array" && !isGone(source)) {
    const bytes = asNumberArray(source) as Uint8Array;
    // Another thread could change shared bytes after they were checked.
    return isArrayBuffer(bytes.buffer) ? bytes : bytes.slice();
  }
  if (isArrayBuffer(source)) return new Uint8Array(source);
  if (typeof source === "string" || isUrl(source)) return undefined;
  throw new ConfigError("source", "a path, a URL, a Uint8Array or an ArrayBuffer", describe(source));
}

async function download(url: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new StorageError(url, "an answer from the server", String(cause), { cause });
  }
  throw new StorageError(url, "the file (status 200)", `status ${response.status}`);
}
