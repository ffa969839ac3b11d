// The native engine's npm packages as tarballs, of what is built.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, run } from "./command.mjs";
import { buildNative, folderOf } from "./native.mjs";
import { root } from "./project.mjs";
import { crossByZig, findZig, OLDEST_GLIBC } from "./zig.mjs";

const source = join(root, "packages/native");

/** What packages hold, for this architecture: by zig, where it is here, for old versions of glibc and for musl; else for this system. */
export async function buildPortable() {
  const zig = findZig();
  if (zig === undefined) {
    console.error(
      "native: expected zig (pip install ziglang) for glibc and musl of other systems; this one's are built",
    );
    return buildNative();
  }
  for (const libc of ["gnu", "musl"]) await buildNative(process.arch, crossByZig(zig, process.arch, libc));
  const folder = join(root, folderOf(process.arch));
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".node"))) {
    const newest = newestGlibc(join(folder, name));
    const isOld = newest <= Number(OLDEST_GLIBC.split(".")[1]);
    if (!isOld)
      throw new Failure(`${name}: expected symbols of glibc ${OLDEST_GLIBC} or older, got 2.${newest}`);
  }
}

/** The minor version of glibc 2 that a library needs. */
export function newestGlibc(file) {
  const text = readFileSync(file, "latin1");
  return Math.max(...Array.from(text.matchAll(/GLIBC_2\.(\d+)/g), ([, minor]) => Number(minor)));
}

/** Packs them into a folder. Resolves to the tarballs' paths, the platforms' first. */
export async function packNative(folder) {
  mkdirSync(folder, { recursive: true });
  const platforms = readdirSync(join(source, "npm")).map((name) => join(source, "npm", name));
  const built = platforms.filter((path) => readdirSync(path).some((name) => name.endsWith(".node")));
  const tarballs = [];
  for (const path of built) tarballs.push(await pack(path, folder));
  return [...tarballs, await pack(withPlatforms(platforms), folder)];
}

/**
 * A copy of @layerwise/native that names the platforms' packages as optional dependencies, of which npm installs the one that
 * fits. In the repository it has none: an install there would look for them in a registry.
 */
function withPlatforms(platforms) {
  const copy = join(root, ".cache/native-package");
  rmSync(copy, { recursive: true, force: true });
  const isOurs = (path) => path !== join(source, "npm");
  cpSync(source, copy, { recursive: true, filter: isOurs });
  const optionalDependencies = Object.fromEntries(
    platforms.map(manifestOf).map(({ name, version }) => [name, version]),
  );
  const manifest = { ...manifestOf(copy), optionalDependencies };
  writeFileSync(join(copy, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return copy;
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

async function pack(path, folder) {
  const output = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: path });
  return join(folder, output.trim().split("\n").at(-1));
}
