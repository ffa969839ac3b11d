// The package as npm packs it, beside the core's, in an empty folder. Needs what `npm run build` makes.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npm, root, run, runNode } from "../../../test/package/commands.js";
import { codeOf, filesBelow } from "../../../test/structure/sources.js";

const own = join(root, "packages/data");
const manifest = JSON.parse(readFileSync(join(own, "package.json"), "utf8"));

it("sees the core by its name alone, and nothing of its folders", () => {
  const sources = filesBelow("packages/data/ts", /\.ts$/);
  const outside = sources.flatMap((path) =>
    [...codeOf(path).matchAll(/from "([^"]+)"/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !name.startsWith(".")),
  );
  const depends = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  expect(outside.length).toBeGreaterThan(10);
  for (const name of outside)
    expect(depends.some((one) => name === one || name.startsWith(`${one}/`))).toBe(true);
  const up = sources.filter((path) => /from "(\.\.\/){3}/.test(codeOf(path)));
  expect(up).toEqual([]);
});

describe.skipIf(!existsSync(join(own, "dist")) || !existsSync(join(root, "dist")))("packed", () => {
  const folder = mkdtempSync(join(tmpdir(), "layerwise-packed-"));
  const installed = join(folder, "node_modules/@layerwise/data");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    await unpack(root, join(folder, "node_modules/layerwise"));
    await unpack(own, installed);
    // Of what it depends on, what is installed here: nothing comes from the network.
    const others = ["fzstd", "hysnappy", ...Object.keys(manifest.dependencies)];
    for (const name of others) {
      const place = join(folder, "node_modules", name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(root, "node_modules", name), place, "junction");
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  }, 60_000);

  async function unpack(from: string, to: string) {
    const name = await npm(["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], from);
    mkdirSync(to, { recursive: true });
    await run("tar", ["-xzf", join(folder, name.trim()), "-C", to, "--strip-components=1"], folder);
  }

  it("holds its script, its types, licences and its README, and no more", () => {
    const entries = readdirSync(installed, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files.sort()).toEqual([
      "LICENSE-APACHE",
      "LICENSE-MIT",
      "README.md",
      "index.d.ts",
      "index.js",
      "package.json",
    ]);
  });

  it("has no fault that publint knows", async () => {
    expect((await publint({ pkgDir: installed, strict: true, pack: false })).messages).toEqual([]);
  });

  it("trains, saves, loads and predicts", async () => {
    cpSync(fileURLToPath(new URL("traps/bom-crlf-quotes.csv", import.meta.url)), join(folder, "some.csv"));
    const program = `
      import { DataError } from "layerwise";
      import { loadModel, readCsv, tableFrom, trainModel } from "@layerwise/data";
      const table = await readCsv("some.csv");
      const rows = Array.from({ length: 40 }, (_, i) => ({ x: i * 0.5, y: i % 2 ? "yes" : "no", k: "ab"[i % 2] }));
      const model = await trainModel(tableFrom(rows), { target: "y", networks: 1, epochs: 2, layers: [4] });
      await model.save("model.safetensors");
      const again = await loadModel("model.safetensors");
      let kind;
      try { again.predict([{ x: 1 }]); } catch (error) { kind = error instanceof DataError; }
      const same = JSON.stringify(again.predict(rows).toRows()) === JSON.stringify(model.predict(rows).toRows());
      console.log(JSON.stringify([table.rows, kind, same]));
    `;
    writeFileSync(join(folder, "program.js"), program);
    expect(JSON.parse(await runNode(["program.js"], folder))).toEqual([3, true, true]);
  });
});
