// The project's own sources as text, for the tests of its structure.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import ts from "typescript";

/** What is built, installed or recorded. */
const NOT_SOURCES = /(^|\/)(node_modules|dist|target|pkg(-\w+)*|results|places)$/;

/** The files below a folder, by their paths from the project's root. */
export function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_SOURCES.test(path) ? [] : filesBelow(path, ending);
    return ending.test(path) ? [path] : [];
  });
}

export function textOf(path: string): string {
  return readFileSync(path, "utf8");
}

/** The files that a TypeScript file imports, types too, as paths from the project's root; packages aside. */
export function importsOf(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(textOf(path), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => join(dirname(path), name.replace(/\.js$/, ".ts")));
}

/** A TypeScript file without its comments; strings stay. */
export function codeOf(path: string): string {
  const file = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest);
  const parts: string[] = [];
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file);
    if (children.length === 0) parts.push(node.getText(file));
    else for (const child of children) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(file);
  return parts.join(" ");
}

/** The circles among files that use each other: each a list of files that all reach each other. */
export function circles(uses: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const reached = new Map([...uses.keys()].map((from) => [from, reachedFrom(from, uses)]));
  const together = (a: string, b: string) => reached.get(a)?.has(b) && reached.get(b)?.has(a);
  const found = new Map<string, string[]>();
  for (const name of uses.keys()) {
    const circle = [...uses.keys()].filter((other) => together(name, other)).sort();
    if (circle.length > 0) found.set(circle.join(" "), circle);
  }
  return [...found.values()];
}

function reachedFrom(from: string, uses: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set<string>();
  const next = [...(uses.get(from) ?? [])];
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    next.push(...(uses.get(name) ?? []));
  }
  return reached;
}
