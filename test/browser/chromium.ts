import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../", import.meta.url));

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
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/browser.mjs"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return stdout.trim();
  console.error(`Browser tests are SKIPPED. ${stderr.trim()}`);
  return undefined;
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
}
