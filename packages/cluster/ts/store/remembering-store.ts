import type { BlobStore } from "./blob-store.js";

const REMEMBERED = "data/";

/**
 * A store that may lose what it has: data sets that were put there are kept here too, and put there again when that happens. Checkpoints
 * aren't: what comes of them is trained again.
 */
export class RememberingStore implements BlobStore {
  readonly #store: BlobStore;
  readonly #kept = new Map<string, Uint8Array>();

  constructor(store: BlobStore) {
    this.#store = store;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#store.get(key);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (key.startsWith(REMEMBERED)) this.#kept.set(key, bytes);
    await this.#store.put(key, bytes);
  }

  /** Of a data set only where it is kept here as well, so that it is put. */
  async has(key: string): Promise<boolean> {
    if (key.startsWith(REMEMBERED) && !this.#kept.has(key)) return false;
    return this.#store.has(key);
  }

  async delete(key: string): Promise<void> {
    this.#kept.delete(key);
    await this.#store.delete(key);
  }

  /** Puts what is gone. */
  async refill(): Promise<void> {
    for (const [key, bytes] of this.#kept) {
      if (!(await this.#store.has(key))) await this.#store.put(key, bytes);
    }
  }
}
