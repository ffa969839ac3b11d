// crate/src: no circle among its files, and none among its rooms.
import { expect, it } from "vitest";
import { circles, filesBelow, textOf } from "./sources.js";

/** The files, by their modules' paths: `gemm::tile` is gemm/tile.rs, "" is lib.rs. */
const files = new Map(
  filesBelow("crate/src", /\.rs$/)
    .filter((path) => !/tests?\.rs$|testing\.rs$/.test(path))
    .map((path) => [path.slice("crate/src/".length, -".rs".length).replaceAll("/", "::"), path]),
);
files.delete("lib");

/** The items of a `use`: `a::{b, c::d}` are a::b and a::c::d. */
function items(tree: string): string[] {
  const open = tree.indexOf("{");
  if (open < 0) return [tree.trim().replace(/ as \w+$/, "")];
  const parts: string[] = [""];
  let depth = 0;
  for (const letter of tree.slice(open + 1, tree.lastIndexOf("}"))) {
    depth += letter === "{" ? 1 : letter === "}" ? -1 : 0;
    if (letter === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts
    .filter((part) => part.trim() !== "")
    .flatMap((part) => items(tree.slice(0, open).trim() + part.trim()));
}

/** Without comments, and without what is compiled for tests alone. */
function codeOf(path: string): string {
  return textOf(path)
    .replace(/\/\/.*$/gm, "")
    .replace(/#\[cfg\(test\)\]\s*(pub )?mod \w+(;|\s*\{[\s\S]*?^\})/gm, "");
}

/** The file that a path leads to from a module. */
function fileOf(path: string, module: string): string | undefined {
  const [first = "", ...rest] = path.split("::").map((part) => part.trim());
  const here = module.split("::");
  if (first === "self") return fileOf(rest.join("::"), module);
  if (first === "super") {
    const above = here.slice(0, -1);
    return rest[0] === "super" ? fileOf(rest.join("::"), above.join("::")) : owner([...above, ...rest]);
  }
  return first === "crate"
    ? owner(rest)
    : files.has([...here, first].join("::"))
      ? owner([...here, first, ...rest])
      : undefined;
}

/** The longest beginning of a path that is a file: the rest are names in it. */
function owner(parts: readonly string[]): string | undefined {
  const path = parts.join("::");
  if (files.has(path) || parts.length === 0) return files.has(path) ? path : undefined;
  return owner(parts.slice(0, -1));
}

function usesOf(module: string, path: string): Set<string> {
  const code = codeOf(path);
  const used = [...code.matchAll(/\buse\s+([^;]+);/g)].flatMap(([, tree = ""]) =>
    items(tree.replace(/\s+/g, " ")),
  );
  const named = [...code.replace(/\buse\s+[^;]+;/g, "").matchAll(/\$?\b(\w+(?:::\w+)+)/g)].map(
    ([, name = ""]) => name,
  );
  const found = [...used, ...named].map((name) => fileOf(name, module));
  return new Set(found.filter((file) => file !== undefined && file !== module) as string[]);
}

const uses = new Map([...files].map(([module, path]) => [module, usesOf(module, path)]));

it("no two files use each other", () => {
  expect(circles(uses)).toEqual([]);
});

it("no two rooms use each other", () => {
  const room = (module: string) => module.split("::")[0] ?? "";
  const rooms = new Map([...uses.keys()].map((module) => [room(module), new Set<string>()]));
  for (const [module, used] of uses)
    for (const file of used) if (room(file) !== room(module)) rooms.get(room(module))?.add(room(file));
  expect(circles(rooms)).toEqual([]);
});

it("no call of the seam has more than four arguments", () => {
  const exported = [...textOf("crate/wasm/src/lib.rs").matchAll(/^(?: {4}|pub fn )(\w+)\(([^)]*)\)/gm)];
  expect(exported.length).toBeGreaterThan(20);
  const long = exported.filter(([, , facts = ""]) => facts.split(":").length - 1 > 4);
  expect(long.map(([, name]) => name)).toEqual([]);
});

it("a job has as many seats as threads that may be asked for", () => {
  const numberIn = (path: string, name: string) =>
    new RegExp(`${name}\\b[^=]*= (\\d+);`).exec(textOf(path))?.[1];
  const seats = numberIn("crate/src/threads/pool.rs", "MOST_SEATS");
  expect(seats).toMatch(/^\d+$/);
  expect(numberIn("ts/engine/threads.ts", "MOST_ASKED")).toBe(seats);
});
