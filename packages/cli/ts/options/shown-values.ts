import { shownPlace } from "@layerwise/data";
import type { Values } from "./read-options.js";

/** Options as reports and metrics say them: the server's address without user and password. */
export function shownValues(values: Values): Values {
  return typeof values.redis === "string" ? { ...values, redis: shownPlace(values.redis) } : values;
}
