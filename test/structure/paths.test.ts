// Every path of the project that a document or a comment names is there.
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { filesBelow, textOf } from "./sources.js";

const DOCUMENTS = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "bench/README.md",
  "examples/README.md",
];
const FOLDERS = ["docs", "packages", "ts", "crate", "test", "scripts", "bench", "web", "examples"];
const SOURCES = /\.(md|ts|mjs|js|rs|py|html)$/;

/** Built, or there only where something was installed; and a rate's unit. */
const NOT_ALWAYS = /(^|\/)(pkg(-\w+)*|node_modules|dist)(\/|$)|^examples\/s$/;

const PATH = /(?<![\w./<-])(?:crate|ts|test|scripts|docs|bench|web|examples|packages)\/[\w./-]*[\w/]/g;

const IMPORT = /\bimport\b|\bfrom "|new URL\(/;

/** The paths in a document, or in a source's comments; patterns and placeholders aside. */
function pathsIn(file: string): string[] {
  const isDocument = file.endsWith(".md");
  const lines = textOf(file).split("\n");
  const told = isDocument
    ? lines
    : lines.filter((line) => /^\s*(\/\/|\/?\*|#)|\s\/\/ /.test(line) && !IMPORT.test(line));
  return told.flatMap((line) =>
    [...line.matchAll(PATH)]
      .filter(({ 0: path, index }) => !/^[*<{[]/.test(line.slice(index + path.length)))
      .map(([path]) => path),
  );
}

it("every path that is named is there", () => {
  const files = [...DOCUMENTS, ...FOLDERS.flatMap((folder) => filesBelow(folder, SOURCES))];
  const gone = files.flatMap((file) =>
    pathsIn(file)
      .filter((path) => !NOT_ALWAYS.test(path) && !existsSync(path))
      .map((path) => `${file}: ${path}`),
  );
  expect(gone).toEqual([]);
  expect(pathsIn("ARCHITECTURE.md").length).toBeGreaterThan(40);
});
