import { DataError } from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { hashOfBytes } from "../trial/canonical.js";
import { decodeExamples, type Examples } from "./examples.js";
import { NAMES } from "./job.js";
import { needed } from "./lost-blob.js";

/** Bytes of shards that a process keeps, so that the next round doesn't fetch them again. */
const MOST_BYTES = 2 ** 28;

/** The shards that this process trained on last, by their hashes; the last one at the end. */
export class ShardData {
  readonly #kept = new Map<string, Uint8Array>();

  /** Raises LostBlobError, and DataError for other bytes than the hash says. */
  async examples(store: BlobStore, sha256: string): Promise<Examples> {
    const bytes = this.#kept.get(sha256) ?? (await fetched(store, sha256));
    this.#kept.delete(sha256);
    this.#kept.set(sha256, bytes);
    let sum = [...this.#kept.values()].reduce((total, one) => total + one.length, 0);
    for (const [name, one] of this.#kept) {
      if (sum <= MOST_BYTES || name === sha256) break;
      this.#kept.delete(name);
      sum -= one.length;
    }
    return decodeExamples(bytes);
  }
}

async function fetched(store: BlobStore, sha256: string): Promise<Uint8Array> {
  const bytes = await needed(store, NAMES.data(sha256));
  const found = hashOfBytes(bytes);
  if (found !== sha256) throw new DataError(NAMES.data(sha256), `bytes with SHA-256 ${sha256}`, found);
  return bytes;
}
