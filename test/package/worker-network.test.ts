// createWorkerNetwork in the installed package: Node, Deno, Bun, and pages with and without a bundler.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";
import * as layerwise from "../../ts/index.js";
import { findChromium, launchChromium } from "../browser/chromium.js";
import { serveFolders } from "../browser/static-server.js";
import { fetched } from "../fetched.js";
import { root, run, runNode } from "./commands.js";
import { javascript } from "./javascript.js";
import { makeProject } from "./project.js";
import { type Trained, train } from "./train.js";

const MODULE = `
  import * as layerwise from "layerwise";
  import { trainInWorker } from "./train.js";
  console.log(JSON.stringify(await trainInWorker(layerwise, Number(process.argv[2]))));
`;

const COMMON_JS = `
  const layerwise = require("layerwise");
  const { trainInWorker } = require("./train.cjs");
  trainInWorker(layerwise, Number(process.argv[2])).then((trained) => console.log(JSON.stringify(trained)));
`;

const PAGE = `<!doctype html><title>app</title><script type="module" src="./app.js"></script>`;

/** On the page's main thread; and a file in IndexedDB. */
const APP = `
  import * as layerwise from "layerwise";
  import { trainInWorker } from "./train.js";
  const keep = async () => {
    const store = layerwise.browserStore();
    const network = await layerwise.createWorkerNetwork({ layerDims: [2, 3, 1] });
    await network.save("kept", { store });
    const again = await layerwise.loadNetwork("kept", { store });
    return String(again.toBytes()) === String(await network.toBytes());
  };
  globalThis.results = (async () => [
    await trainInWorker(layerwise, 1).catch(String),
    await trainInWorker(layerwise, 2).catch(String),
    await keep().catch(String),
  ])();
`;

let expected: Trained;

beforeAll(async () => {
  expected = await train(layerwise, 1);
});

describe("trains to the bits of the sources", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await makeProject({
      "module.js": MODULE,
      "common.cjs": COMMON_JS,
      "train.cjs": await javascript("train.ts", "cjs"),
    });
  }, 60_000);

  it.each(["module.js", "common.cjs"])("in Node, %s", async (file) => {
    for (const threads of [1, 2]) {
      const trained = JSON.parse(await runNode([file, String(threads)], folder));
      expect(trained).toEqual({ ...expected, threads });
    }
  });

  for (const [name, flags] of Object.entries({ deno: ["--allow-read", "--no-remote"], bun: [] })) {
    const program = fetched(`Tests in ${name}`, "runtime.mjs", name);
    it.skipIf(program === undefined).each([1, 2])(`in ${name}: %i threads`, async (threads) => {
      const args = ["run", ...flags, "module.js", String(threads)];
      const trained = JSON.parse(await run(program ?? "", args, folder));
      expect(trained).toEqual({ ...expected, threads });
    });
  }
});

const executable = findChromium();

describe.skipIf(executable === undefined)(
  "trains a page's network off its main thread, with two threads too",
  { timeout: 180_000 }, // webpack takes 18 s on a slow machine that does nothing else
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchChromium(executable ?? "");
    }, 60_000);

    afterAll(() => browser?.close());

    async function expectTrained(path: string, folders: Readonly<Record<string, string>>): Promise<void> {
      const server = await serveFolders(folders);
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => complaints.push(message.text()));
      try {
        await page.goto(server.origin + path);
        const results = await page.evaluate(() => (globalThis as { results?: Promise<unknown[]> }).results);
        expect(complaints).toEqual([]);
        expect(results).toEqual([expected, { ...expected, threads: 2 }, true]);
      } finally {
        await page.close();
        server.stop();
      }
    }

    it("with no bundler", async () => {
      const address = JSON.stringify("/lib/layerwise/dist/index.js");
      const folder = await makeProject({ "index.html": PAGE, "app.js": APP.replace('"layerwise"', address) });
      const installed = join(folder, "node_modules/layerwise");
      await expectTrained("/page/index.html", { "/lib/layerwise/": installed, "/page/": folder });
    });

    it("built by Vite", async () => {
      const folder = await makeProject({ "index.html": PAGE, "app.js": APP });
      await runNode([join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"], folder);
      await expectTrained("/index.html", { "/": join(folder, "dist") });
    });

    it("built by webpack", async () => {
      const folder = await makeProject({ "index.html": PAGE, "app.js": APP });
      const built = join(folder, "built");
      await runWebpack(folder, built);
      await copyFile(join(folder, "index.html"), join(built, "index.html"));
      await expectTrained("/deep/index.html", { "/deep/": built });
    });
  },
);

function runWebpack(folder: string, built: string): Promise<void> {
  const compiler = webpack({
    context: folder,
    mode: "production",
    entry: "./app.js",
    output: { path: built, filename: "app.js" },
    performance: { hints: false },
  });
  return new Promise((resolve, reject) => {
    compiler?.run((error, stats) => {
      compiler.close(() => (error || stats?.hasErrors() ? reject(error ?? stats?.toString()) : resolve()));
    });
  });
}
