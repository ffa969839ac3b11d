import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("../", import.meta.url);
const lock = new URL("package-lock.json", folder);
/** A copy of the lock file that was installed from. */
const installed = new URL("node_modules/.installed-lock.json", folder);

/**
 * Brings the JavaScript peers' packages up to date, in bench/node_modules. No install scripts and nothing
 * optional: brain.js would compile a module for the graphics card, which it does without.
 */
export function installPackages(): void {
  const wanted = readFileSync(lock, "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  process.stderr.write("installing the JavaScript peers (76 packages, 300 MB) …\n");
  execFileSync("npm", ["ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], {
    cwd: fileURLToPath(folder),
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(installed, wanted);
}
