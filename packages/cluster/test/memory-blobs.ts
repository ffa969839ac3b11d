import type { BlobStore } from "../ts/store/blob-store.js";

/** A store in memory, which is lost by `blobs.clear()`. */
export class MemoryBlobs implements BlobStore {
  readonly blobs = new Map<string, Uint8Array>();
  readonly get = async (key: string) => this.blobs.get(key)?.slice();
  readonly put = async (key: string, bytes: Uint8Array) => void this.blobs.set(key, bytes.slice());
  readonly has = async (key: string) => this.blobs.has(key);
  readonly delete = async (key: string) => void this.blobs.delete(key);
}
