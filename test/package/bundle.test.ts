// The package in a minified bundle: how large it is, and what its errors say.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { root, runNode } from "./commands.js";
import { makeProject } from "./project.js";

/** What a page needs that trains a network and uses it. */
const PAGE = `
  import { adam, createNetwork } from "layerwise";
  const network = await createNetwork({ layerDims: [2, 16, 1] });
  await network.fit([[0, 1]], [1], { epochs: 10, optimizer: adam() });
  document.title = String(network.predict([[0, 1]]).data[0]);
`;

/** Bytes of script beside the .wasm, minified and compressed, that such a page may take. */
const MOST_BYTES = 25_000;

/** And the whole of layerwise/inline, as docs/environments.md says. */
const MOST_INLINE_BYTES = 215_000;

/** A text of each part that a page has only if it imports it. */
const PARTS = {
  gradientCheck: "relativeError",
  trainMlp: "current iteration",
  loadNetwork: "a text in UTF-8 with JSON's escapes",
  resumeTraining: "as many as the cursor makes",
  browserStore: "indexedDB",
};

const ERRORS = `
  import { ConfigError, createNetwork } from "layerwise";
  const said = async (work) => {
    try {
      await work();
    } catch (error) {
      const isConfig = error instanceof ConfigError;
      return [error.name, String(error), error.stack.split(":")[0], isConfig];
    }
  };
  Promise.all([
    said(() => createNetwork({ layerDims: [2, 1.5] })),
    said(() => createNetwork({ layerDims: [2, 1], threads: 1 })),
  ]).then(([config, environment]) => console.log(JSON.stringify({ config, environment })));
`;

describe("a minified bundle", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await makeProject({ "page.js": PAGE, "errors.js": ERRORS });
  }, 60_000);

  async function bundle(entry: string, options: BuildOptions): Promise<string> {
    const outfile = join(folder, "built", options.format === "cjs" ? "app.cjs" : "app.mjs");
    const file = { absWorkingDir: folder, entryPoints: [entry], outfile, tsconfigRaw: "{}" };
    await build({ ...file, bundle: true, minify: true, logLevel: "silent", ...options });
    return outfile;
  }

  it("of a page has none of the parts that the page doesn't import", async () => {
    const script = await readFile(await bundle("page.js", { format: "esm" }));
    const whole = await readFile(join(folder, "node_modules/layerwise/dist/index.js"), "utf8");
    for (const [name, text] of Object.entries(PARTS)) {
      expect(whole.includes(text), `${name} is known by ${text}`).toBe(true);
      expect(script.includes(text), `${name} is in the page`).toBe(false);
    }
  });

  // It isn't: 77,700, since a network's methods bring in files, ONNX, layers, metrics, readers of data and the tables of all names.
  it.fails(`of a page that creates, fits and predicts is at most ${MOST_BYTES} bytes of compressed script`, async () => {
    const script = await readFile(await bundle("page.js", { format: "esm" }));
    const bytes = gzipSync(script, { level: 9 }).length;
    console.log(`A page that creates, fits and predicts: ${bytes} bytes of script`);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  });

  it("has the sizes that docs/environments.md says, and so have the package's files, to 5 %", async () => {
    const text = await readFile(join(root, "docs/environments.md"), "utf8");
    const rows = text.match(/^\| .* \| .* \| [\d.]+ KB \| [\d.]+ KB \|$/gm) ?? [];
    expect(rows.length).toBe(10);
    for (const row of rows) {
      const [, name = "", , size, compressed] = row.split("|").map((cell) => cell.trim());
      const file = /^`(.*)`$/.exec(name)?.[1];
      const path = join(folder, "node_modules/layerwise/dist", file ?? "");
      const bytes = await readFile(file === undefined ? await bundle("page.js", { format: "esm" }) : path);
      const found = [bytes.length, gzipSync(bytes, { level: 9 }).length];
      for (const [i, said] of [size, compressed].entries()) {
        const off = (1000 * Number.parseFloat(said ?? "")) / (found[i] ?? 0) - 1;
        expect(Math.abs(off), `${name}: expected ${found} bytes, got ${said}`).toBeLessThan(0.05);
      }
    }
  });

  it(`of layerwise/inline is at most ${MOST_INLINE_BYTES} bytes of compressed script`, async () => {
    const script = await readFile(join(folder, "node_modules/layerwise/dist/inline.js"));
    expect(gzipSync(script, { level: 9 }).length).toBeLessThanOrEqual(MOST_INLINE_BYTES);
  });

  it.each(["esm", "cjs"] as const)(
    "names its errors, and says what to do without its files: %s",
    async (format) => {
      const file = await bundle("errors.js", { format, platform: "node" });
      const { config, environment } = JSON.parse(await runNode([file], folder));
      const message = expect.stringMatching(/^ConfigError: layerDims\[1\]: expected .*, got 1\.5$/);
      expect(config).toEqual(["ConfigError", message, "ConfigError", true]);
      const [name, said] = environment;
      expect(name).toBe("EnvironmentError");
      expect(said).toMatch(
        /built\/wasm\/layerwise\.wasm: expected the WebAssembly file there, got Error: ENOENT/,
      );
      expect(said).toContain("Copy the folder node_modules/layerwise/dist/wasm beside the script");
      await rm(file);
    },
  );
});
