import { inNode, nodeModule } from "../../platform/node-module.js";
import { messageOf } from "../../platform/realm.js";
import type { Addon } from "./addon.js";

/** Not a literal where it is used: no bundler may look for what needn't be there. */
const PACKAGE = "@layerwise/native";

/** What Node, Bun and others say where it isn't installed; of a file of its own that is missing they name that. */
const ABSENT = /cannot find (?:module|package) ['"]@layerwise\/native['"]/i;

/** What the package exports: its file for this machine, loaded. Raises an error that says why there is none. */
interface NativePackage {
  readonly load: () => Addon;
}

let found: Promise<Addon> | undefined;

/**
 * The addon for this machine, of the kernels that have this number. Rejects with an Error that says why there is none.
 */
export function loadAddon(build: number): Promise<Addon> {
  found ??= findAddon(build);
  return found;
}

async function findAddon(build: number): Promise<Addon> {
  if (!inNode()) throw new Error(`${PACKAGE} is for Node, Deno and Bun`);
  const { load } = await packageOf();
  const addon = load();
  const number = addon.build();
  if (number === build) return addon;
  throw new Error(
    `${PACKAGE} is of other kernels (${number}, not ${build}): its version must be layerwise's own`,
  );
}

async function packageOf(): Promise<NativePackage> {
  try {
    // An ES module sees what a CommonJS one exports as its default.
    const module = await nodeModule<NativePackage & { readonly default?: NativePackage }>(PACKAGE);
    return module.default ?? module;
  } catch (error) {
    if (ABSENT.test(messageOf(error)))
      throw new Error(`${PACKAGE} is not installed: npm install ${PACKAGE}`, { cause: error });
    throw new Error(`${PACKAGE} could not be loaded: ${messageOf(error)}`, { cause: error });
  }
}
