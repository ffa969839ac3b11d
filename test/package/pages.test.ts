// The package in a page: built by Vite, by webpack, and by nothing. In the page itself and in a worker, under a
// strict Content-Security-Policy.
import { rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";
import * as layerwise from "../../ts/index.js";
import { findChromium, launchChromium } from "../browser/chromium.js";
import { serveFolders } from "../browser/static-server.js";
import { root, runNode } from "./commands.js";
import { makeProject } from "./project.js";
import { type Trained, train } from "./train.js";

const PAGE = `<!doctype html><title>app</title><script type="module" src="./app.js"></script>`;

const APP = `
  import * as layerwise from "layerwise";
  import { passesGradientCheck, train } from "./train.js";
  const inWorker = (threads) => new Promise((resolve) => {
    const worker = new Worker(new URL("./app-worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve("the worker failed: " + message);
    worker.postMessage(threads);
  });
  globalThis.results = (async () => [
    await train(layerwise, 2).catch(String),
    await inWorker(1),
    await inWorker(2),
    await inWorker(0),
    await passesGradientCheck(layerwise).catch(String),
  ])();
`;

const APP_WORKER = `
  import * as layerwise from "layerwise";
  import { passesGradientCheck, train } from "./train.js";
  const work = (threads) => (threads === 0 ? passesGradientCheck(layerwise) : train(layerwise, threads));
  onmessage = async ({ data }) => postMessage(await work(data).catch(String));
`;

const FILES = { "index.html": PAGE, "app.js": APP, "app-worker.js": APP_WORKER };

/** What the page itself is told, which asks for two threads and may have but one. */
const ONE_THREAD =
  "layerwise: one thread in place of 2: a page's main thread may not wait for others: train in a page's worker, " +
  "as createWorkerNetwork does";

const executable = findChromium();

describe.skipIf(executable === undefined)("a page trains to the bits of the sources", () => {
  let browser: Browser;
  /**
   * On the page's main thread, where there is but one; in a worker with one thread; and with two. Then a gradient check in
   * a worker and on the main thread.
   */
  let expected: (Trained | boolean)[] = [];

  beforeAll(async () => {
    browser = await launchChromium(executable ?? "");
    const trained = await train(layerwise, 1);
    expected = [trained, trained, { ...trained, threads: 2 }, true, true];
  }, 60_000);

  afterAll(() => browser?.close());

  /** What the page finds, and what its console complained of. */
  async function open(
    path: string,
    folders: Readonly<Record<string, string>>,
    policy?: string,
  ): Promise<Outcome> {
    const server = await serveFolders(folders, policy);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => complaints.push(message.text()));
    try {
      await page.goto(server.origin + path);
      const results = await page.evaluate(() => (globalThis as { results?: Promise<unknown[]> }).results);
      return { results, complaints, origin: server.origin };
    } finally {
      await page.close();
      server.stop();
    }
  }

  it("built by Vite", async () => {
    const folder = await makeProject(FILES);
    await runNode([join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"], folder);
    const folders = { "/": join(folder, "dist") };
    const { results, complaints } = await open("/index.html", folders);
    expect(complaints).toEqual([ONE_THREAD]);
    expect(results).toEqual(expected);

    // Under a policy that allows no WebAssembly, the error names what allows it and no more than it.
    const forbidden = await open("/index.html", folders, "script-src 'self'");
    expect(forbidden.results?.[0]).toMatch(
      /^EnvironmentError: http.*\.wasm: .*needs script-src 'wasm-unsafe-eval'$/,
    );
  });

  it("built by webpack", async () => {
    const folder = await makeProject(FILES);
    const built = join(folder, "built");
    expect(await runWebpack(folder, built)).toEqual([]);
    await copyFile(join(folder, "index.html"), join(built, "index.html"));
    const { results, complaints } = await open("/deep/index.html", { "/deep/": built });
    expect(complaints).toEqual([ONE_THREAD]);
    expect(results).toEqual(expected);
  });

  it("with no bundler, wherever the page is; and a .wasm file that isn't there is named", async () => {
    const address = "/lib/layerwise/dist/index.js";
    const unbundled = (text: string) => text.replace('"layerwise"', JSON.stringify(address));
    const folder = await makeProject({
      ...FILES,
      "app.js": unbundled(APP),
      "app-worker.js": unbundled(APP_WORKER),
    });
    const installed = join(folder, "node_modules/layerwise");
    const folders = { "/lib/layerwise/": installed, "/some/deep/path/": folder };
    const { results, complaints } = await open("/some/deep/path/index.html", folders);
    expect(complaints).toEqual([ONE_THREAD]);
    expect(results).toEqual(expected);

    rmSync(join(installed, "dist/wasm/layerwise.wasm"));
    const broken = await open("/some/deep/path/index.html", folders);
    const url = `${broken.origin}/lib/layerwise/dist/wasm/layerwise.wasm`;
    expect(broken.results?.[0]).toMatch(
      `EnvironmentError: ${url}: expected the WebAssembly file (status 200)`,
    );
    expect(broken.results?.[0]).toMatch("got status 404");
  });
});

interface Outcome {
  readonly results: readonly unknown[] | undefined;
  readonly complaints: readonly string[];
  readonly origin: string;
}

/** Builds app.js and what it needs; resolves to all errors and warnings. */
function runWebpack(folder: string, built: string): Promise<string[]> {
  const compiler = webpack({
    context: folder,
    mode: "production",
    entry: "./app.js",
    output: { path: built, filename: "app.js" },
    performance: { hints: false },
  });
  return new Promise((resolve, reject) => {
    compiler?.run((error, stats) => {
      if (error) return reject(error);
      const { errors = [], warnings = [] } = stats?.toJson() ?? {};
      compiler.close(() => resolve([...errors, ...warnings].map(({ message }) => message)));
    });
  });
}
