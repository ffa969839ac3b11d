import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Trained } from "../train.js";
import type { Outcome, Place, Project } from "./place.js";

async function told(project: Project): Promise<Outcome> {
  return { trained: JSON.parse(await readFile(join(project.folder, "told.json"), "utf8")) as Trained[] };
}

const JEST_TEST = `
  const layerwise = require("layerwise");
  const { trainEach } = require("./train.cjs");
  test("trains", async () => {
    const trained = [...(await trainEach(layerwise, 1)), ...(await trainEach(layerwise, 2))];
    const network = await layerwise.createNetwork({ layerDims: [2, 3, 1] });
    await network.save("model.safetensors");
    const fs = require("node:fs");
    for (const source of ["model.safetensors", network.toBytes(), fs.readFileSync("model.safetensors")]) {
      const again = await layerwise.loadNetwork(source);
      expect(again.predict([[1, 2]]).data[0]).toBe(network.predict([[1, 2]]).data[0]);
    }
    fs.writeFileSync("told.json", JSON.stringify(trained));
  }, 60000);
`;

function jest(version: 29 | 30, environment: "node" | "jsdom"): Place {
  return {
    name: `Jest ${version}, ${environment}`,
    packages: `jest${version}`,
    threads: "yes",
    ...(version === 29 ? { quick: true } : {}),
    run: async (project) => {
      await project.write({ "train.test.cjs": JEST_TEST });
      await project.tool("jest/bin/jest.js", "--env", environment, "--testMatch", "**/*.test.cjs");
      return told(project);
    },
  };
}

const VITEST_TEST = `
  import { writeFileSync } from "node:fs";
  import * as layerwise from "layerwise";
  import { test } from "vitest";
  import { trainEach } from "./train.js";
  test("trains", async () => {
    writeFileSync("told.json", JSON.stringify([...(await trainEach(layerwise, 1)), ...(await trainEach(layerwise, 2))]));
  }, 60000);
`;

function vitest(environment: string, pool: string): Place {
  return {
    name: `Vitest 4, ${environment}, ${pool}`,
    packages: "vitest",
    threads: "yes",
    run: async (project) => {
      // A configuration of its own: else one of a folder above is taken.
      await project.write({ "train.test.js": VITEST_TEST, "vitest.config.js": "export default {};" });
      const args = ["run", "--environment", environment, "--pool", pool];
      await project.tool("vitest/vitest.mjs", ...args);
      return told(project);
    },
  };
}

export const testRunners: readonly Place[] = [
  jest(29, "node"),
  jest(29, "jsdom"),
  jest(30, "node"),
  jest(30, "jsdom"),
  ...["node", "jsdom", "happy-dom"].flatMap((environment) =>
    ["forks", "threads", "vmThreads"].map((pool) => vitest(environment, pool)),
  ),
];
