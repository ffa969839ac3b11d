import { randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeFolder } from "@layerwise/data";
import { StorageError } from "layerwise";

/** Of the server that a job comes from. */
export const ON_SERVER = "the server";

/** What a folder is known by, as a file in it. */
const NAME = ".layerwise-store-id";

/** Looks at a file that somebody else is writing, and milliseconds between them. */
const LOOKS = 50;
const BETWEEN_LOOKS = 20;

/**
 * By what programs on several machines find out whether they share a store: undefined is the server's, a folder has a number
 * of its own, written by whoever is there first. Raises StorageError.
 */
export async function identityOf(folder: string | undefined): Promise<string> {
  if (folder === undefined) return ON_SERVER;
  const path = join(folder, NAME);
  await makeFolder(folder);
  try {
    await writeFirst(path, randomBytes(6).toString("hex"));
    for (let look = 0; look < LOOKS; look++) {
      const text = await readFile(path, "utf8");
      if (text.endsWith("\n")) return `folder ${text.trim()}`;
      await pause(BETWEEN_LOOKS);
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(folder, "a folder that can be written", message, { cause });
  }
  throw new StorageError(path, "a store's number and a line's end", "another text (delete it)");
}

/** Unless there is one. */
async function writeFirst(path: string, number: string): Promise<void> {
  const file = await open(path, "wx").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    await file.writeFile(`${number}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
