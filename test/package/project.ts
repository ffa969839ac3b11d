// Projects as users have them: a temporary folder with some files and the packed tarball installed.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll } from "vitest";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A program that hasn't ended by then hangs: killed, and its test fails. */
const LONGEST_RUN = 40_000;

/** Nothing of the npm or vitest that run these tests. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|NODE_OPTIONS)/i.test(name)),
);

/** Runs a program; resolves to what it printed. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, timeout: LONGEST_RUN, env: { ...env, DENO_NO_UPDATE_CHECK: "1" } };
  return (await promisify(execFile)(program, args, options)).stdout;
}

export function runNode(args: readonly string[], cwd: string): Promise<string> {
  return run(process.execPath, args, cwd);
}

const npm = (args: readonly string[], cwd: string) =>
  process.platform === "win32" ? run("cmd", ["/c", "npm", ...args], cwd) : run("npm", args, cwd);

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

/** A file of this folder as JavaScript. */
export async function javascript(file: string, format: "esm" | "cjs" = "esm"): Promise<string> {
  const source = await readFile(new URL(file, import.meta.url), "utf8");
  return (await transform(source, { loader: "ts", format })).code;
}
