// Rounds on this machine's processes, and what commands with a server say where there is none.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

it("train --rounds: the same model on one process and on two, a note of how, and nothing left behind", async () => {
  const models = [];
  for (const processes of ["1", "2"]) {
    const output = join(folder, processes);
    const options = ["--rounds", "3", "--local-steps", "4", "--shards", "2", "--layers", "8", "--quiet"];
    const ended = await layerwise(
      "train",
      data,
      "-t",
      "price",
      ...options,
      "--processes",
      processes,
      "-o",
      output,
    );
    expect(ended.code, ended.errors).toBe(0);
    expect(existsSync(join(output, "rounds"))).toBe(false);
    models.push(readFileSync(join(output, "model.safetensors")));
    const { training } = JSON.parse(readFileSync(join(output, "metrics.json"), "utf8"));
    expect(training.networks).toMatchObject([{ epochs: 3 }]);
    expect(training.notes.join()).toContain("3 rounds of 4 steps on each of 2 shards");
  }
  expect(models[0]?.equals(models[1] ?? Buffer.alloc(0))).toBe(true);
});

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
