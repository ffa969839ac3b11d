// What configure says here holds in a network's worker too.
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runNode } from "../package/commands.js";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

/** Where each file went, under a name by which nothing finds it. */
const MOVED = {
  "index.js": "script.mjs",
  "inline.js": "inline.mjs",
  "wasm/layerwise.wasm": "a.bin",
  "wasm/layerwise-threads.wasm": "b.bin",
  "wasm/worker.js": "c.mjs",
  "wasm/network-worker.js": "d.mjs",
  "wasm/layerwise-float64.wasm": "e.bin",
  "wasm/layerwise-float64-threads.wasm": "f.bin",
};

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-configured-"));
  for (const [from, to] of Object.entries(MOVED)) await copyFile(join(DIST, from), join(folder, to));
});

afterAll(() => rm(folder, { recursive: true }));

async function threadsOf(script: string, configuration: string): Promise<string[]> {
  const program = `
    import { readFile } from "node:fs/promises";
    const { configure, createWorkerNetwork } = await import("./${script}");
    configure(${configuration});
    process.on("uncaughtException", (error) => console.log(String(error)));
    for (const dtype of ["float32", "float64"]) {
      for (const threads of [1, 2]) {
        const network = await createWorkerNetwork({ layerDims: [65, 257, 3], dtype, threads });
        await network.predict([new Array(65).fill(1)]);
        console.log(network.runtime.threads);
        await network.dispose();
      }
    }
  `;
  await writeFile(join(folder, "program.mjs"), program);
  return (await runNode(["program.mjs"], folder)).trim().split("\n");
}

it.each([
  [
    "places",
    `{
      wasm: "a.bin",
      threadsWasm: new URL("b.bin", import.meta.url),
      float64Wasm: "./e.bin",
      float64ThreadsWasm: new URL("f.bin", import.meta.url),
      worker: "c.mjs",
      networkWorker: "d.mjs",
    }`,
  ],
  [
    "bytes, a module and a response",
    `{
      wasm: new Response(await readFile("a.bin"), { headers: { "content-type": "application/wasm" } }),
      threadsWasm: WebAssembly.compile(await readFile("b.bin")),
      float64Wasm: await readFile("e.bin"),
      float64ThreadsWasm: new WebAssembly.Module(await readFile("f.bin")),
      worker: "./c.mjs",
      networkWorker: new URL("d.mjs", import.meta.url),
    }`,
  ],
])("as %s", async (_, configuration) => {
  expect(await threadsOf("script.mjs", configuration)).toEqual(["1", "2", "1", "2"]);
  expect(await threadsOf("inline.mjs", configuration)).toEqual(["1", "2", "1", "2"]);
});

it("a worker that isn't there is an EnvironmentError that says what to do, in layerwise/inline too", async () => {
  expect(String(await threadsOf("script.mjs", "{}"))).toMatch(
    /^EnvironmentError: file:.*wasm\/network-worker\.js: expected a worker of this file, got .*configure/,
  );
  expect(String(await threadsOf("inline.mjs", "{}"))).toMatch(
    /^EnvironmentError: createWorkerNetwork: .*one file: import from "layerwise", or give configure networkWorker/,
  );
});
