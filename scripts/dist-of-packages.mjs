// packages/*/ts → packages/*/dist, what their npm packages hold: index.js, an ES module, and its types. The core and other
// packages that they depend on are imported by their names.
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";

/** Those that are built. */
const PACKAGES = ["data"];

const LICENCES = ["LICENSE-MIT", "LICENSE-APACHE"];

export async function buildDistOfPackages() {
  for (const name of PACKAGES) await buildPackage(name);
}

async function buildPackage(name) {
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
    await bundle(folder, external);
    await writeFile(join(dist, "index.d.ts"), await bundleTypes(folder, external));
    for (const licence of LICENCES) copyFileSync(join(root, licence), join(root, folder, licence));
  });
}

async function bundle(folder, external) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, folder, "ts/index.ts")],
    outfile: join(root, folder, "dist/index.js"),
    bundle: true,
    format: "esm",
    platform: "neutral",
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
