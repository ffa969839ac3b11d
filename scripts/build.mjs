// npm run build: everything up to dist/. npm run wasm: the .wasm files only.
import { buildDist } from "./dist.mjs";
import { main } from "./main.mjs";
import { setUp } from "./setup.mjs";
import { buildWasm } from "./wasm.mjs";

await main(async () => {
  if (process.argv[2] === "wasm") return buildWasm();
  await setUp();
  await buildDist();
});
