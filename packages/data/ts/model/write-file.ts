import { ConfigError, EnvironmentError, StorageError } from "layerwise";
import { describe } from "../platform/describe.js";
import { inNode, nodeModule } from "../platform/node-module.js";

/**
 * Writes a file beside the one it replaces, syncs it and renames it, so that `path` is a whole file at every moment. A pipe or a
 * device is written to as it is. Raises StorageError.
 */
export async function writeFile(path: string | URL, content: Uint8Array | string): Promise<void> {
  if (!inNode()) throw new EnvironmentError("save", "a file system (toBytes() gives the same bytes)", "none");
  if (typeof path !== "string" && !(path instanceof URL))
    throw new ConfigError("path", "a path", describe(path));
  const { fileURLToPath } = await nodeModule<typeof import("node:url")>("node:url");
  const { open, realpath, rename, rm, stat } =
    await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const given = typeof path === "string" ? path : fileURLToPath(path);
  if (given === "") throw new ConfigError("path", "a path", '""');
  const target = await realpath(given).catch(() => given); // A link stays one.
  const beside = `${target}.${process.pid}.tmp`;
  try {
    const facts = await stat(given).catch(() => undefined);
    if (facts !== undefined && !facts.isFile() && !facts.isDirectory()) {
      const stream = await open(given, "w");
      await stream.writeFile(content).finally(() => stream.close());
      return;
    }
    const file = await open(beside, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, target);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(given, "a file that can be written", message, { cause });
  }
}
