import { StorageError } from "../errors.js";
import { messageOf } from "../realm.js";
import { generationPath, removeLeftovers, writeAtomically } from "./atomic-write.js";
import { type Disk, errorCode, nodeDisk } from "./disk.js";
import type { ModelStore } from "./store.js";

/**
 * Files in Node's file system, the store that is taken there if none is given. Older generations of
 * `path` are `path.1`, `path.2`, …. Rejects with StorageError.
 */
export class FileStore implements ModelStore {
  readonly #openDisk: () => Promise<Disk>;
  /** The paths whose leftovers were removed. */
  readonly #swept = new Set<string>();

  /** @param openDisk - another disk than Node's, for tests */
  constructor(openDisk: () => Promise<Disk> = nodeDisk) {
    this.#openDisk = openDisk;
  }

  async write(name: string, bytes: Uint8Array, keep: number): Promise<void> {
    try {
      const disk = await this.#openDisk();
      const path = await disk.resolve(name);
      await writeAtomically(disk, path, bytes, keep);
      await this.#sweepOnce(disk, path);
    } catch (cause) {
      throw storageError(name, "a whole file written there", cause);
    }
  }

  async read(name: string, generation: number): Promise<Uint8Array | undefined> {
    try {
      const disk = await this.#openDisk();
      return await disk.read(generationPath(await disk.resolve(name), generation));
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return undefined;
      throw storageError(name, "a file that can be read", cause);
    }
  }

  /** The new file is written by then: that a leftover can't be removed is no failure. */
  async #sweepOnce(disk: Disk, path: string): Promise<void> {
    if (this.#swept.has(path)) return;
    this.#swept.add(path);
    await removeLeftovers(disk, path).catch(() => {});
  }
}

function storageError(name: string, expected: string, cause: unknown): StorageError {
  return new StorageError(name, expected, messageOf(cause), { cause });
}
