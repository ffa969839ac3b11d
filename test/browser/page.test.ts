import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findChromium, launchChromium } from "./chromium.js";
import { digitsTests } from "./page-digits.js";
import { type Open, SCREENSHOTS, statusIs, trainAndDraw } from "./page-driver.js";
import { faultTests } from "./page-faults.js";
import { firstLookTests } from "./page-first-look.js";
import { latencyTests } from "./page-latency.js";
import { looksTests } from "./page-looks.js";
import { numbersTests } from "./page-numbers.js";
import { ownDataTests } from "./page-own-data.js";
import { playgroundTests } from "./page-playground.js";
import { type PageServer, startPageServer } from "./page-server.js";

const executable = findChromium();

describe.skipIf(executable === undefined)("the page", () => {
  let server: PageServer;
  let browser: Browser;
  /** One for pages without touch, one for those with: what a page downloaded and kept is there for the next. */
  let profiles: { readonly mouse: BrowserContext; readonly touch: BrowserContext };
  /** What went wrong in the pages of this test. */
  let complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    server = await startPageServer();
    browser = await launchChromium(executable ?? "");
    profiles = {
      mouse: await browser.newContext(),
      touch: await browser.newContext({ hasTouch: true }),
    };
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  afterEach(async () => {
    const { mouse, touch } = profiles;
    for (const context of browser.contexts()) {
      const isShared = context === mouse || context === touch;
      await (isShared ? Promise.all(context.pages().map((page) => page.close())) : context.close());
    }
    const found = complaints;
    complaints = [];
    expect(found).toEqual([]);
  });

  const open: Open = async (hash = "", options = {}) => {
    const { viewport = { width: 1360, height: 900 }, hasTouch = false, colorScheme = "light" } = options;
    const shared = hasTouch ? profiles.touch : profiles.mouse;
    const context = options.ownProfile ? await browser.newContext({ hasTouch }) : shared;
    const page = await context.newPage();
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto((options.url ?? server.url) + hash);
    await statusIs(page, /^(Ready|This link|No points|.* expected)/);
    return page;
  };

  test("runs the very .wasm that Node runs, isolated so that it may use threads", async () => {
    const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
    const inPage = readdirSync("dist-web/assets").filter((file) => file.endsWith(".wasm"));
    const inNode = ["pkg", "pkg-threads", "pkg-float64", "pkg-float64-threads"].flatMap((build) =>
      wasmIn(`ts/engine/wasm/${build}`),
    );
    const hashes = (files: string[]) => files.map(sha256).sort();
    expect(hashes(inPage.map((file) => `dist-web/assets/${file}`))).toEqual(hashes(inNode));
    const page = await open();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.textContent("#runtime")).toMatch(
      /^Computed by WebAssembly with SIMD \(128 bit\) on 1 thread: with layers this small/,
    );
  });

  test("works without a network after the first load, digits included", async () => {
    const ownServer = await startPageServer();
    const page = await open("", { ownProfile: true, url: ownServer.url });
    await page.getByText("works offline, digits included").waitFor();
    await ownServer.stop();
    await page.reload();
    await statusIs(page, /^Ready/);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.getByRole("button", { name: "Step" }).click();
    await statusIs(page, /after 1 epoch/);
    await page.getByRole("button", { name: "Check gradients" }).click(); // by the build of float64
    await page.locator("#gradient-result .verdict").waitFor();
    await page.getByLabel("Task").selectOption("numbers");
    await page.getByLabel("Data set").selectOption("california");
    await page.getByText("8 → 16 → 16 → 1, 433 parameters").waitFor();
    await trainAndDraw(page);
  }, 120_000);

  playgroundTests(open);
  ownDataTests(open);
  numbersTests(open);
  digitsTests(open);
  looksTests(open);
  firstLookTests(open);
  faultTests(open);
  latencyTests(open);
});

function wasmIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".wasm"))
      .map((file) => `${folder}/${file}`);
  } catch {
    return []; // this build isn't there
  }
}
