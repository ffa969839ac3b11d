// redis-server for the tests of packages/cluster: the one on the PATH, else Debian's where it can be installed. Without it those tests are
// left out, which they say.
import { existsSync } from "node:fs";
import { ask, run } from "./command.mjs";
import { step } from "./step.mjs";

export async function findRedis() {
  if (ask("redis-server", ["--version"]) !== undefined) return;
  const isDebian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  if (!isDebian || process.getuid?.() !== 0) return;
  await step("redis-server", async () => {
    // RUNLEVEL: no service begins, since tests start servers of their own.
    const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" } };
    try {
      await run("apt-get", ["update"], options);
      await run("apt-get", ["install", "-y", "--no-install-recommends", "redis-server"], options);
    } catch (error) {
      return `could not be installed: ${error.message.trim().split("\n").at(-1)}`;
    }
  });
}
