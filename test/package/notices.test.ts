// The notices that packages carry: every crate that is linked into the .wasm files, or into the native engine, with its
// licence's text.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findCargo } from "../../scripts/toolchain.mjs";

interface Metadata {
  readonly packages: readonly { id: string; name: string; version: string; license: string }[];
  readonly resolve: {
    readonly nodes: readonly {
      id: string;
      deps: readonly { pkg: string; dep_kinds: readonly { kind: unknown }[] }[];
    }[];
  };
  readonly workspace_members: readonly string[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifestOf = (folder: string) => JSON.parse(readFileSync(`${root}/${folder}package.json`, "utf8"));

async function readMetadata(target: string): Promise<Metadata> {
  const args = ["metadata", "--format-version", "1", "--locked", "--filter-platform", target];
  const { stdout, stderr } = spawnSync("cargo", args, {
    cwd: root,
    encoding: "utf8",
    env: await findCargo(),
    maxBuffer: 1 << 26,
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

/** All crates of the tree of a library's normal dependencies. */
async function linkedInto(
  crate: string,
  target: string,
): Promise<{ name: string; version: string; license: string }[]> {
  const { packages, resolve, workspace_members } = await readMetadata(target);
  const found = new Set(packages.filter(({ name }) => name === crate).map(({ id }) => id));
  for (const id of found) {
    const node = resolve.nodes.find((node) => node.id === id);
    for (const { pkg, dep_kinds } of node?.deps ?? []) {
      if (dep_kinds.some(({ kind }) => kind === null)) found.add(pkg);
    }
  }
  return packages.filter(({ id }) => found.has(id) && !workspace_members.includes(id));
}

describe.each([
  ["layerwise-wasm", "wasm32-unknown-unknown", ""],
  ["layerwise-native", "x86_64-unknown-linux-gnu", "packages/native/"],
])("the third-party notices of %s", async (crate, target, folder) => {
  const notices = readFileSync(`${root}/${folder}THIRD-PARTY-NOTICES.md`, "utf8");
  const crates = await linkedInto(crate, target);

  test("name every linked crate in its version, and give a text for it", () => {
    expect(crates.length).toBeGreaterThan(20);
    const named = [...notices.matchAll(/^## (.*)$/gm)].flatMap(([, names = ""]) => names.split(", "));
    for (const { name, version, license } of crates) {
      expect(notices).toContain(`| ${name} | ${version} | ${license} |`);
      expect(named).toContain(`${name} ${version}`);
    }
  });

  test("name no crate that isn't linked any more", () => {
    const rows = [...notices.matchAll(/^\| ([\w-]+) \| ([\d.]+) \| (?!see below)/gm)];
    const linked = new Set(crates.map(({ name, version }) => `${name} ${version}`));
    expect(rows.length).toBe(linked.size);
    for (const [, name, version] of rows) expect(linked).toContain(`${name} ${version}`);
  });

  test("hold Rust's own library and the permission that each licence asks to be repeated", () => {
    expect(notices).toContain("| Rust's std, core, alloc, panic_abort and compiler_builtins |");
    for (const part of ["dlmalloc", "hashbrown", "cfg-if"]) expect(notices).toContain(`| ${part} |`);
    for (const text of notices.split(/^## /m).slice(1)) {
      expect(text).toMatch(/Permission is hereby granted|Copyright|UNICODE LICENSE/);
    }
  });

  test("are in the package", () => {
    expect(manifestOf(folder).files).toContain("THIRD-PARTY-NOTICES.md");
  });
});
