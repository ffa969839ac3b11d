// npm run build: everything up to dist/. npm run wasm: the .wasm files only. With the argument benchmark:
// those of the benchmark. npm run native: the native engine's files. npm run native:pack [-- folder]: their npm packages.
import { join } from "node:path";
import { buildDist } from "./dist.mjs";
import { buildDistOfPackages } from "./dist-of-packages.mjs";
import { main } from "./main.mjs";
import { buildNative } from "./native.mjs";
import { buildPortable, packNative } from "./native-packages.mjs";
import { root } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { buildFast, buildForBenchmark, buildWasm } from "./wasm.mjs";

await main(async () => {
  if (process.argv[2] === "wasm") {
    await buildWasm();
    return buildFast();
  }
  if (process.argv[2] === "native") return buildNative();
  if (process.argv[2] === "native:pack") {
    await buildPortable();
    for (const tarball of await packNative(join(root, process.argv[3] ?? "out"))) console.log(tarball);
    return undefined;
  }
  if (process.argv[2] === "benchmark") return buildForBenchmark();
  await setUp();
  await buildDist();
  await buildDistOfPackages();
});
