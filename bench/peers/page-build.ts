import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = new URL("../../", import.meta.url);

const pathOf = (place: string) => fileURLToPath(new URL(place, ROOT));

/** Where the page of the peers in Chromium is, once it is built. */
export const BUILT_PAGE = pathOf(".cache/bench-page");

/** Builds it, for all of these peers. */
export async function buildPage(): Promise<void> {
  await build({
    root: pathOf("bench/peers/page"),
    base: "./",
    logLevel: "error",
    cacheDir: pathOf(".cache/vite"),
    resolve: { alias: { layerwise: pathOf("ts/index.ts") } },
    worker: { format: "es" },
    build: { outDir: BUILT_PAGE, emptyOutDir: true, target: "es2022" },
  });
}
