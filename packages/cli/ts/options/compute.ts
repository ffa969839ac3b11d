import type { ComputeOptions } from "layerwise";
import type { Values } from "./read-options.js";
import { COMPUTE } from "./rows.js";

/** What was given of the options that say what computes networks, each checked by its row. */
export function computeOf(values: Values): ComputeOptions {
  return Object.fromEntries(
    COMPUTE.flatMap(({ key }) => (values[key] === undefined ? [] : [[key, values[key]]])),
  );
}
