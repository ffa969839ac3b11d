import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "@layerwise/data";
import { ConfigError, StorageError } from "layerwise";
import type { BlobStore } from "./blob-store.js";

const KEY = /^[\w-]+(\/[\w.-]+)+$/;

/** A folder, which may be shared by several machines. */
export class FolderStore implements BlobStore {
  readonly folder: string;
  #count = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(key));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw failure(this.#path(key), "a file that can be read", cause);
    }
  }

  /** Written beside its place, synced and renamed: at every moment there is a whole file or none. */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(key);
    const beside = `${path}.${process.pid}-${this.#count++}.tmp`;
    try {
      await makeFolder(dirname(path));
      const file = await open(beside, "w");
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (cause) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw failure(path, "a file that can be written", cause);
    }
  }

  async has(key: string): Promise<boolean> {
    try {
      return (await stat(this.#path(key))).isFile();
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw failure(this.#path(key), "a file that can be read", cause);
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  #path(key: string): string {
    if (!KEY.test(key) || key.includes("..")) throw new ConfigError("key", "one such as models/0a1b", key);
    return join(this.folder, key);
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

function failure(path: string, expected: string, cause: unknown): StorageError {
  return new StorageError(path, expected, cause instanceof Error ? cause.message : String(cause), { cause });
}
