// What a user of the built package gets: import and require, types, the .wasm files beside it.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);

const TRAIN = `
  const { createNetwork, adam } = layerwise;
  const network = await createNetwork({ layerDims: [2, 40, 40, 1], threads });
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
  const { steps } = await network.fit(x, [0, 1, 1, 0], { epochs: 10, optimizer: adam() });
  console.log(JSON.stringify({ steps, threads: network.runtime.threads, p: network.predict(x).toArray() }));
`;

async function trained(type: "module" | "commonjs", threads: number): Promise<unknown> {
  const program =
    type === "module"
      ? `import * as layerwise from "layerwise"; const threads = ${threads}; ${TRAIN}`
      : `const layerwise = require("layerwise"); const threads = ${threads}; (async () => { ${TRAIN} })();`;
  const flags = ["--no-warnings", `--input-type=${type}`, "-e", program];
  return JSON.parse((await run(process.execPath, flags)).stdout);
}

describe("the built package", () => {
  it("trains from import and from require, on one thread and on two, to the same bits", async () => {
    const expected = await trained("module", 1);
    expect(expected).toMatchObject({ steps: 10, threads: 1 });
    expect(await trained("commonjs", 1)).toEqual(expected);
    expect(await trained("module", 2)).toEqual({ ...(expected as object), threads: 2 });
    expect(await trained("commonjs", 2)).toEqual({ ...(expected as object), threads: 2 });
  });

  it("has the same names for import and require", async () => {
    const names = async (type: string, load: string) =>
      (await run(process.execPath, [`--input-type=${type}`, "-e", load])).stdout.trim().split(",");
    const imported = await names(
      "module",
      'import * as l from "layerwise"; console.log(Object.keys(l).sort().join())',
    );
    const required = await names("commonjs", 'console.log(Object.keys(require("layerwise")).sort().join())');
    expect(required).toEqual(imported);
    expect(imported).toContain("createNetwork");
  });

  it("needs no other package at run time and runs nothing when it is installed", () => {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name))).toEqual([]);
  });

  it("holds each .wasm file once, within 150 KiB", () => {
    const files = readdirSync(new URL("../dist/", import.meta.url), { recursive: true, withFileTypes: true });
    const wasm = files.filter((file) => file.name.endsWith(".wasm"));
    expect(wasm).toHaveLength(2);
    for (const file of wasm) {
      const folder = file.parentPath ?? file.path;
      expect(readFileSync(`${folder}/${file.name}`).length).toBeLessThanOrEqual(150 * 1024);
    }
  });
});
