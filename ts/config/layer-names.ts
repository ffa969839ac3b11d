import type { Layer } from "../catalog/layers.js";
import { ConfigError, describe } from "../errors/errors.js";

/** No control characters and no halves of a surrogate pair, so that a table and a file can show it. */
const NAME = /^[^\p{Cc}\p{Cs}]{1,100}$/u;

/** Raises ConfigError for what can't be a layer's name. */
export function checkLayerName(path: string, name: unknown): string {
  if (typeof name === "string" && NAME.test(name)) return name;
  throw new ConfigError(
    path,
    "a text of 1 to 100 characters, none of them a control character",
    describe(name),
  );
}

/** Raises ConfigError where two layers have one name, those in residual layers included. */
export function checkNamesDiffer(
  path: string,
  layers: readonly Layer[],
  found = new Map<string, string>(),
): void {
  layers.forEach((layer, i) => {
    const place = `${path}[${i}]`;
    const { name } = layer;
    const before = name === undefined ? undefined : found.get(name);
    if (before !== undefined) {
      throw new ConfigError(
        `${place}.name`,
        "a name that no other layer has",
        `${describe(name)}, ${before}'s`,
      );
    }
    if (name !== undefined) found.set(name, place);
    if (layer.type === "residual") checkNamesDiffer(`${place}.layers`, layer.layers, found);
  });
}
