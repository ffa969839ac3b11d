import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const [data = "", ...tasks] = [
  ...readFileSync("docs/from-keras.md", "utf8").matchAll(/```ts\n([\s\S]*?)```/g),
].map(([, code = ""]) => code);

/** In the repository, so that `layerwise` can be had by name. */
const folder = join(process.cwd(), "out/from-keras");
const before = process.cwd();

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  process.chdir(folder); // programs write files
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});

afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

test("ten tasks", () => {
  expect(tasks).toHaveLength(10);
});

test.each(tasks.map((code, i) => [i + 1, code]))(
  "the program of task %i runs as it stands",
  async (i, code) => {
    const file = join(folder, `task-${i}.ts`);
    writeFileSync(
      file,
      `${data}${String(code).replaceAll('"layerwise"', '"../../ts/index.js"')}\nexport {};\n`,
    );
    vi.mocked(console.log).mockClear();
    await import(pathToFileURL(file).href);
    expect(console.log).toHaveBeenCalled();
  },
);
