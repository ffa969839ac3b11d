import { ConfigError, EnvironmentError, StorageError } from "layerwise";
import { describe } from "../platform/describe.js";
import { inNode, nodeModule } from "../platform/node-module.js";

/** Writes a file beside the one it replaces, syncs it and renames it, so that `path` is a whole file at every moment. */
export async function writeFile(path: string | URL, bytes: Uint8Array): Promise<void> {
  if (!inNode()) throw new EnvironmentError("save", "a file system (toBytes() gives the same bytes)", "none");
  if (typeof path !== "string" && !(path instanceof URL))
    throw new ConfigError("path", "a path", describe(path));
  const { fileURLToPath } = await nodeModule<typeof import("node:url")>("node:url");
  const { open, rename, rm } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const target = typeof path === "string" ? path : fileURLToPath(path);
  if (target === "") throw new ConfigError("path", "a path", '""');
  const beside = `${target}.${process.pid}.tmp`;
  try {
    const file = await open(beside, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, target);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(target, "a file that can be written", message, { cause });
  }
}
