// node scripts/notices.mjs: writes THIRD-PARTY-NOTICES.md, the licences of all that is linked into the .wasm files, and
// packages/native/THIRD-PARTY-NOTICES.md, those of what is linked into the native engine.
// To be run when Cargo.lock changes; test/package/notices.test.ts tells if it wasn't.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure, run } from "./command.mjs";
import { licenceTexts, notices } from "./licences.mjs";
import { main } from "./main.mjs";
import { root } from "./project.mjs";
import { crateSources, findRust } from "./toolchain.mjs";

/** What std is made of on wasm32-unknown-unknown, besides core, alloc and itself. */
const PARTS_OF_STD = [
  "addr2line",
  "adler2",
  "cfg-if",
  "dlmalloc",
  "gimli",
  "hashbrown",
  "libc",
  "memchr",
  "miniz_oxide",
  "object",
  "rustc-demangle",
];

/** What is linked: the workspace's crate that is the library, its target, and where its notices go. */
const LIBRARIES = [
  {
    crate: "layerwise-wasm",
    target: "wasm32-unknown-unknown",
    file: "THIRD-PARTY-NOTICES.md",
    what: "Its .wasm files and the JavaScript that loads them",
  },
  {
    crate: "layerwise-native",
    target: "x86_64-unknown-linux-gnu",
    file: "packages/native/THIRD-PARTY-NOTICES.md",
    what: "The files of its native engine",
  },
];

const head = (what) => `# Third-party notices

Layerwise itself is MIT OR Apache-2.0. ${what} hold code of the projects
below, each under a licence of its own; where MIT is among several, it is under MIT. Written by scripts/notices.mjs.
`;

await main(async () => {
  const { env, library } = await findRust();
  for (const { crate, target, file, what } of LIBRARIES) {
    const parts = [...(await linkedCrates(env, crate, target)), ...partsOfStd(library)];
    writeFileSync(join(root, file), notices(head(what), parts));
    console.log(`${file}: ${parts.length} parts`);
  }
});

/** The crates that a library depends on, directly or not, but for what only builds or tests them. */
async function linkedCrates(env, crate, target) {
  const platform = ["--filter-platform", target];
  const options = ["metadata", "--format-version", "1", "--locked", ...platform];
  const { packages, resolve, workspace_members } = JSON.parse(
    await run("cargo", options, { cwd: root, env }),
  );
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const linked = new Set(packages.filter(({ name }) => name === crate).map(({ id }) => id));
  for (const id of linked) {
    const normal = nodes.get(id).deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind === null));
    for (const { pkg } of normal) linked.add(pkg);
  }
  return packages
    .filter(({ id }) => linked.has(id) && !workspace_members.includes(id))
    .map(({ name, version, license, authors, manifest_path }) => ({
      name,
      version,
      license,
      texts: licenceTexts(dirname(manifest_path), license === "MIT" ? mit(name, authors) : undefined),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** std and what it is made of, in the versions that the present Rust has. */
function partsOfStd(library) {
  const std = ["backtrace/LICENSE-MIT", "stdarch/LICENSE-MIT", "compiler-builtins/LICENSE.txt"];
  const lock = readFileSync(join(library, "Cargo.lock"), "utf8");
  const crates = PARTS_OF_STD.map((name) => {
    const version = lock.match(new RegExp(`^name = "${name}"\nversion = "(.*)"`, "m"))?.[1];
    return { name, version, license: "see below", texts: licenceTexts(crateFolder(`${name}-${version}`)) };
  });
  const names = "Rust's std, core, alloc, panic_abort and compiler_builtins";
  const texts = std.map((file) => readFileSync(join(library, file), "utf8"));
  return [
    { name: names, version: "", license: "MIT OR Apache-2.0, in parts MIT AND more: below", texts },
    ...crates,
  ];
}

function crateFolder(crate) {
  const folders = existsSync(crateSources) ? readdirSync(crateSources) : [];
  const found = folders.map((index) => join(crateSources, index, crate)).find(existsSync);
  if (found === undefined)
    throw new Failure(`${crateSources}: expected ${crate}, which npm run wasm fetches`);
  return found;
}

/** The text of MIT, for a crate that names it and holds no copy. */
function mit(name, authors) {
  const holders = authors.length > 0 ? authors.join(", ") : `the authors of ${name}`;
  const text = readFileSync(join(root, "LICENSE-MIT"), "utf8");
  return text.replace(/^Copyright.*$/m, `Copyright (c) ${holders}`);
}
