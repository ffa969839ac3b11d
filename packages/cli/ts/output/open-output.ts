// Where a command writes, looked at before its work begins.
import { rmdirSync } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "@layerwise/data";
import { StorageError } from "layerwise";

/** As much as a report and a small model take: a disk with less is full. */
const PROBE = new Uint8Array(1 << 20);

/**
 * Makes the folder, and looks that files of these names can be written in it. Raises StorageError. Disposed of, it takes away those
 * folders that it made and nothing was written to.
 */
export async function openOutput(folder: string, names: readonly string[]): Promise<Disposable> {
  const made = await makeFolder(folder);
  const output: Disposable = {
    [Symbol.dispose]() {
      for (const one of [...made].reverse()) {
        try {
          rmdirSync(one);
        } catch {
          return; // Something is in it.
        }
      }
    },
  };
  try {
    for (const name of names) await checkReplaceable(join(folder, name));
    await probe(folder);
    return output;
  } catch (error) {
    output[Symbol.dispose]();
    throw error;
  }
}

/** The same for one file, in a folder that must be there; a pipe or a device takes what is written to it. Raises StorageError. */
export async function checkOutputFile(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts !== undefined && !facts.isFile() && !facts.isDirectory()) return;
  await checkReplaceable(path);
  await probe(dirname(path));
}

async function checkReplaceable(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isDirectory() === true) throw new StorageError(path, "a file that can be written", "a folder");
}

/** Permissions tell too little: a file system may be read-only, or full. */
async function probe(folder: string): Promise<void> {
  const path = join(folder, `.layerwise-${process.pid}.tmp`);
  try {
    const file = await open(path, "w");
    try {
      await file.writeFile(PROBE);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(folder, "a folder with room for files that can be written", message, { cause });
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}
