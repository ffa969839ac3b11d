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
  "wasm/layerwise-fast.wasm": "g.bin",
  "wasm/layerwise-fast-threads.wasm": "h.bin",
};

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-configured-"));
  for (const [from, to] of Object.entries(MOVED)) await copyFile(join(DIST, from), join(folder, to));
});

afterAll(() => rm(folder, { recursive: true }));

/** Node 20 has what fast math needs behind a flag. */
const RELAXED_SIMD =
  'if (process.version.startsWith("v20.")) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");';

/** What each network says: its math and its threads. */
async function runtimesOf(script: string, configuration: string): Promise<string[]> {
  const program = `
    import { readFile } from "node:fs/promises";
    import v8 from "node:v8";
    ${RELAXED_SIMD}
    const { configure, createWorkerNetwork } = await import("./${script}");
    configure(${configuration});
    process.on("uncaughtException", (error) => console.log(String(error)));
    for (const [dtype, math] of [["float32", "exact"], ["float64", "exact"], ["float32", "fast"]]) {
      for (const threads of [1, 2]) {
        const network = await createWorkerNetwork({ layerDims: [65, 257, 3], dtype, threads, math });
        await network.predict([new Array(65).fill(1)]);
        console.log(network.runtime.math, network.runtime.threads);
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
      fastWasm: "./g.bin",
      fastThreadsWasm: new URL("h.bin", import.meta.url),
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
      fastWasm: WebAssembly.compile(await readFile("g.bin")),
      fastThreadsWasm: await readFile("h.bin"),
      worker: "./c.mjs",
      networkWorker: new URL("d.mjs", import.meta.url),
    }`,
  ],
])("as %s", async (_, configuration) => {
  const all = ["exact 1", "exact 2", "exact 1", "exact 2", "fast 1", "fast 2"];
  expect(await runtimesOf("script.mjs", configuration)).toEqual(all);
  expect(await runtimesOf("inline.mjs", configuration)).toEqual(all);
});

it("a worker that isn't there is an EnvironmentError that says what to do, in layerwise/inline too", async () => {
  expect(String(await runtimesOf("script.mjs", "{}"))).toMatch(
    /^EnvironmentError: file:.*wasm\/network-worker\.js: expected a worker of this file, got .*configure/,
  );
  expect(String(await runtimesOf("inline.mjs", "{}"))).toMatch(
    /^EnvironmentError: createWorkerNetwork: .*one file: import from "layerwise", or give configure networkWorker/,
  );
});
