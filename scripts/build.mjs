// npm run build: everything up to dist/. npm run wasm: the .wasm files only. With the argument ndarray: the
// .wasm file that the benchmark compares with.
import { buildDist } from "./dist.mjs";
import { main } from "./main.mjs";
import { setUp } from "./setup.mjs";
import { buildWasm, buildWithNdarray } from "./wasm.mjs";

await main(async () => {
  if (process.argv[2] === "wasm") return buildWasm();
  if (process.argv[2] === "ndarray") return buildWithNdarray();
  await setUp();
  await buildDist();
});
