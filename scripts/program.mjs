// node scripts/program.mjs <file.ts> [arguments]: set-up, then the program. Its `layerwise` is ts/, by the
// paths of tsconfig.json.
import { inTerminal } from "./command.mjs";
import { main } from "./main.mjs";
import { root } from "./project.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  await setUp();
  process.exitCode = await inTerminal(process.execPath, ["--import", "tsx", ...process.argv.slice(2)], {
    cwd: root,
  });
});
