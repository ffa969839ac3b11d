import type { Redis } from "ioredis";
import { ResourceError } from "layerwise";
import { PREFIX } from "../redis/connection.js";
import type { BlobStore } from "./blob-store.js";

/** What a server takes as one value. */
const MOST_BYTES = 2 ** 29;

/** Blobs on the server itself: for what is small beside its memory. */
export class RedisStore implements BlobStore {
  readonly #redis: Redis;

  /** The connection stays its owner's to close. */
  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const bytes = await this.#redis.getBuffer(nameOf(key));
    return bytes === null ? undefined : new Uint8Array(bytes);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > MOST_BYTES) {
      throw new ResourceError(
        key,
        `at most ${MOST_BYTES} bytes on a server (a folder that all workers share takes more)`,
        `${bytes.length}`,
      );
    }
    await this.#redis.set(nameOf(key), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  async has(key: string): Promise<boolean> {
    return (await this.#redis.exists(nameOf(key))) === 1;
  }

  async delete(key: string): Promise<void> {
    await this.#redis.del(nameOf(key));
  }
}

function nameOf(key: string): string {
  return `${PREFIX}:store:${key}`;
}
