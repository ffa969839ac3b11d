// Rounds on this machine's processes, and what commands with a server say where there is none.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { smallDisk } from "../../../test/small-disk.js";
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

/** What is written where there is too little room for it, and again where there is. */
const COMMANDS = [
  ["train --rounds", ["--rounds", "3", "--local-steps", "4", "--shards", "2", "--resume"], "rounds"],
  ["ensemble", ["--networks", "5", "--epochs", "2"], ".layerwise-store"],
] as const;

const disk = smallDisk(join(folder, "small-disk"), 2 ** 21);
if (disk === undefined) console.warn("SKIPPED: a full disk, since no file system may be mounted here");
afterAll(() => {
  if (disk !== undefined) execFileSync("umount", [disk]);
});

it.skipIf(disk === undefined).each(COMMANDS)(
  "%s on a full disk says before what is free, at the end where the training is, and the same command goes on",
  async (name, flags, store) => {
    const output = join(disk ?? "", name.replaceAll(/\W/g, ""));
    const [command = ""] = name.split(" ");
    const args = [
      command,
      data,
      "-t",
      "price",
      ...flags,
      "--layers",
      "256,128",
      "--processes",
      "1",
      "-o",
      output,
    ];
    mkdirSync(output);
    const filling = join(disk ?? "", "filling");
    writeFileSync(filling, new Uint8Array(2 ** 20));
    const full = await layerwise(...args);
    expect(full.code, full.errors).toBe(4);
    expect(full.errors).toMatch(/free in .*, where checkpoints and model may take/);
    const kept = `what is trained is kept in ${join(output, store)}, and the same command`;
    expect(full.errors).toContain("ENOSPC");
    expect(full.errors).toContain(kept);
    expect(existsSync(join(output, "model.safetensors"))).toBe(false);
    rmSync(filling);
    execFileSync("mount", ["-o", "remount,size=32m", disk ?? ""]);
    const again = await layerwise(...args);
    expect(again.code, again.errors).toBe(0);
    expect(again.errors).not.toContain("nothing to go on from");
    execFileSync("mount", ["-o", `remount,size=${2 ** 21}`, disk ?? ""]);
    const whole = join(folder, name);
    await layerwise(...args.slice(0, -1), whole);
    expect(readFileSync(join(output, "model.safetensors"))).toEqual(
      readFileSync(join(whole, "model.safetensors")),
    );
    rmSync(output, { recursive: true });
  },
  240_000,
);

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
