import { ConfigError, describe } from "../errors/errors.js";
import { isUrl } from "../platform/realm.js";

/**
 * Where model files live. {@link browserStore} (IndexedDB) makes one; another needs these two
 * functions. Names are opaque: nothing from inside a file becomes one.
 */
export interface ModelStore {
  /**
   * Replaces the file whole or not at all, and resolves when that outlasts a crash. The file that was
   * there becomes generation 1, the one before generation 2, … up to `keep`; they stay until the new one
   * is whole. The bytes belong to the store from then on: nobody else uses them.
   */
  write(name: string, bytes: Uint8Array, keep: number): Promise<void>;
  /**
   * Generation 0 is the newest. Undefined where there is none. The bytes are copied as soon as they are there, and
   * reads of a store come one after the other, so that it may read into the same memory each time.
   */
  read(name: string, generation: number): Promise<Uint8Array | undefined>;
}

/** The most generations that a store keeps besides the newest. */
export const MOST_KEPT = 9;

/** A path as a store knows it. Raises ConfigError. */
export function checkPath(path: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  if (isUrl(value)) return value.href;
  throw new ConfigError(path, "a path", describe(value));
}
