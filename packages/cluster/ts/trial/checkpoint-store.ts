import type { ModelStore } from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { checkpointName } from "./job.js";

/** Checkpoints of less work than this aren't kept: it is done again sooner. */
const LEAST_SECONDS = 5;

/**
 * A store of blobs as the core's checkpoints take one. Until a rung is over they go under another name, so that under its own name
 * is the very state at its end, from which a next rung goes on.
 */
export class CheckpointStore implements ModelStore {
  readonly #store: BlobStore;
  readonly #key: string;
  readonly #begun = performance.now();
  #last: Uint8Array | undefined;
  #isOver = false;
  /** Where a training is while it runs. */
  readonly name: string;

  constructor(store: BlobStore, key: string) {
    this.#store = store;
    this.#key = key;
    this.name = `${checkpointName(key)}.running`;
  }

  async write(_name: string, bytes: Uint8Array): Promise<void> {
    this.#last = bytes;
    if (this.#isOver || performance.now() - this.#begun < LEAST_SECONDS * 1000) return;
    await this.#store.put(this.name, bytes);
  }

  async read(name: string, generation: number): Promise<Uint8Array | undefined> {
    return generation === 0 ? await this.#store.get(name) : undefined;
  }

  /** What is written from here on is the state at the rung's end. */
  over(): void {
    this.#isOver = true;
  }

  /** Writes down what training came to while it is given up. */
  async giveUp(): Promise<void> {
    if (this.#last !== undefined) await this.#store.put(this.name, this.#last);
  }

  /** Keeps the last state for a next rung, or nothing. */
  async end(keep: boolean): Promise<void> {
    if (keep && this.#last !== undefined) await this.#store.put(checkpointName(this.#key), this.#last);
    await this.#store.delete(this.name);
  }
}
