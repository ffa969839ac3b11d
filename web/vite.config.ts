import { defineConfig } from "vite";
import { californiaFile } from "./build/california.js";
import { mnistFiles } from "./build/mnist.js";
import { precacheList } from "./build/precache.js";
import { withoutFastMath } from "./build/without-fast-math.js";

/** The page as static files with relative URLs: dist-web/ works at any path of any static host. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  cacheDir: "../.cache/vite",
  build: {
    outDir: "../dist-web",
    emptyOutDir: true,
    target: "es2022",
    // Every file has its own URL: the Content-Security-Policy allows no data: scripts or workers.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: {
        page: `${import.meta.dirname}/index.html`,
        "service-worker": `${import.meta.dirname}/service-worker/service-worker.ts`,
      },
      output: {
        entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: { format: "es", plugins: () => [withoutFastMath()] },
  plugins: [withoutFastMath(), californiaFile(), mnistFiles(), precacheList()],
});
