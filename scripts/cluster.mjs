// npm run test:cluster and bench:cluster: builds the command line, whose workers they run, and runs them.
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
  const [, , which, ...rest] = process.argv;
  const program = ["--import", "tsx", `packages/cluster/test/${which}/main.ts`, ...rest];
  process.exitCode = await inTerminal(process.execPath, program, { cwd: root });
});
