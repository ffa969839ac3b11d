// packages/cli/ts → packages/cli/dist, what its npm package holds: layerwise.js, the program, with what it loads when it is
// asked for; wasm/, the core's own files; the schema of layerwise.json; and the licences of all that is inside.
// The core, @layerwise/data and the libraries are in the bundle. So the program needs no other package, and there is one
// copy of the core in it, whatever else is installed.
import { copyFileSync, cpSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { Failure, run } from "./command.mjs";
import { licenceTexts, notices } from "./licences.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";

const FOLDER = "packages/cli";
const LICENCES = ["LICENSE-MIT", "LICENSE-APACHE"];
const NOTICES = "THIRD-PARTY-NOTICES.md";

/** What the core loads, but for the worker of a network in another thread, which no command has. */
const FILES_OF_CORE = [
  "layerwise.wasm",
  "layerwise-threads.wasm",
  "layerwise-float64.wasm",
  "layerwise-float64-threads.wasm",
  "layerwise-fast.wasm",
  "layerwise-fast-threads.wasm",
  "worker.js",
];

/** Found at run time where the user has installed it. */
const EXTERNAL = ["@layerwise/native", "bullmq", "ioredis"];

const HEAD = `# Third-party notices

Layerwise itself is MIT OR Apache-2.0. Its command line holds code of the projects below, each under a licence of its own.
What its .wasm files hold of others follows behind them.
`;

export async function buildDistOfCli() {
  const parts = {
    inputs: [
      `${FOLDER}/ts`,
      `${FOLDER}/package.json`,
      "packages/data/ts",
      "packages/cluster/ts",
      "dist",
      "tsconfig.json",
      "package-lock.json",
      "scripts/dist-of-cli.mjs",
      "scripts/licences.mjs",
      NOTICES,
      ...LICENCES,
    ],
    outputs: [`${FOLDER}/dist`, `${FOLDER}/${NOTICES}`],
  };
  await stampedStep("dist of cli", parts, async () => {
    const dist = join(root, FOLDER, "dist");
    rmSync(dist, { recursive: true, force: true });
    const inputs = await bundle(dist);
    for (const file of FILES_OF_CORE) cpSync(join(root, "dist/wasm", file), join(dist, "wasm", file));
    const program = join(dist, "layerwise.js");
    await writeFile(join(dist, "layerwise.schema.json"), await run(process.execPath, [program, "schema"]));
    await writeFile(join(root, FOLDER, NOTICES), noticesOf(inputs));
    for (const licence of LICENCES) copyFileSync(join(root, licence), join(root, FOLDER, licence));
  });
}

/** Resolves to the paths of all files that are in it. */
async function bundle(dist) {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      layerwise: join(root, FOLDER, "ts/main.ts"),
      "trial-process": join(root, "packages/cluster/ts/trial-process.ts"), // what a sweep's processes run
    },
    outdir: dist,
    bundle: true,
    splitting: true, // a chunk for what is loaded by import(): the report's charts
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    keepNames: true, // for the traces of a fault
    legalComments: "none", // they stand in the notices
    alias: { layerwise: join(root, "dist/index.js") },
    external: EXTERNAL,
    // What the libraries in CommonJS load Node's modules by.
    banner: {
      js: 'import{createRequire as requireOf}from"node:module";const require=requireOf(import.meta.url);',
    },
    logLevel: "silent",
    metafile: true,
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

function noticesOf(inputs) {
  const names = new Set(
    inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const strange = inputs.find((path) => path.includes("node_modules/") && !path.startsWith("node_modules/"));
  if (strange !== undefined)
    throw new Failure(`${relative(root, strange)}: expected packages in node_modules alone`);
  const parts = [...names].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { name, version, license, texts: licenceTexts(folder) };
  });
  const ofCore = readFileSync(join(root, NOTICES), "utf8").replace(/^# .*$/m, "# In the .wasm files");
  return `${notices(HEAD, parts)}\n${ofCore}`;
}
