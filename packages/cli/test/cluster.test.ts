// Rounds on this machine's processes, and what commands with a server say where there is none.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { layerwise } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-cli-cluster-"));
afterAll(() => rmSync(folder, { recursive: true }));
const data = join(folder, "houses.csv");
writeFileSync(
  data,
  `rooms,size,price\n${Array.from({ length: 120 }, (_, i) => `${i % 6},${(i * 37) % 50},${(i % 6) * 20 + ((i * 37) % 50)}`).join("\n")}\n`,
);

it("train --rounds: a model on two processes, a note of how, and nothing left behind", async () => {
  const output = join(folder, "model");
  const options = ["--rounds", "3", "--local-steps", "4", "--shards", "2", "--layers", "8", "--quiet"];
  const ended = await layerwise("train", data, "-t", "price", ...options, "--processes", "2", "-o", output);
  expect(ended.code, ended.errors).toBe(0);
  expect(readdirSync(output).sort()).toEqual(["metrics.json", "model.safetensors", "report.html"]);
  const { training } = JSON.parse(readFileSync(join(output, "metrics.json"), "utf8"));
  expect(training.networks).toMatchObject([{ epochs: 3 }]);
  expect(training.notes.join()).toContain("3 rounds of 4 steps on each of 2 shards");
}, 240_000);

it.each([
  [["--shards", "2"], "--shards: expected --rounds"],
  [["--rounds", "2", "--epochs", "3"], "epochs: expected none in rounds"],
  [["--rounds", "2", "--networks", "3"], "networks: expected none in rounds"],
  [["--rounds", "2", "--outer-momentum", "1"], "--outer-momentum"],
  [["--rounds", "2", "--redis", "http://me:s3cret@there"], "redis: expected an address"],
])("train %s is refused", async (options, text) => {
  const ended = await layerwise("train", data, "-t", "price", ...options, "-o", join(folder, "none"));
  expect(ended.code).toBe(2);
  expect(ended.errors).toContain(text);
  expect(ended.errors).not.toContain("s3cret");
});

it.each([["worker"], ["cluster", "status"]])(
  "%s without a server ends with a sentence, 6, and no password",
  async (...command) => {
    const ended = await layerwise(...command, "--redis", "redis://me:s3cret@127.0.0.1:9");
    expect(ended.code).toBe(6);
    expect(ended.errors.trim().split("\n")).toHaveLength(1);
    expect(ended.errors).toContain("redis://127.0.0.1:9/0");
    expect(ended.errors).not.toContain("s3cret");
  },
);
