import { required } from "./required.js";

/** A module of Node, under a name that bundlers for the browser can't see, so that they don't look for it. */
export async function nodeModule<Module>(name: string): Promise<Module>;
export async function nodeModule(name: string): Promise<unknown> {
  return nodeModuleNow(name) ?? import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/** The same without a promise; undefined in an ES module on Node before 20.16. */
export function nodeModuleNow<Module>(name: string): Module | undefined;
export function nodeModuleNow(name: string): unknown {
  return process.getBuiltinModule?.(name) ?? required?.(name);
}

/** Node, or another runtime that has its modules. Pages of Electron may have them too, and are pages all the same. */
export function inNode(): boolean {
  if (typeof process !== "object" || typeof process.versions?.node !== "string") return false;
  return !("type" in process && (process.type === "renderer" || process.type === "worker"));
}
