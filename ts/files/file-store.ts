import { StorageError } from "../errors/errors.js";
import { messageOf } from "../platform/realm.js";
import { generationPath, removeLeftovers, replaceFile, shiftGenerations } from "./atomic-write.js";
import { type Disk, errorCode, nodeDisk } from "./disk.js";
import { OwnStore } from "./own-bytes.js";
import type { ModelStore } from "./store.js";
import { Turns } from "./turns.js";

/** Writes of this process to one file come one after the other: by the name that was given, then by its path. */
const namedWrites = new Turns<string>();
const writes = new Turns<string>();

/**
 * Files in Node's file system, the store that is taken there if none is given. Older generations of
 * `path` are `path.1`, `path.2`, …. Rejects with StorageError.
 */
export class FileStore extends OwnStore implements ModelStore {
  readonly #openDisk: () => Promise<Disk>;
  /** The paths whose leftovers were removed. */
  readonly #swept = new Set<string>();

  /** @param openDisk - another disk than Node's, for tests */
  constructor(openDisk: () => Promise<Disk> = nodeDisk) {
    super();
    this.#openDisk = openDisk;
  }

  write(name: string, bytes: Uint8Array, keep: number): Promise<void> {
    return namedWrites.take(name, async () => {
      const [disk, path] = await explained(name, WRITTEN, () => this.#find(name));
      await writes.take(path, async () => {
        const previous = await explained(name, WRITTEN, () => replaceFile(disk, path, bytes, keep));
        if (previous !== undefined) {
          await explained(name, SHIFTED, () => shiftGenerations(disk, path, previous, keep));
        }
        await this.#sweepOnce(disk, path);
      });
    });
  }

  async read(name: string, generation: number): Promise<Uint8Array | undefined> {
    return explained(name, "a file that can be read", async () => {
      try {
        const [disk, path] = await this.#find(name);
        return await disk.read(generationPath(path, generation));
      } catch (error) {
        if (errorCode(error) === "ENOENT") return undefined;
        throw error;
      }
    });
  }

  async #find(name: string): Promise<[disk: Disk, path: string]> {
    const disk = await this.#openDisk();
    return [disk, await disk.resolve(name)];
  }

  /** The new file is written by then: that a leftover can't be removed is no failure. */
  async #sweepOnce(disk: Disk, path: string): Promise<void> {
    if (this.#swept.has(path)) return;
    this.#swept.add(path);
    await removeLeftovers(disk, path).catch(() => {});
  }
}

const WRITTEN = "a whole file written there";
const SHIFTED = "older files moved up behind the new one, which is there";

/** What the codes of common failures mean. Node's own words follow. */
const REASONS = new Map([
  ["ENOENT", "no such folder"],
  ["EACCES", "no permission"],
  ["EPERM", "no permission"],
  ["EROFS", "a file system that is read-only"],
  ["ENOSPC", "a full disk"],
  ["EDQUOT", "a full quota"],
  ["EISDIR", "a folder"],
  ["EXDEV", "a file that is mounted there by itself"],
  ["EBUSY", "a file that is in use, or mounted there by itself"],
  ["ENAMETOOLONG", "a name that is too long"],
]);

async function explained<Result>(
  name: string,
  expected: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const message = messageOf(cause);
    const reason = REASONS.get(errorCode(cause));
    const got = reason === undefined ? message : `${reason} (${message})`;
    throw new StorageError(name, expected, got, { cause });
  }
}
