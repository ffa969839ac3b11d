// npm run test:everywhere [-- words of places' names]: set-up, dist/, then the package in every place that people put it.
import { inTerminal } from "./command.mjs";
import { buildDist } from "./dist.mjs";
import { main } from "./main.mjs";
import { buildNative } from "./native.mjs";
import { root } from "./project.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  await buildNative();
  await buildDist();
  const program = ["--import", "tsx", "test/package/everywhere.ts", ...process.argv.slice(2)];
  process.exitCode = await inTerminal(process.execPath, program, { cwd: root });
});
