// Runtimes with @layerwise/native beside the package, as npm installs it: Node's versions, Deno, Bun and Electron.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { packNative } from "../../../scripts/native-packages.mjs";
import { fetched } from "../../fetched.js";
import { root, run } from "../commands.js";
import { NotHere, type Outcome, type Place, type Project } from "./place.js";
import { printed } from "./programs.js";

/** Milliseconds that 200 workers may take on a busy machine. */
const LONGEST = 300_000;

/** What it says before the trainings: the engine, and why it is that. */
const PROGRAM = `
  import * as layerwise from "layerwise";
  import { trainEach } from "./train.js";
  delete process.env.LAYERWISE_ENGINE;
  const { runtime } = await layerwise.createNetwork({ layerDims: [2, 1], threads: 1 });
  if (runtime.backend !== "native") throw new Error(runtime.backendReason);
  console.log(JSON.stringify([...(await trainEach(layerwise, 1)), ...(await trainEach(layerwise, 2))]));
`;

let tarballs: Promise<readonly string[]> | undefined;

async function withNative(project: Project): Promise<void> {
  tarballs ??= packNative(join(root, ".cache/places"));
  for (const tarball of await tarballs) {
    const name = /layerwise-(native.*)-\d+\.\d+\.\d+\.tgz$/.exec(tarball)?.[1] ?? "";
    const folder = join(project.folder, "node_modules/@layerwise", name);
    await mkdir(folder, { recursive: true });
    await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder], folder);
  }
  await project.write({ "native.js": PROGRAM });
}

/** The trainings; and 200 workers of its threads load the engine, train and end. */
const nodes = ["20", "22", "24", "26"].map(
  (version): Place => ({
    name: `Node ${version}, native engine`,
    packages: `node${version}`,
    threads: "yes",
    backend: "native",
    run: async (project): Promise<Outcome> => {
      await withNative(project);
      const program = join(project.folder, `node_modules/node-linux-${process.arch}/bin/node`);
      const trained = printed(await run(program, ["native.js"], project.folder));
      const said = JSON.parse(await run(program, ["test/native/many-workers.mjs"], root, LONGEST));
      if (said.length !== 1) throw new Error(`200 workers: expected one outcome, got ${said.join("; ")}`);
      return { trained };
    },
  }),
);

const others = Object.entries({
  deno: ["run", "--allow-all", "--no-remote"], // It asks for no less where /proc/cpuinfo is read.
  bun: ["run"],
}).map(
  ([name, flags]): Place => ({
    name: `${name === "deno" ? "Deno" : "Bun"}, native engine`,
    packages: "native",
    threads: "yes",
    backend: "native",
    run: async (project) => {
      const program = fetched(`Tests in ${name}`, "runtime.mjs", name);
      if (program === undefined) throw new Error(`no ${name} here`);
      await withNative(project);
      return { trained: printed(await run(program, [...flags, "native.js"], project.folder)) };
    },
  }),
);

/** Its Node, without a window: buffers outside of JavaScript's memory are as forbidden there. */
const electron: Place = {
  name: "Electron, native engine",
  packages: "electron",
  threads: "yes",
  backend: "native",
  run: async (project) => {
    await project.tool("electron/install.js").catch((error: Error) => {
      throw new NotHere(error.message); // It fetches the program.
    });
    await withNative(project);
    const program = join(project.folder, "node_modules/electron/dist/electron");
    if (!existsSync(program)) throw new Error(`${program}: expected the program there`);
    const asNode = ["ELECTRON_RUN_AS_NODE=1", program, "native.js"];
    return { trained: printed(await run("env", asNode, project.folder)) };
  },
};

/** Their rows in docs/environments.md are another table, which nobody writes by a program. */
export const natives: readonly Place[] = [...nodes, ...others, electron];
