import { readFileSync } from "node:fs";
import { ConfigError, StorageError } from "layerwise";

/** A file of JSON. Raises StorageError where `file` can't be read, ConfigError where it isn't `form`. */
export function readJson(path: string, file: string, form: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new StorageError(path, `${file} that can be read`, String(cause), { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(path, form, String(cause));
  }
}
