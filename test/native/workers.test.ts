// Workers that come and go: the engine's threads end with each, and nothing crashes when its file would be unloaded.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { IS_BUILT } from "./is-built.js";

it.runIf(IS_BUILT)(
  "200 workers load it, train and end: all say the same, and the process ends by itself",
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["test/native/many-workers.mjs"]);
    expect(JSON.parse(stdout)).toHaveLength(1);
  },
  300_000,
);
