import { LayerwiseError } from "layerwise";
import type { BlobStore } from "../store/blob-store.js";

/**
 * What a job needs isn't in the store any more, as after a server without persistence began anew. No fault of the job's: who
 * made it puts it there again.
 */
export class LostBlobError extends LayerwiseError {
  override readonly name = "LostBlobError";
  readonly code = "ERR_LOST_BLOB";

  constructor(key: string) {
    super(key, "what a job needs in the store", "none");
  }
}

/** Raises LostBlobError. */
export async function needed(store: BlobStore, key: string): Promise<Uint8Array> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw new LostBlobError(key);
  return bytes;
}
