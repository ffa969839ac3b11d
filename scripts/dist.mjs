// ts/ → dist/, what the npm package holds: ES modules file by file, the wasm folders beside them as in
// ts/, and dist/cjs, one CommonJS file that loads the same .wasm files.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { run } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";

const dist = join(root, "dist");
const cjs = join(dist, "cjs");

export async function buildDist() {
  const parts = {
    inputs: ["ts", "tsconfig.json", "tsconfig.build.json", "package-lock.json", "scripts/dist.mjs"],
    outputs: ["dist"],
  };
  await stampedStep("dist", parts, async () => {
    rmSync(dist, { recursive: true, force: true });
    await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
      cwd: root,
    });
    copy(join(root, "ts"), dist, (path) => /\.js$|^wasm\/pkg(-threads)?\//.test(path));
    await bundleCommonJs();
  });
}

async function bundleCommonJs() {
  copy(dist, cjs, (path) => path.endsWith(".d.ts")); // `require` has types of its own, marked CommonJS
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: ["dist/index.js"],
    outfile: "dist/cjs/index.js",
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    logLevel: "silent",
    plugins: [importMetaUrl],
  });
  writeFileSync(join(cjs, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
}

/** CommonJS has no import.meta.url: each file's own URL, from where the bundle is. */
const importMetaUrl = {
  name: "import.meta.url",
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const place = JSON.stringify(relative(cjs, path).replaceAll("\\", "/"));
      const url = `new URL(${place}, require("node:url").pathToFileURL(__filename)).href`;
      return { contents: (await readFile(path, "utf8")).replaceAll("import.meta.url", url) };
    });
  },
};

/** Copies the files below `from` whose path there is wanted. */
function copy(from, to, isWanted) {
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    const path = relative(from, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/");
    if (!entry.isFile() || !isWanted(path)) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(from, path), join(to, path));
  }
}
