/** Where checkpoints, models and small data sets lie: a folder, or a server. Keys are such as `checkpoints/0a1b…`. */
export interface BlobStore {
  /** Undefined where there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all. Of two at a time for one key either may stay. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  has(key: string): Promise<boolean>;
  /** Nothing where there is none. */
  delete(key: string): Promise<void>;
}
