import { readOptions } from "../config/validation.js";
import { checkKeep } from "./checkpoint-options.js";
import { storeOrFiles } from "./chosen-store.js";
import { checkPath, type ModelStore } from "./store.js";

/** What {@link Network.save} takes. */
export interface SaveOptions {
  /** How many older generations stay beside the file: an integer in [0, 9]. Default 0. */
  readonly keep?: number;
  /** Default: the file system in Node; browsers need one, such as browserStore(). */
  readonly store?: ModelStore;
}

/** Raises ConfigError. */
export function resolveSaveOptions(
  path: unknown,
  options: SaveOptions,
): { name: string; store: ModelStore; keep: number } {
  const { store, keep = 0 } = readOptions("save", "options", options);
  return {
    name: checkPath("path", path),
    store: storeOrFiles("store", store),
    keep: checkKeep("keep", keep),
  };
}
