import { readOptions } from "../config/validation.js";
import { ConfigError, describe, StorageError } from "../errors/errors.js";
import { OwnStore } from "./own-bytes.js";
import type { ModelStore } from "./store.js";

export interface BrowserStoreOptions {
  /** The name of the IndexedDB database. Default `"layerwise"`. */
  readonly database?: string;
}

const FILES = "files";

/**
 * Files in the browser's IndexedDB, in pages and workers alike. One transaction writes the new file and
 * moves the older ones: all of it happens or nothing, and it resolves when the data is on the disk.
 * (OPFS would need a rename that replaces, which not all browsers have.) Rejects with StorageError.
 */
export function browserStore(options: BrowserStoreOptions = {}): ModelStore {
  const { database = "layerwise" } = readOptions("browserStore", "browserStore", options);
  if (typeof database !== "string") throw new ConfigError("database", "a name", describe(database));
  return new BrowserStore(database);
}

class BrowserStore extends OwnStore implements ModelStore {
  readonly #name: string;
  #database: Promise<IDBDatabase> | undefined;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  write(name: string, bytes: Uint8Array, keep: number): Promise<void> {
    // IndexedDB would store all of the buffer that a view is of.
    const file = new Uint8Array(bytes);
    return this.#explained(name, "a whole file written there", async () => {
      const transaction = (await this.#open()).transaction(FILES, "readwrite", { durability: "strict" });
      const shifted = shift(transaction.objectStore(FILES), name, file, keep).catch((error) => {
        transaction.abort(); // or what was put before the failure would stay
        throw error;
      });
      await Promise.all([shifted, completed(transaction)]);
    });
  }

  read(name: string, generation: number): Promise<Uint8Array | undefined> {
    return this.#explained(name, "a file that can be read", async () => {
      const files = (await this.#open()).transaction(FILES).objectStore(FILES);
      return requested<Uint8Array | undefined>(files.get([name, generation]));
    });
  }

  #open(): Promise<IDBDatabase> {
    if (this.#database === undefined) {
      const opening = indexedDB.open(this.#name, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(FILES);
      this.#database = requested(opening).then((database) => {
        // Another tab wants a newer layout, or the user clears the data: the next call opens it again.
        database.onversionchange = () => {
          database.close();
          this.#forget();
        };
        database.onclose = () => this.#forget();
        return database;
      });
      this.#database.catch(() => this.#forget());
    }
    return this.#database;
  }

  #forget(): void {
    this.#database = undefined;
  }

  async #explained<Result>(name: string, expected: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      throw new StorageError(name, expected, String(cause), { cause });
    }
  }
}

/** Generation 0 ← the file, 1 ← what was 0, … up to `keep`. */
async function shift(files: IDBObjectStore, name: string, file: Uint8Array, keep: number): Promise<void> {
  const present = Array.from({ length: keep }, (_, generation) =>
    requested<Uint8Array | undefined>(files.get([name, generation])),
  );
  (await Promise.all(present)).forEach((found, generation) => {
    if (found !== undefined) files.put(found, [name, generation + 1]);
  });
  files.put(file, [name, 0]);
}

function requested<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
  });
}
