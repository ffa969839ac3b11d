import type { Trial } from "@layerwise/cluster";

/** A parameter's value as a text that tells it from others; "" where it isn't there. */
export function canonicalValue(value: Trial["configuration"][string] | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
