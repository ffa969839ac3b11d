/** A module of Node, under a name that bundlers for the browser can't see, so that they don't look for it. */
export function nodeModule<Module>(name: string): Promise<Module> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/** Node, or another runtime that has its modules. */
export function inNode(): boolean {
  return typeof process === "object" && typeof process.versions?.node === "string";
}
