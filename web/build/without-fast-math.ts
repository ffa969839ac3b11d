import type { Plugin } from "vite";

const FAST = /new URL\("\.\/pkg-fast[^"]*", import\.meta\.url\)/g;
const NONE = '(() => { throw new Error("the page has none"); })()';

/** Leaves the builds of fast math out of the page, which has no such setting: its offline copy would hold them. */
export function withoutFastMath(): Plugin {
  return {
    name: "without-fast-math",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith("/engine/wasm/beside.ts")) return undefined;
      if (code.match(FAST)?.length !== 2) throw new Error(`${id}: expected two builds of fast math`);
      return { code: code.replace(FAST, NONE), map: null };
    },
  };
}
