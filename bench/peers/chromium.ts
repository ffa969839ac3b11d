// A peer in a page of Chromium: node chromium.ts <peer> <threads>. The page is isolated, so that it may have threads.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { serve as serveFiles } from "../../scripts/web-server.mjs";
import { launchChromium } from "../../test/browser/chromium.js";
import type {} from "./page/page.js"; // what the page adds to window
import { BUILT_PAGE } from "./page-build.js";
import type { Hello, Request } from "./protocol.js";
import { serveBy } from "./serve.js";

const [peer = "", threads = "1"] = process.argv.slice(2);

function executable(): string {
  const script = fileURLToPath(new URL("../../scripts/browser.mjs", import.meta.url));
  return execFileSync(process.execPath, [script], { encoding: "utf8" }).trim();
}

async function main(): Promise<void> {
  const url = await serveFiles(BUILT_PAGE, 0);
  const browser = await launchChromium(executable());
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
