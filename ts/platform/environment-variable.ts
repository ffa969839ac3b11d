import { inNode } from "./node-module.js";

/** The value of an environment variable; undefined where it is absent or empty, or nobody may be asked for it. */
export function environmentVariable(name: string): string | undefined {
  // Deno asks its user first, or refuses.
  if (!inNode() || "Deno" in globalThis) return undefined;
  return process.env[name] || undefined;
}
