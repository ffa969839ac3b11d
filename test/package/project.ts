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

let tarball: Promise<string> | undefined;

/** The path of the tarball, as `npm pack` makes it of what is built. */
export function packed(): Promise<string> {
  tarball ??= (async () => {
    const folder = temporaryFolder();
    const name = await npm(["pack", "--silent", "--pack-destination", folder], root);
    return join(folder, name.trim());
  })();
  return tarball;
}

/** Makes a project of these files and train.js; resolves to its folder. Nothing comes from the network. */
export async function makeProject(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder();
  const all = { "package.json": '{ "type": "module" }', "train.js": await javascript("train.ts"), ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const options = ["--ignore-scripts", "--offline", "--no-audit", "--no-fund", "--silent"];
  await npm(["install", ...options, await packed()], folder);
  return folder;
}
