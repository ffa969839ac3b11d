import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isWebAddress, webAddress } from "@layerwise/data";
import { StorageError } from "layerwise";

/** Where a data set's file is. */
export interface DataPlace {
  /** What jobs, journals and messages say. */
  readonly shown: string;
  /** Whether something was left out, so that nobody else can fetch it: workers get its bytes from the store. */
  readonly isSecret: boolean;
  /** Raises StorageError, which names no more than `shown`. */
  read(): Promise<Uint8Array>;
}

/** A path, seen from `folder`, or a URL of http or https. Raises StorageError for a URL that is none. */
export function dataPlace(given: string, folder: string): DataPlace {
  if (!isWebAddress(given)) {
    const path = resolve(folder, given);
    return { shown: path, isSecret: false, read: () => contents(path, () => readFile(path)) };
  }
  const { shown, isSecret, url, headers } = webAddress(given);
  const read = () =>
    contents(shown, async () => {
      const response = await fetch(url, { headers });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    });
  return { shown, isSecret, read };
}

async function contents(shown: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(shown, "a file that can be read", message, { cause });
  }
}
