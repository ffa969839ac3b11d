// packages/*/ts → packages/*/dist, what their npm packages hold: index.js, an ES module, and its types. The core and other
// packages that they depend on are imported by their names.
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "./command.mjs";
import { buildDistOfCli } from "./dist-of-cli.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";

/**
 * Those that are built as libraries, and their entries: index.ts is what users import, another is a process of its own. The command
 * line is a program, built by dist-of-cli.mjs.
 */
const PACKAGES = { data: ["index"], cluster: ["index", "trial-process"] };

const LICENCES = ["LICENSE-MIT", "LICENSE-APACHE"];

export async function buildDistOfPackages() {
  for (const [name, entries] of Object.entries(PACKAGES)) await buildPackage(name, entries);
  await buildDistOfCli();
}

async function buildPackage(name, entries) {
  const folder = `packages/${name}`;
  const parts = {
    inputs: [
      `${folder}/ts`,
      `${folder}/package.json`,
      "ts",
      "tsconfig.json",
      "package-lock.json",
      ...LICENCES,
    ],
    outputs: [`${folder}/dist`],
  };
  await stampedStep(`dist of ${name}`, parts, async () => {
    const dist = join(root, folder, "dist");
    rmSync(dist, { recursive: true, force: true });
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8"),
    );
    const external = Object.keys({ ...dependencies, ...peerDependencies });
    await bundle(name, entries, external);
    await writeFile(join(dist, "index.d.ts"), await bundleTypes(folder, external));
    if (name === "cluster") await writeFile(join(dist, "study.schema.json"), await studySchema());
    for (const licence of LICENCES) copyFileSync(join(root, licence), join(root, folder, licence));
  });
}

async function bundle(name, entries, external) {
  const folder = `packages/${name}`;
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => join(root, folder, `ts/${entry}.ts`)),
    outdir: join(root, folder, "dist"),
    bundle: true,
    splitting: entries.length > 1,
    format: "esm",
    platform: name === "cluster" ? "node" : "neutral",
    target: "es2022",
    external: external.flatMap((name) => [name, `${name}/*`]),
    logLevel: "silent",
  });
}

async function bundleTypes(folder, external) {
  const [{ rollup }, { dts }, { forEveryCompiler }] = await Promise.all([
    import("rollup"),
    import("rollup-plugin-dts"),
    import("./types.mjs"),
  ]);
  const bundle = await rollup({
    input: join(root, folder, "ts/index.ts"),
    external: (name) => external.some((one) => name === one || name.startsWith(`${one}/`)),
    plugins: [
      dts({
        tsconfig: join(root, "tsconfig.json"),
        compilerOptions: { allowJs: false, stripInternal: true },
      }),
    ],
    onwarn: ({ message }) => {
      throw new Failure(`${folder}/dist/index.d.ts: ${message}`);
    },
  });
  const [{ code }] = (await bundle.generate({})).output;
  return forEveryCompiler(code);
}

/** The schema of a study, whose source imports nothing. */
async function studySchema() {
  const { transform } = await import("esbuild");
  const source = readFileSync(join(root, "packages/cluster/ts/study/schema.ts"), "utf8");
  const { code } = await transform(source, { loader: "ts" });
  const { STUDY_SCHEMA } = await import(
    `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
  );
  return `${JSON.stringify(STUDY_SCHEMA, null, 2)}\n`;
}
