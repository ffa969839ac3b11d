import { type Source, shownPlace } from "@layerwise/data";
import { ConfigError } from "layerwise";

/** Paths as the readers take them; `-` is standard input, which is there once. Raises ConfigError. */
export function sourcesOf(paths: readonly string[]): Source[] {
  if (paths.filter((path) => path === "-").length > 1)
    throw new ConfigError("data", "standard input (-) once", paths.map(shownPlace).join(" "));
  return paths.map((path) => (path === "-" ? process.stdin : path));
}
