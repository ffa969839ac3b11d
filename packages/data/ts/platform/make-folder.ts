import { StorageError } from "layerwise";
import { nodeModule } from "./node-module.js";

/**
 * Makes a folder and those above it, and resolves to those that weren't there, the outermost first. If it rejects, none is left.
 * Raises StorageError. Each is made by itself: Node's recursive mkdir never ends in a folder that lets nothing be made in it but
 * says "no such folder", as /proc does.
 */
export async function makeFolder(path: string): Promise<string[]> {
  const { mkdir, rmdir } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const made: string[] = [];
  try {
    for (const folder of await missingFolders(path)) {
      const isOurs = await mkdir(folder).then(
        () => true,
        async (cause: unknown) => {
          // Another call or process may have made it meanwhile.
          if (codeOf(cause) === "EEXIST" && (await missingFolders(folder)).length === 0) return false;
          throw cause;
        },
      );
      if (isOurs) made.push(folder);
    }
    return made;
  } catch (cause) {
    for (const folder of made.reverse()) await rmdir(folder).catch(() => undefined);
    if (cause instanceof StorageError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(path, "a folder that can be written to", message, { cause });
  }
}

/** From the outermost to the folder itself. Raises StorageError where a file is in the way. */
async function missingFolders(path: string): Promise<string[]> {
  const { stat } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const { dirname, resolve } = await nodeModule<typeof import("node:path")>("node:path");
  const missing: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    const facts = await stat(at).catch((cause: unknown) => {
      if (["ENOENT", "ENOTDIR"].includes(codeOf(cause))) return undefined;
      throw cause;
    });
    if (facts?.isDirectory() === true) return missing;
    if (facts !== undefined) {
      const inTheWay = missing.length === 0 ? "a file" : `a file in its way, ${at}`;
      throw new StorageError(path, "a folder that can be written to", inTheWay);
    }
    missing.unshift(at);
    if (dirname(at) === at) return missing;
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
