import { StorageError } from "layerwise";
import { counted } from "../platform/describe.js";
import { nodeModule } from "../platform/node-module.js";

/**
 * The files that a path stands for, by name: itself, or where there is `*` or `?` in its last part and no file of that very
 * name, those in its folder that fit, in the order of their names' characters. Raises StorageError where none does.
 */
export async function matchingFiles(path: string): Promise<string[]> {
  if (!/[*?]/.test(path)) return [path];
  const { existsSync } = await nodeModule<typeof import("node:fs")>("node:fs");
  if (existsSync(path)) return [path];
  const { readdir } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const { basename, dirname, join } = await nodeModule<typeof import("node:path")>("node:path");
  const folder = dirname(path);
  if (/[*?]/.test(folder)) throw new StorageError(path, "* and ? in the last part of a path alone", folder);
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new StorageError(path, "a folder that can be read", folder, { cause });
  });
  const fits = expressionOf(basename(path));
  const found = names.filter((name) => fits.test(name)).sort((a, b) => (a < b ? -1 : 1));
  if (found.length > 0) return found.map((name) => join(folder, name));
  throw new StorageError(
    path,
    "a file that fits the pattern",
    `none of ${counted(names.length, "file")} in ${folder}`,
  );
}

function expressionOf(pattern: string): RegExp {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const hidden = pattern.startsWith(".") ? "" : "(?!\\.)";
  return new RegExp(`^${hidden}${literal.replace(/\*+/g, ".*").replace(/\?/g, ".")}$`, "su");
}
