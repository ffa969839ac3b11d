// A folder is made whoever else makes it, and nothing is left of one that can't be.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "@layerwise/data";
import { StorageError } from "layerwise";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "layerwise-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("makeFolder", () => {
  it("makes those above it, and says which weren't there", async () => {
    const made = await makeFolder(join(folder, "a/b/c"));
    expect(made).toEqual(["a", "a/b", "a/b/c"].map((name) => join(folder, name)));
    expect(await makeFolder(join(folder, "a/b/c"))).toEqual([]);
  });

  it("is called by many at the same time, for folders within the same ones", async () => {
    const paths = Array.from({ length: 40 }, (_, i) => join(folder, `new/under/${i % 8}/deep`));
    const made = await Promise.all(paths.map(makeFolder));
    for (const path of paths) expect(statSync(path).isDirectory()).toBe(true);
    // Each was made by one of them.
    expect(made.flat().sort()).toEqual([...new Set(made.flat())].sort());
    expect(made.flat()).toHaveLength(2 + 8 + 8);
  });

  it("leaves nothing where it fails", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(makeFolder(join(folder, "file/in/it"))).rejects.toThrow(StorageError);
    const tooLong = join(folder, "a", "b", "x".repeat(300));
    await expect(makeFolder(tooLong)).rejects.toThrow(StorageError);
    expect(existsSync(join(folder, "a"))).toBe(false);
  });
});
