// Bundlers that aren't part of a framework, for pages and for Node.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fetched } from "../../fetched.js";
import { run } from "../commands.js";
import { openFolder, openPage } from "./pages.js";
import type { Outcome, Place, Project } from "./place.js";
import { INLINE, MAIN_THREAD, MAIN_THREAD_REQUIRE, NODE, PAGE, printed, REQUIRE } from "./programs.js";

const IN_WORKERS = "in workers, where the page is isolated";
const COPY = "cp -r node_modules/layerwise/dist/wasm OUTPUT/";
const IMPORT_INLINE = 'import … from "layerwise/inline"';

/** A script of webpack's or Rspack's API; what it warns of fails. */
function webpackScript(bundler: string, configuration: string): string {
  return `
    import bundler from "${bundler}";
    const compiler = (bundler.webpack ?? bundler.rspack ?? bundler)({
      context: process.cwd(), mode: "production", performance: { hints: false }, ${configuration}
    });
    compiler.run((error, stats) => {
      const said = error ?? stats.toString({ all: false, errors: true, warnings: true });
      if (error || stats.hasErrors() || stats.hasWarnings()) { console.error(said); process.exit(1); }
    });
  `;
}

const WEB = (entry: string) =>
  `entry: "./${entry}", output: { path: process.cwd() + "/built", filename: "app.js", publicPath: "auto" }`;
const FOR_NODE = (entry: string) =>
  `target: "node", entry: "./${entry}", output: { path: process.cwd() + "/built", filename: "app.cjs" }`;

async function openBuilt(project: Project): Promise<Outcome> {
  await project.write({ "built/index.html": PAGE["index.html"] });
  const bytes = await project.pageBytes("built");
  return { trained: await openFolder(await project.browser(), join(project.folder, "built")), bytes };
}

function webpackLike(name: string, packages: string, bundler: string): readonly Place[] {
  const build = async (project: Project, configuration: string) => {
    await project.write({ ...PAGE, "node.js": NODE, "require.cjs": REQUIRE });
    await project.write({ "build.mjs": webpackScript(bundler, configuration) });
    await project.node("build.mjs");
  };
  const inNode = async (project: Project, entry: string) => {
    await build(project, FOR_NODE(entry));
    return {
      trained: printed(await project.node("built/app.cjs")),
      bytes: await project.scriptBytes("built/app.cjs"),
    };
  };
  return [
    {
      name: `${name}, page`,
      packages,
      threads: IN_WORKERS,
      run: async (project) => {
        await build(project, WEB("app.js"));
        return openBuilt(project);
      },
    },
    {
      name: `${name}, page, by require`,
      packages,
      threads: "no: a page's main thread may not wait",
      run: async (project) => {
        await project.write({ "main.cjs": MAIN_THREAD_REQUIRE });
        await build(project, WEB("main.cjs"));
        return openBuilt(project);
      },
    },
    { name: `${name}, target node`, packages, threads: "yes", run: (project) => inNode(project, "node.js") },
    {
      name: `${name}, target node, by require`,
      packages,
      threads: "yes",
      run: (project) => inNode(project, "require.cjs"),
    },
  ];
}

async function esbuild(project: Project, entry: string, text: string, ...options: readonly string[]) {
  await project.write({ [entry]: text });
  await run(
    join(project.folder, "node_modules/.bin/esbuild"),
    [entry, "--bundle", "--minify", "--log-level=warning", ...options],
    project.folder,
  );
}

function copyFiles(project: Project, folder: string): Promise<void> {
  const files = join(project.folder, "node_modules/layerwise/dist/wasm");
  return cp(files, join(project.folder, folder, "wasm"), { recursive: true });
}

/** Runs a bundle where nothing but itself and the copied files is: as it lies on a server. */
async function runAlone(project: Project, file: string): Promise<Outcome> {
  const alone = join(project.folder, "..", "..", "alone");
  await cp(join(project.folder, "built"), alone, { recursive: true, force: true });
  const output = await run(process.execPath, [file], alone);
  return { trained: printed(output), bytes: await project.scriptBytes(`built/${file}`) };
}

const esbuilds: readonly Place[] = [
  {
    name: "esbuild, CommonJS for Node (AWS Lambda)",
    packages: "esbuild",
    setUp: COPY,
    threads: "yes",
    quick: true,
    run: async (project) => {
      await esbuild(project, "node.js", NODE, "--platform=node", "--outfile=built/app.cjs");
      await copyFiles(project, "built");
      return runAlone(project, "app.cjs");
    },
  },
  {
    name: "esbuild, CommonJS for Node, inline",
    packages: "esbuild",
    setUp: IMPORT_INLINE,
    threads: "no: the script holds one build",
    quick: true,
    run: async (project) => {
      await esbuild(project, "node.js", INLINE, "--platform=node", "--outfile=built/app.cjs");
      return runAlone(project, "app.cjs");
    },
  },
  {
    name: "esbuild, ES module for Node",
    packages: "esbuild",
    setUp: COPY,
    threads: "yes",
    quick: true,
    run: async (project) => {
      await esbuild(project, "node.js", NODE, "--platform=node", "--format=esm", "--outfile=built/app.mjs");
      await copyFiles(project, "built");
      return runAlone(project, "app.mjs");
    },
  },
  {
    name: "esbuild, ES module for Node, by require",
    packages: "esbuild",
    setUp: COPY,
    threads: "yes",
    run: async (project) => {
      await esbuild(
        project,
        "app.cjs",
        REQUIRE,
        "--platform=node",
        "--format=esm",
        "--outfile=built/app.mjs",
      );
      await copyFiles(project, "built");
      return runAlone(project, "app.mjs");
    },
  },
  {
    name: "esbuild, ES module for pages",
    packages: "esbuild",
    setUp: COPY,
    threads: IN_WORKERS,
    run: async (project) => {
      for (const [name, text] of Object.entries(PAGE)) {
        if (name.endsWith(".js"))
          await esbuild(project, name, text, "--format=esm", `--outfile=built/${name}`);
      }
      await copyFiles(project, "built");
      return openBuilt(project);
    },
  },
  {
    name: "esbuild, classic script for pages, by require",
    packages: "esbuild",
    setUp: COPY,
    threads: "no: a page's main thread may not wait",
    run: async (project) => {
      await esbuild(project, "main.cjs", MAIN_THREAD_REQUIRE, "--outfile=built/app.js");
      await copyFiles(project, "built");
      return openBuilt(project);
    },
  },
  {
    name: "Page from file: (Electron's renderer), with leave to read files",
    packages: "esbuild",
    setUp: COPY,
    threads: "no: a page's main thread may not wait",
    run: async (project) => {
      await esbuild(project, "main.js", MAIN_THREAD, "--outfile=built/app.js");
      await copyFiles(project, "built");
      return openFile(project, "--allow-file-access-from-files");
    },
  },
  {
    name: "Page from file:, inline",
    packages: "esbuild",
    setUp: IMPORT_INLINE,
    threads: "no: a page's main thread may not wait",
    quick: true,
    run: async (project) => {
      const entry = MAIN_THREAD.replace('"layerwise"', '"layerwise/inline"');
      await esbuild(project, "main.js", entry, "--outfile=built/app.js");
      return { ...(await openFile(project)), bytes: await project.pageBytes("built") };
    },
  },
];

async function openFile(project: Project, ...flags: readonly string[]): Promise<Outcome> {
  await project.write({
    "built/index.html": '<!doctype html><title>app</title><script src="./app.js"></script>',
  });
  return {
    trained: await openPage(
      await project.browser(...flags),
      `file://${join(project.folder, "built/index.html")}`,
    ),
  };
}

const rsbuild: Place = {
  name: "Rsbuild 2, page",
  packages: "rsbuild",
  threads: IN_WORKERS,
  run: async (project) => {
    await project.write({
      ...PAGE,
      "rsbuild.config.mjs": 'export default { source: { entry: { index: "./app.js" } } };',
    });
    await project.tool("@rsbuild/core/bin/rsbuild.js", "build");
    const bytes = await project.pageBytes("dist");
    return { trained: await openFolder(await project.browser(), join(project.folder, "dist")), bytes };
  },
};

const parcel: Place = {
  name: "Parcel 2, page",
  packages: "parcel",
  threads: IN_WORKERS,
  run: async (project) => {
    await project.write(PAGE);
    const args = ["build", "index.html", "--dist-dir", "built", "--no-cache", "--log-level", "warn"];
    await project.tool("parcel/lib/bin.js", ...args, "--public-url", "/");
    // Parcel's own import map is an inline script: no strict policy here.
    const bytes = await project.pageBytes("built");
    return { trained: await openFolder(await project.browser(), join(project.folder, "built"), ""), bytes };
  },
};

const rollup: Place = {
  name: "Rollup, ES module for Node",
  packages: "rollup",
  setUp: COPY,
  threads: "yes",
  run: async (project) => {
    await project.write({ "node.js": NODE });
    const plugin = ["--plugin", "@rollup/plugin-node-resolve"];
    await project.tool("rollup/dist/bin/rollup", "node.js", ...plugin, "-o", "built/app.mjs", "--silent");
    await copyFiles(project, "built");
    return runAlone(project, "app.mjs");
  },
};

const bun: Place = {
  name: "bun build",
  packages: "none",
  setUp: COPY,
  threads: "yes",
  run: async (project) => {
    const program = fetched("bun build", "runtime.mjs", "bun");
    if (program === undefined) throw new Error("no bun here");
    await project.write({ "node.js": NODE });
    const args = ["build", "node.js", "--target=node", "--minify", "--outfile=built/app.mjs"];
    await run(program, args, project.folder);
    await copyFiles(project, "built");
    return runAlone(project, "app.mjs");
  },
};

/** webpack 4 reads no newer JavaScript. */
const ES2019 =
  'module: { rules: [{ test: /layerwise/, loader: "esbuild-loader", options: { target: "es2019" } }] }';

const webpack4: Place = {
  name: "webpack 4, page",
  packages: "webpack4",
  setUp: `${IMPORT_INLINE}, and ${ES2019}`,
  threads: "no: a page's main thread may not wait",
  run: async (project) => {
    await project.write({
      "main.js": MAIN_THREAD.replace('"layerwise"', '"layerwise/inline"'),
      "build.mjs": webpackScript(
        "webpack",
        `${WEB("main.js")}, ${ES2019}`.replace(', publicPath: "auto"', ""),
      ),
    });
    await project.node("build.mjs");
    return openBuilt(project);
  },
};

export const bundlers: readonly Place[] = [
  ...webpackLike("webpack 5", "webpack5", "webpack"),
  ...webpackLike("Rspack 2", "rspack", "@rspack/core"),
  rsbuild,
  parcel,
  ...esbuilds,
  rollup,
  bun,
  webpack4,
];
