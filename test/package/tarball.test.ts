// What is in the package, seen by publint and attw too.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { beforeAll, describe, expect, it } from "vitest";
import { makeProject, packed } from "./project.js";

describe("the tarball", () => {
  let tarball = "";
  let installed = "";
  let files: string[] = [];

  beforeAll(async () => {
    tarball = await packed();
    installed = join(await makeProject({}), "node_modules/layerwise");
    const entries = readdirSync(installed, { recursive: true, withFileTypes: true });
    files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name));
  }, 60_000);

  it("is at most 1028 KB, a network's worker of 100 KB and fast math's files of 123 KB included", () => {
    expect(statSync(tarball).size).toBeLessThanOrEqual(1_028_000);
  });

  it("holds JavaScript, types and text, and each of the six .wasm files once", () => {
    expect(files.filter((file) => !/(\.(d\.c?ts|c?js|json|md|wasm)|LICENSE-[A-Z]+)$/.test(file))).toEqual([]);
    const wasm = files.filter((file) => file.endsWith(".wasm")).map((file) => relative(installed, file));
    expect(wasm.map((file) => file.replaceAll("\\", "/")).sort()).toEqual([
      "dist/wasm/layerwise-fast-threads.wasm",
      "dist/wasm/layerwise-fast.wasm",
      "dist/wasm/layerwise-float64-threads.wasm",
      "dist/wasm/layerwise-float64.wasm",
      "dist/wasm/layerwise-threads.wasm",
      "dist/wasm/layerwise.wasm",
    ]);
  });

  /** By what its files had in 0.1, which had one kind of layer, two losses and three update rules, of both number types. */
  const grown = (name: string, before: number) =>
    statSync(join(installed, `dist/wasm/${name}.wasm`)).size - before;

  it("has no .wasm file that is more than 60 KB larger than that of 0.1", () => {
    for (const numbers of ["", "-float64", "-fast"]) {
      expect(grown(`layerwise${numbers}`, 140_063)).toBeLessThanOrEqual(60_000);
      expect(grown(`layerwise${numbers}-threads`, 149_579)).toBeLessThanOrEqual(60_000);
    }
  });

  it("has no .wasm file over 174 KB", () => {
    const wasm = files.filter((file) => file.endsWith(".wasm")).map((file) => statSync(file).size);
    expect(Math.max(...wasm)).toBeLessThanOrEqual(174_000);
  });

  it("needs no other package at run time and runs nothing when it is installed", () => {
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    for (const kind of ["dependencies", "optionalDependencies", "peerDependencies"]) {
      expect(manifest[kind]).toBeUndefined();
    }
    expect(Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name))).toEqual([]);
    expect(readdirSync(dirname(installed)).filter((name) => !name.startsWith("."))).toEqual(["layerwise"]);
  });

  it("has no fault that publint knows", async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it("has no fault that attw knows", async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    expect(result.types && result.problems).toEqual([]);
  });
});
