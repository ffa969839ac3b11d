// A peer in a page of Chromium: node chromium.ts <peer> <threads>. The page is isolated, so that it may have threads.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { serve as serveFiles } from "../../scripts/web-server.mjs";
import type {} from "./page/page.js"; // what the page adds to window
import type { Hello, Request } from "./protocol.js";
import { serveBy } from "./serve.js";

const [peer = "", threads = "1"] = process.argv.slice(2);

const PAGE = fileURLToPath(new URL("page/", import.meta.url));
const ROOT = new URL("../../", import.meta.url);

/** Builds the page into .cache, of one peer in each of its folders. */
async function builtPage(): Promise<string> {
  const outDir = fileURLToPath(new URL(`.cache/bench-page/${peer}-${threads}`, ROOT));
  await build({
    root: PAGE,
    base: "./",
    logLevel: "error",
    cacheDir: fileURLToPath(new URL(".cache/vite", ROOT)),
    resolve: { alias: { layerwise: fileURLToPath(new URL("ts/index.ts", ROOT)) } },
    worker: { format: "es" },
    build: { outDir, emptyOutDir: true, target: "es2022" },
  });
  return outDir;
}

function executable(): string {
  return execFileSync(process.execPath, [fileURLToPath(new URL("scripts/browser.mjs", ROOT))], {
    encoding: "utf8",
  }).trim();
}

async function main(): Promise<void> {
  const url = await serveFiles(await builtPage(), 0);
  const browser = await chromium.launch({ executablePath: executable(), args: ["--no-sandbox"] });
  const page = await browser.newPage();
  await page.goto(`${url}?peer=${peer}&threads=${threads}`);
  const hello = await page.evaluate(() => window.hello());
  const answer = (request: Request) => page.evaluate((one) => window.answer(one), request);
  await serveBy(inBrowser(hello, `Chromium ${browser.version()}`), answer);
  await browser.close();
  process.exit(0);
}

function inBrowser(hello: Hello, browser: string): Hello {
  return "absent" in hello ? hello : { ...hello, version: `${hello.version}, ${browser}` };
}

await main().catch((error: unknown) => {
  process.stdout.write(`${JSON.stringify({ absent: String(error).split("\n")[0] })}\n`);
  process.exit(1);
});
