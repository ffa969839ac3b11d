// The folders that places are tried in: .cache/places/<packages>/, with versions.json's packages, installed once, and
// the package as it is packed at this time.
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { npm, root, run, runNode } from "../commands.js";
import { javascript } from "../javascript.js";
import type { Browsers } from "./browsers.js";
import type { Project } from "./place.js";

const cache = join(root, ".cache/places");

/** The packages of each group, pinned. */
const VERSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(new URL("versions.json", import.meta.url), "utf8"),
);

/** Long enough for the slowest install and build on a busy machine of two processors. */
const LONGEST = 300_000;

/** Or bundlers would find the one of a folder above. */
const TSCONFIG = JSON.stringify({ compilerOptions: { allowJs: true }, include: ["train.js"] });

/** What stays in a folder from one try to the next. */
const KEPT = ["node_modules", "package-lock.json", "installed"];

/** Packs what is built; resolves to the tarball's path. */
export async function pack(): Promise<string> {
  await mkdir(cache, { recursive: true });
  const name = await npm(["pack", "--silent", "--pack-destination", cache], root);
  return join(cache, name.trim());
}

/** Says why a group's packages can't be installed here, or undefined when they are there. */
export async function install(group: string): Promise<string | undefined> {
  const versions = VERSIONS[group];
  if (versions === undefined) return `versions.json has no ${group}`;
  const folder = join(cache, group);
  const stamp = JSON.stringify(versions, Object.keys(versions).sort());
  const stampFile = join(folder, "installed");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return undefined;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"];
    if (Object.keys(versions).length > 0) await npm(["install", ...options], folder, LONGEST);
    await writeFile(stampFile, stamp);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** A clean project in the group's folder. */
export async function openProject(group: string, tarball: string, browsers: Browsers): Promise<Project> {
  const folder = join(cache, group);
  for (const name of await readdir(folder)) {
    if (!KEPT.includes(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
  // Vite keeps what it made of a package until its version changes.
  await rm(join(folder, "node_modules/.vite"), { recursive: true, force: true });
  await unpack(tarball, join(folder, "node_modules/layerwise"));
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  const dependencies = { ...VERSIONS[group], layerwise: `file:${tarball}` };
  await write({
    "package.json": JSON.stringify({ name: "app", private: true, type: "module", dependencies }),
    "tsconfig.json": TSCONFIG,
    "train.js": await javascript("train.ts"),
    "train.cjs": await javascript("train.ts", "cjs"),
  });
  return {
    folder,
    write,
    browser: (...flags) => browsers.get(flags),
    node: (...args) => runNode(args, folder, LONGEST),
    tool: (file, ...args) => runNode([join("node_modules", file), ...args], folder, LONGEST),
    scriptBytes: (...paths) => scriptBytesOf(paths.map((path) => join(folder, path))),
    pageBytes: async (built) => scriptBytesOf(await scriptsOfPage(join(folder, built))),
  };
}

/** As npm would install it, in place of one that was packed before. */
async function unpack(tarball: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target], target);
}

async function scriptBytesOf(files: readonly string[]): Promise<number> {
  let sum = 0;
  for (const file of files) sum += gzipSync(await readFile(file), { level: 9 }).length;
  return sum;
}

/** What loads with a page: not its workers. */
async function scriptsOfPage(folder: string): Promise<string[]> {
  const html = await readFile(join(folder, "index.html"), "utf8");
  const tags = html.match(/<script\b[^>]*\bsrc=[^>]*>|<link\b[^>]*\brel="?modulepreload\b[^>]*>/g) ?? [];
  return tags.map((tag) => join(folder, /\b(?:src|href)="?([^" >]+)/.exec(tag)?.[1] ?? ""));
}
