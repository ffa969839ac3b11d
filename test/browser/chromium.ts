import { type Browser, chromium } from "playwright-core";
import { fetched } from "../fetched.js";

/** No sandbox, since tests run as root in containers; the others keep it from the network. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of a Chromium; undefined, after the reason was printed, where none can be had. */
export function findChromium(): string | undefined {
  return fetched("Browser tests", "browser.mjs");
}

export function launchChromium(executablePath: string, flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS, ...flags] });
}
