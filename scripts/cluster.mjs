// npm run test:cluster: builds the command line, whose workers the test runs, and runs it.
import { inTerminal } from "./command.mjs";
import { buildDist } from "./dist.mjs";
import { buildDistOfPackages } from "./dist-of-packages.mjs";
import { main } from "./main.mjs";
import { root } from "./project.mjs";
import { findRedis } from "./redis.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  await buildDist();
  await buildDistOfPackages();
  await findRedis();
  const test = ["--import", "tsx", "packages/cluster/test/faults/main.ts", ...process.argv.slice(2)];
  process.exitCode = await inTerminal(process.execPath, test, { cwd: root });
});
