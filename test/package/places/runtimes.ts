// Runtimes, without a bundler or with one that their users have.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fetched } from "../../fetched.js";
import { run, startServer } from "../commands.js";
import type { Place, Project } from "./place.js";
import { INLINE, NODE, printed, REQUIRE } from "./programs.js";

const OTHERS = { deno: ["--allow-read", "--no-remote"], bun: [] };

async function inNode(project: Project, file: string, text: string) {
  await project.write({ [file]: text });
  return { trained: printed(await project.node(file)) };
}

const node: readonly Place[] = [
  { name: "Node", packages: "none", threads: "yes", run: (project) => inNode(project, "app.js", NODE) },
  {
    name: "Node, by require",
    packages: "none",
    threads: "yes",
    run: (project) => inNode(project, "app.cjs", REQUIRE),
  },
  {
    name: "Node, inline",
    packages: "none",
    setUp: 'import … from "layerwise/inline"',
    threads: "no: the script holds one build",
    quick: true,
    run: (project) => inNode(project, "app.js", INLINE),
  },
];

const denoAndBun = Object.entries(OTHERS).map(
  ([name, flags]): Place => ({
    name: name === "deno" ? "Deno" : "Bun",
    packages: "none",
    threads: "yes",
    run: async (project) => {
      const program = fetched(`Tests in ${name}`, "runtime.mjs", name);
      if (program === undefined) throw new Error(`no ${name} here`);
      await project.write({ "app.js": NODE });
      return { trained: printed(await run(program, ["run", ...flags, "app.js"], project.folder)) };
    },
  }),
);

const sea: Place = {
  name: "Node, single executable",
  packages: "sea",
  setUp: 'import … from "layerwise/inline", bundled to CommonJS',
  threads: "no: the script holds one build",
  run: async (project) => {
    await project.write({
      "app.js": INLINE,
      "sea.json": JSON.stringify({
        main: "app.cjs",
        output: "app.blob",
        disableExperimentalSEAWarning: true,
      }),
    });
    const esbuild = join(project.folder, "node_modules/.bin/esbuild");
    await run(esbuild, ["app.js", "--bundle", "--platform=node", "--outfile=app.cjs"], project.folder);
    await project.node("--experimental-sea-config", "sea.json");
    const program = join(project.folder, process.platform === "win32" ? "app.exe" : "app");
    await copyFile(process.execPath, program);
    const fuse = ["--sentinel-fuse", "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"];
    await project.tool("postject/dist/cli.js", program, "NODE_SEA_BLOB", "app.blob", ...fuse);
    return { trained: printed(await run(program, [], project.folder)) };
  },
};

const WORKERD_CONFIG = `
  using Workerd = import "/workerd/workerd.capnp";
  const config :Workerd.Config = (
    services = [(name = "main", worker = .app)],
    sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  );
  const app :Workerd.Worker = (
    modules = [
      (name = "app.js", esModule = embed "built/app.js"),
      (name = "layerwise.wasm", wasm = embed "built/layerwise.wasm"),
      (name = "layerwise-float64.wasm", wasm = embed "built/layerwise-float64.wasm"),
      (name = "layerwise-fast.wasm", wasm = embed "built/layerwise-fast.wasm"),
    ],
    compatibilityDate = "2025-09-01",
  );
`;

const WORKERD_APP = `
  import * as layerwise from "layerwise";
  import wasm from "./layerwise.wasm";
  import float64Wasm from "./layerwise-float64.wasm";
  import fastWasm from "./layerwise-fast.wasm";
  import { trainEach } from "./train.js";
  layerwise.configure({ wasm, float64Wasm, fastWasm });
  export default {
    async fetch() {
      return Response.json(await trainEach(layerwise, 2));
    },
  };
`;

const workerd: Place = {
  name: "workerd (Cloudflare Workers)",
  packages: "workerd",
  setUp: 'import wasm from "layerwise/wasm/layerwise.wasm"; configure({ wasm })',
  threads: "no: there are no workers",
  run: async (project) => {
    await project.write({ "app.js": WORKERD_APP, "config.capnp": WORKERD_CONFIG });
    const esbuild = join(project.folder, "node_modules/.bin/esbuild");
    const options = ["--bundle", "--minify", "--format=esm", "--external:./*.wasm", "--conditions=workerd"];
    await run(esbuild, ["app.js", ...options, "--outfile=built/app.js"], project.folder);
    const files = join(project.folder, "node_modules/layerwise/dist/wasm");
    for (const name of ["layerwise.wasm", "layerwise-float64.wasm", "layerwise-fast.wasm"])
      await copyFile(join(files, name), join(project.folder, "built", name));
    const program = "node_modules/workerd/bin/workerd";
    const args = [program, "serve", "config.capnp", "--control-fd=1"];
    const server = await startServer(process.execPath, args, project.folder);
    try {
      const response = await fetch(server.origin);
      return { trained: await response.json(), bytes: await project.scriptBytes("built/app.js") };
    } finally {
      await server.stop();
    }
  },
};

export const runtimes: readonly Place[] = [...node, ...denoAndBun, sea, workerd];
