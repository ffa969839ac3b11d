// ts/ → dist/, what the npm package holds: index.js, one ES module; index.cjs, the same as CommonJS; inline.js, the
// same as an ES module with a build for one thread inside; the types of each; and wasm/, the files that the first two
// load.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { deflateRawSync } from "node:zlib";
import { Failure } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";
import { buildFast, buildInline } from "./wasm.mjs";

const ts = join(root, "ts");
const dist = join(root, "dist");

/** What the script loads: where it is in ts/ and in dist/. Users may copy the folder and import its files by name. */
const FILES = {
  "engine/wasm/pkg/layerwise_bg.wasm": "wasm/layerwise.wasm",
  "engine/wasm/pkg-threads/layerwise_bg.wasm": "wasm/layerwise-threads.wasm",
  "engine/wasm/pkg-float64/layerwise_bg.wasm": "wasm/layerwise-float64.wasm",
  "engine/wasm/pkg-float64-threads/layerwise_bg.wasm": "wasm/layerwise-float64-threads.wasm",
  "engine/wasm/pkg-fast/layerwise_bg.wasm": "wasm/layerwise-fast.wasm",
  "engine/wasm/pkg-fast-threads/layerwise_bg.wasm": "wasm/layerwise-fast-threads.wasm",
  "engine/wasm/worker.js": "wasm/worker.js",
  "worker-network/worker.js": "wasm/network-worker.js",
};

/** Bundles that are the library once more: as short as may be, since index.js is there to be read. */
const AGAIN = ["index.cjs", "inline.js", "wasm/network-worker.js"];

/** Of these those that no bundler takes apart: where names are shortened and kept for errors and traces, nothing can be left out. */
const WHOLE = ["index.cjs", "wasm/network-worker.js"];

export async function buildDist() {
  await buildFast();
  await buildInline();
  const parts = {
    inputs: [
      "ts",
      "tsconfig.json",
      "tsconfig.build.json",
      "package-lock.json",
      "scripts/dist.mjs",
      "scripts/types.mjs",
    ],
    outputs: ["dist"],
  };
  await stampedStep("dist", parts, async () => {
    rmSync(dist, { recursive: true, force: true });
    const names = await bundle("index.ts", "index.js", "esm");
    await bundle("index.ts", "index.cjs", "cjs");
    await bundle("inline.ts", "inline.js", "esm");
    mkdirSync(join(dist, "wasm"), { recursive: true });
    for (const [from, to] of Object.entries(FILES)) {
      if (from.endsWith(".wasm")) cpSync(join(ts, from), join(dist, to));
      else await bundle(from, to, "esm");
    }
    // Once: an ES module may take its types from CommonJS, and not the other way.
    await writeFile(join(dist, "index.d.cts"), await bundleTypes(names));
    await writeFile(join(dist, "index.d.ts"), 'export * from "./index.cjs";\n');
    await writeFile(join(dist, "inline.d.ts"), 'export * from "./index.js";\n');
  });
}

/**
 * One file in place of fifty is imported in a fifth of the time.
 * Resolves to the names of its exports.
 */
async function bundle(entry, file, format) {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(ts, entry)],
    outfile: join(dist, file),
    bundle: true,
    format,
    platform: format === "cjs" ? "node" : "neutral",
    target: "es2022",
    minifyWhitespace: AGAIN.includes(file),
    minifySyntax: AGAIN.includes(file),
    minifyIdentifiers: WHOLE.includes(file),
    keepNames: WHOLE.includes(file),
    logLevel: "silent",
    metafile: true,
    plugins: [variants(entry, format), urlsOf(dirname(join(dist, file)), format)],
  });
  if (AGAIN.includes(file)) await keepIgnored(join(dist, file));
  return Object.values(metafile.outputs)[0].exports;
}

/** esbuild takes away with the white space what tells bundlers to leave the import of Node's modules alone. */
async function keepIgnored(file) {
  const script = await readFile(file, "utf8");
  const kept = script.replace(/\bimport\((\w+)\)/, "import(/* webpackIgnore: true */ /* @vite-ignore */ $1)");
  if (kept === script) throw new Failure(`${file}: expected import(name), of ts/platform/node-module.ts`);
  await writeFile(file, kept);
}

/** What stands in another file's place: in layerwise/inline the text of the build, in CommonJS its own require. */
function variants(entry, format) {
  return {
    name: "variants",
    setup(build) {
      if (entry === "inline.ts") {
        build.onResolve({ filter: /\/(network-)?beside\.js$/ }, () => ({
          path: join(ts, "engine/wasm/inlined.ts"),
        }));
        build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
          return { contents: deflateRawSync(await readFile(path), { level: 9 }), loader: "base64" };
        });
      }
      if (format === "cjs") {
        // By a computed name: bundlers follow or forbid every other mention of require.
        const contents = 'export const required = (name) => module["re" + "quire"]?.(name);';
        build.onLoad({ filter: /[\\/]platform[\\/]required\.ts$/ }, () => ({ contents, loader: "js" }));
      }
    },
  };
}

/**
 * The URLs of other files, seen from the bundle. In an ES module they stay as literal as they are, since
 * bundlers look for just this expression; CommonJS has no import.meta.url, and ts/engine/wasm/locate.ts does without.
 */
function urlsOf(folder, format) {
  const base = format === "cjs" ? "undefined" : "import.meta.url";
  return {
    name: "urls",
    setup(build) {
      build.onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
        let count = 0;
        const source = await readFile(path, "utf8");
        const contents = source.replace(/new URL\("(.*?)", import\.meta\.url\)/g, (_, file) => {
          count += 1;
          const target = FILES[relative(ts, join(dirname(path), file)).replaceAll("\\", "/")];
          if (target === undefined) throw new Failure(`${path}: ${file} is none of the package's files`);
          const place = relative(folder, join(dist, target)).replaceAll("\\", "/");
          return `new URL("${place.startsWith(".") ? place : `./${place}`}", ${base})`;
        });
        if (source.replaceAll("`import.meta.url`", "").split("import.meta").length - 1 !== count) {
          throw new Failure(`${path}: expected import.meta only in new URL("…", import.meta.url)`);
        }
        return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
      });
    },
  };
}

/** All types in one file, and of the sources' only those that a user meets. */
async function bundleTypes(names) {
  const [{ rollup }, { dts }, { forEveryCompiler }] = await Promise.all([
    import("rollup"),
    import("rollup-plugin-dts"),
    import("./types.mjs"),
  ]);
  const bundle = await rollup({
    input: join(ts, "index.ts"),
    plugins: [dts({ tsconfig: join(root, "tsconfig.build.json") })],
    onwarn: ({ message }) => {
      throw new Failure(`index.d.ts: ${message}`);
    },
  });
  const [{ code }] = (await bundle.generate({})).output;
  // It exports every class as a value, those too that the sources export as a type only.
  const types = code.replace(/^export \{ (.*) \};$/m, (_, list) => {
    const all = list.split(", ");
    const [values, others] = [true, false].map((wanted) => all.filter((n) => names.includes(n) === wanted));
    return `export { ${values.join(", ")} };\nexport type { ${others.join(", ")} };`;
  });
  return forEveryCompiler(types);
}
