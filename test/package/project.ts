// Projects as users have them: a temporary folder with some files and the packed tarball installed.
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { npm, root } from "./commands.js";
import { javascript } from "./javascript.js";

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "layerwise-package-"));
  folders.push(folder);
  return folder;
}

const tarballs = new Map<string, Promise<string>>();

/** The path of the tarball of the core, or of the package in this folder, as `npm pack` makes it of what is built. */
export function packed(of = ""): Promise<string> {
  const known = tarballs.get(of);
  if (known !== undefined) return known;
  const tarball = (async () => {
    const folder = temporaryFolder();
    const name = await npm(["pack", "--silent", "--pack-destination", folder], join(root, of));
    return join(folder, name.trim());
  })();
  tarballs.set(of, tarball);
  return tarball;
}

/**
 * Makes a project of these files and train.js, with the core and these other packages installed; resolves to its folder.
 * Nothing comes from the network.
 */
export async function makeProject(
  files: Readonly<Record<string, string>>,
  others: readonly string[] = [],
): Promise<string> {
  const folder = temporaryFolder();
  const all = { "package.json": '{ "type": "module" }', "train.js": await javascript("train.ts"), ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const options = ["--ignore-scripts", "--offline", "--no-audit", "--no-fund", "--silent"];
  await npm(["install", ...options, await packed(), ...others], folder);
  return folder;
}
