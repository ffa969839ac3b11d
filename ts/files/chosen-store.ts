import { ConfigError, describe } from "../errors/errors.js";
import { inNode } from "../platform/node-module.js";
import { FileStore } from "./file-store.js";
import type { ModelStore } from "./store.js";

const nodeFiles = new FileStore();

/** The store given, or Node's file system. Raises ConfigError where there is neither. */
export function storeOrFiles(path: string, store: unknown): ModelStore {
  if (isStore(store)) return store;
  if (store === undefined && inNode()) return nodeFiles;
  const got = store === undefined ? "none, and there is no file system here" : describe(store);
  throw new ConfigError(path, "a store such as browserStore()", got);
}

function isStore(store: unknown): store is ModelStore {
  if (typeof store !== "object" || store === null || !("write" in store) || !("read" in store)) return false;
  return typeof store.write === "function" && typeof store.read === "function";
}
