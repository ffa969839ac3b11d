// The project's own scripts run where nothing is installed yet: they install the packages themselves.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
const entries = Object.values(scripts).flatMap((command) => command.match(/scripts\/\S+\.mjs/g) ?? []);

test.each([...new Set(entries)])("%s starts with Node's own modules alone", (entry) => {
  expect([...packagesOf(join(root, entry))]).toEqual([]);
});

/** The packages that the file's static imports reach. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/^import (?:[^;]* from )?"(.*)";$/gm)) {
    if (name.startsWith("node:")) continue;
    if (!name.startsWith(".")) packages.add(name);
    else for (const found of packagesOf(join(dirname(file), name), seen)) packages.add(found);
  }
  return packages;
}
