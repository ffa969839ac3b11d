import { DataError, describe, ResourceError, StorageError } from "../errors/errors.js";
import type { ModelStore } from "./store.js";
import { Turns } from "./turns.js";

/**
 * Bytes that are checked, and used after an await, must be nobody else's: what another may fill, resize or
 * transfer meanwhile is copied first.
 */

/** A store of Layerwise itself: what it reads is new memory each time. */
export abstract class OwnStore {}

/** One read of a store after the other: a store may read into the same memory each time. */
const reads = new Turns<ModelStore>();

/** A generation of a file in memory of its own; undefined where there is none. Rejects as the store does. */
export async function readBytes(
  store: ModelStore,
  name: string,
  generation: number,
): Promise<Uint8Array | undefined> {
  if (store instanceof OwnStore) return checkBytes(name, await store.read(name, generation));
  return reads.take(store, async () => {
    const found = checkBytes(name, await store.read(name, generation));
    return found === undefined ? undefined : copyOf(name, found);
  });
}

/** A copy in memory of its own. Raises DataError where the bytes are gone, ResourceError where there is no room. */
export function copyOf(path: string, bytes: Uint8Array | ArrayBuffer): Uint8Array<ArrayBuffer> {
  try {
    // slice() of a Buffer would be the memory itself.
    return ArrayBuffer.isView(bytes) ? new Uint8Array(bytes) : new Uint8Array(bytes).slice();
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new ResourceError(path, `memory for ${bytes.byteLength} bytes`, cause.message, { cause });
    }
    throw gone(path, { cause });
  }
}

/** The error for bytes that are no longer there. */
export function gone(path: string, options?: ErrorOptions): DataError {
  const got = "none: their buffer was transferred or made smaller";
  return new DataError(path, "the bytes of a file", got, options);
}

/** Raises StorageError for what is neither bytes nor undefined. */
function checkBytes(name: string, found: unknown): Uint8Array | undefined {
  if (found === undefined) return undefined;
  if (found instanceof Uint8Array) return found;
  if (ArrayBuffer.isView(found)) return new Uint8Array(found.buffer, found.byteOffset, found.byteLength);
  throw new StorageError(name, "a Uint8Array or undefined from the store", describe(found));
}
