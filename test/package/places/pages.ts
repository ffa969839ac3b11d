import type { Browser } from "playwright-core";
import { serveFolders } from "../../browser/static-server.js";
import type { Trained } from "../train.js";

/** The longest that a page may take: the first one of a dev server is built when it is asked for. */
const LONGEST = 90_000;

/** What the page at an address finds. Raises what its console complained of, if it finds nothing. */
export async function openPage(browser: Browser, address: string): Promise<Trained[]> {
  const page = await browser.newPage();
  const said: string[] = [];
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("console", (message) => said.push(message.text()));
  page.on("requestfailed", (request) => said.push(`${request.url()}: ${request.failure()?.errorText}`));
  try {
    await page.goto(address);
    const found = await page.waitForFunction(() => (globalThis as { results?: unknown }).results, undefined, {
      timeout: LONGEST,
    });
    const results = (await found.jsonValue()) as (Trained | string)[];
    return results.map((result) => {
      if (typeof result === "string") throw new Error(result);
      return result;
    });
  } catch (error) {
    throw new Error([String(error), ...said].join("\n"), { cause: error });
  } finally {
    await page.close();
  }
}

/** The same of a folder's index.html, served with the headers that threads need and a strict policy or another one. */
export async function openFolder(browser: Browser, folder: string, policy?: string): Promise<Trained[]> {
  const server = await serveFolders({ "/": folder }, policy);
  try {
    return await openPage(browser, `${server.origin}/index.html`);
  } finally {
    server.stop();
  }
}
