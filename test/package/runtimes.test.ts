// The package in Node, Deno and Bun, on one thread and on two: the bits that the sources give here.
import { beforeAll, describe, expect, it } from "vitest";
import * as layerwise from "../../ts/index.js";
import { fetched } from "../fetched.js";
import { run, runNode } from "./commands.js";
import { javascript } from "./javascript.js";
import { makeProject } from "./project.js";
import { train } from "./train.js";

const MODULE = `
  import * as layerwise from "layerwise";
  import { passesGradientCheck, train } from "./train.js";
  const trained = await train(layerwise, Number(process.argv[2]));
  console.log(JSON.stringify({ ...trained, checked: await passesGradientCheck(layerwise) }));
`;

const COMMON_JS = `
  const layerwise = require("layerwise");
  const { passesGradientCheck, train } = require("./train.cjs");
  train(layerwise, Number(process.argv[2])).then(async (trained) => {
    console.log(JSON.stringify({ ...trained, checked: await passesGradientCheck(layerwise) }));
  });
`;

const IN_WORKER = `
  import { Worker } from "node:worker_threads";
  new Worker(new URL("./module.js", import.meta.url), { argv: process.argv.slice(2) });
`;

let folder = "";

beforeAll(async () => {
  folder = await makeProject({
    "module.js": MODULE,
    "common.cjs": COMMON_JS,
    "train.cjs": await javascript("train.ts", "cjs"),
    "in-worker.js": IN_WORKER,
  });
}, 60_000);

const THREADS = [1, 2];

describe("the installed package trains to the bits of the sources", () => {
  for (const file of ["module.js", "common.cjs", "in-worker.js"]) {
    it.each(THREADS)(`Node, ${file}: %i threads`, async (threads) => {
      const trained = JSON.parse(await runNode([file, String(threads)], folder));
      expect(trained).toEqual({ ...(await train(layerwise, 1)), threads, checked: true });
    });
  }

  for (const [name, flags] of Object.entries({ deno: ["--allow-read", "--no-remote"], bun: [] })) {
    const program = fetched(`Tests in ${name}`, "runtime.mjs", name);
    it.skipIf(program === undefined).each(THREADS)(`${name}: %i threads`, async (threads) => {
      const args = ["run", ...flags, "module.js", String(threads)];
      const trained = JSON.parse(await run(program ?? "", args, folder));
      expect(trained).toEqual({ ...(await train(layerwise, 1)), threads, checked: true });
    });
  }
});

it("computes in WebAssembly where @layerwise/native isn't installed, and says so where it was asked for", async () => {
  const program = `
    import { createNetwork } from "layerwise";
    delete process.env.LAYERWISE_ENGINE;
    const { runtime } = await createNetwork({ layerDims: [2, 1], threads: 1 });
    console.log(runtime.backend, runtime.backendReason);
    await createNetwork({ layerDims: [2, 1], engine: "native" }).catch(({ name, message }) => console.log(name, message));
  `;
  const said = await runNode(["--input-type=module", "-e", program], folder);
  expect(said.trim().split("\n")).toEqual([
    "wasm @layerwise/native is not installed: npm install @layerwise/native",
    expect.stringMatching(
      /^ConfigError engine: .*"native": @layerwise\/native is not installed: npm install/,
    ),
  ]);
});

it("import and require give the same names", async () => {
  const names = (load: string) => `console.log(Object.keys(${load}).sort().join())`;
  const imported = await runNode(["--input-type=module", "-e", names('await import("layerwise")')], folder);
  const required = await runNode(["--input-type=commonjs", "-e", names('require("layerwise")')], folder);
  expect(required).toBe(imported);
  expect(imported).toContain("createNetwork");
});
