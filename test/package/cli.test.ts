// The command line and the packages beside it as a person installs them, in an empty folder and from no network.
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { npm, root, runNode } from "./commands.js";
import { makeProject, packed } from "./project.js";

const ROWS = Array.from({ length: 200 }, (_, i) => {
  const [rooms, district] = [1 + (i % 7), ["north", "south"][i % 2]];
  return `${rooms},${district},${1000 * rooms + (district === "north" ? 500 : 0)}`;
});
const DATA = `rooms,district,price\n${ROWS.join("\n")}\n`;

/** A program that reads the model of the command line, by the packages that it may import. */
const READER = `
  import { ConfigError } from "layerwise";
  import { loadModel, readCsv } from "@layerwise/data";
  const model = await loadModel("out/model.safetensors");
  const error = await readCsv("data.csv", { chunks: 1 }).catch((error) => error);
  const [price] = model.predict(await readCsv("data.csv", model.pipeline.readOptions())).targets;
  console.log(JSON.stringify({ isOfCore: error instanceof ConfigError, prices: Array.from(price.values) }));
`;

/** A study of a moment. */
const STUDY = {
  data: "data.csv",
  target: "price",
  options: { epochs: 2, layers: [4], networks: 1 },
  space: { learningRate: { choices: [0.01, 0.02] } },
  method: "grid",
};

/** A program that runs it by @layerwise/cluster, and asks for a server. */
const SEARCHER = `
  import { BullRunner, FolderStore, LocalRunner, readAddress, runStudy } from "@layerwise/cluster";
  const runner = new LocalRunner({ store: "store", processes: 1 });
  const options = { runner, store: new FolderStore("store"), journal: "searched.jsonl" };
  const { best } = await runStudy(${JSON.stringify(STUDY)}, options);
  await runner.close();
  const refused = await BullRunner.open({ address: readAddress("redis://localhost") }).catch(String);
  console.log(JSON.stringify({ value: best.value, refused }));
`;

/** What @layerwise/data depends on, as it is installed here. */
function dependenciesOfData(): string[] {
  const manifest = JSON.parse(readFileSync(join(root, "packages/data/package.json"), "utf8"));
  return Object.keys(manifest.dependencies).map((name) => join(root, "node_modules", name));
}

describe("@layerwise/cli, installed", () => {
  let folder = "";
  let installed = "";
  const layerwise = (...args: string[]) => npm(["exec", "--offline", "--", "layerwise", ...args], folder);

  beforeAll(async () => {
    const tarballs = await Promise.all(["", "packages/data", "packages/cluster", "packages/cli"].map(packed));
    const programs = { "reader.js": READER, "searcher.js": SEARCHER };
    folder = await makeProject({ "data.csv": DATA, "study.json": JSON.stringify(STUDY), ...programs }, [
      ...tarballs.slice(1),
      ...dependenciesOfData(),
    ]);
    installed = join(folder, "node_modules/@layerwise/cli");
  }, 60_000);

  it("trains and predicts, and its model is what @layerwise/data reads with the one core that is there", async () => {
    await layerwise(
      "train",
      "data.csv",
      "--target",
      "price",
      "--epochs",
      "2",
      "--networks",
      "1",
      "-o",
      "out",
    );
    const predict = [join(installed, "dist/layerwise.js"), "predict", "out/model.safetensors", "data.csv"];
    const [head, ...rows] = (await runNode(predict, folder)).trim().split("\n");
    expect(head).toBe("price");
    const read = JSON.parse(await runNode(["reader.js"], folder));
    expect(read.isOfCore).toBe(true);
    expect(rows.map(Number)).toEqual(read.prices);
    expect(readFileSync(join(folder, "out/report.html"), "utf8")).toContain("data.csv → price");
  });

  it("sweeps with nothing else, to what @layerwise/cluster finds; and with a server says what to install", async () => {
    await layerwise("sweep", "study.json", "-p", "1");
    const { value, refused } = JSON.parse(await runNode(["searcher.js"], folder));
    expect(JSON.stringify(value)).toMatch(/^\d/);
    expect(readFileSync(join(folder, "study.journal.jsonl"), "utf8")).toContain(`"best":{"trial":`);
    expect(readFileSync(join(folder, "study.journal.jsonl"), "utf8")).toContain(`"value":${value}`);
    expect(refused).toContain("npm install bullmq ioredis");
    const worker = layerwise("worker", "--redis", "redis://localhost");
    await expect(worker).rejects.toThrow(/npm install bullmq ioredis/);
  }, 60_000);

  it("needs no other package, and has the schema and every licence of what is inside", async () => {
    const { dependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(join(installed, "package.json"), "utf8"),
    );
    expect(dependencies).toBeUndefined();
    expect(Object.keys(peerDependenciesMeta)).toEqual(["@layerwise/native"]);
    const required = createRequire(join(folder, "package.json"));
    const { properties } = required("@layerwise/cli/layerwise.schema.json");
    expect(properties.target).toBeDefined();
    const { devDependencies } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"));
    const notices = readFileSync(join(installed, "THIRD-PARTY-NOTICES.md"), "utf8");
    for (const [name, version] of Object.entries(devDependencies))
      expect(notices).toContain(`| ${name} | ${version} |`);
    for (const text of ["Apache License", "The Apache Software Foundation", "| dlmalloc |"])
      expect(notices).toContain(text);
  });

  it("is at most 1032 KB, fast math's files of 122 KB included", async () => {
    expect(statSync(await packed("packages/cli")).size).toBeLessThanOrEqual(1_032_000);
  });
});
