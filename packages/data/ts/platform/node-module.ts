/** A module of Node, under a name that bundlers for the browser can't see, so that they don't look for it. */
export async function nodeModule<Module>(name: string): Promise<Module>;
export async function nodeModule(name: string): Promise<unknown> {
  return process.getBuiltinModule?.(name) ?? import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/** Node, Deno or Bun: a runtime with Node's modules, and so with a file system. */
export function inNode(): boolean {
  if (typeof process !== "object" || typeof process.versions?.node !== "string") return false;
  return !("type" in process && (process.type === "renderer" || process.type === "worker"));
}
