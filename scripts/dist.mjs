// ts/ → dist/, what the npm package holds: index.js and index.d.ts, one ES module and its types; the same in cjs/
// as CommonJS; and wasm/, whose .wasm files and worker.js both of them load.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Failure } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";

const ts = join(root, "ts");
const dist = join(root, "dist");
const cjs = join(dist, "cjs");

export async function buildDist() {
  const parts = {
    inputs: ["ts", "tsconfig.json", "tsconfig.build.json", "package-lock.json", "scripts/dist.mjs"],
    outputs: ["dist"],
  };
  await stampedStep("dist", parts, async () => {
    rmSync(dist, { recursive: true, force: true });
    const names = await bundle("index.ts", join(dist, "index.js"), "esm");
    await bundle("index.ts", join(cjs, "index.js"), "cjs");
    await bundle("wasm/worker.js", join(dist, "wasm/worker.js"), "esm");
    for (const file of ["wasm/pkg/layerwise_bg.wasm", "wasm/pkg-threads/layerwise_bg.wasm"]) {
      cpSync(join(ts, file), join(dist, file));
    }
    await bundleTypes(join(dist, "index.d.ts"), names);
    cpSync(join(dist, "index.d.ts"), join(cjs, "index.d.ts")); // of its own, since its folder says CommonJS
    writeFileSync(join(cjs, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  });
}

/**
 * One file in place of fifty is imported in a fifth of the time. Not minified: that would gain nothing.
 * Resolves to the names of its exports.
 */
async function bundle(entry, outfile, format) {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(ts, entry)],
    outfile,
    bundle: true,
    format,
    platform: format === "cjs" ? "node" : "neutral",
    target: "es2022",
    logLevel: "silent",
    metafile: true,
    plugins: [urlsOf(dirname(outfile), format)],
  });
  return Object.values(metafile.outputs)[0].exports;
}

/**
 * The URLs of other files, seen from the bundle. In an ES module they stay as literal as they are, since
 * bundlers look for just this expression; CommonJS has no import.meta.url.
 */
function urlsOf(folder, format) {
  const base = format === "cjs" ? 'require("node:url").pathToFileURL(__filename)' : "import.meta.url";
  return {
    name: "urls",
    setup(build) {
      build.onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
        let count = 0;
        const source = await readFile(path, "utf8");
        const contents = source.replace(/new URL\("(.*?)", import\.meta\.url\)/g, (_, file) => {
          count += 1;
          const target = join(dist, relative(ts, dirname(path)), file);
          const place = relative(folder, target).replaceAll("\\", "/");
          return `new URL("${place.startsWith(".") ? place : `./${place}`}", ${base})`;
        });
        if (source.split("import.meta").length - 1 !== count) {
          throw new Failure(`${path}: expected import.meta only in new URL("…", import.meta.url)`);
        }
        return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
      });
    },
  };
}

/** All types in one file, and of the sources' only those that a user meets. */
async function bundleTypes(outfile, names) {
  const [{ rollup }, { dts }] = await Promise.all([import("rollup"), import("rollup-plugin-dts")]);
  const bundle = await rollup({
    input: join(ts, "index.ts"),
    plugins: [dts({ tsconfig: join(root, "tsconfig.build.json") })],
    onwarn: ({ message }) => {
      throw new Failure(`index.d.ts: ${message}`);
    },
  });
  const [{ code }] = (await bundle.generate({ banner: '/// <reference lib="esnext.disposable" />' })).output;
  // It exports every class as a value, those too that the sources export as a type only.
  const types = code.replace(/^export \{ (.*) \};$/m, (_, list) => {
    const all = list.split(", ");
    const [values, others] = [true, false].map((wanted) => all.filter((n) => names.includes(n) === wanted));
    return `export { ${values.join(", ")} };\nexport type { ${others.join(", ")} };`;
  });
  await writeFile(outfile, types);
}
