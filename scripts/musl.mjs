// npm run test:musl -- node-of-musl: on Linux with zig, the native engine for musl, and trainings by it in that Node, which must come
// to the bits of WebAssembly here.
import { Failure } from "./command.mjs";
import { buildDist } from "./dist.mjs";
import { main } from "./main.mjs";
import { buildNative } from "./native.mjs";
import { setUp } from "./setup.mjs";
import { step } from "./step.mjs";
import { compareTrainings } from "./trainings.mjs";
import { crossByZig, findZig } from "./zig.mjs";

await main(async () => {
  const node = process.argv[2];
  if (node === undefined)
    throw new Failure("expected the path of a Node for musl, such as that of Alpine Linux");
  const zig = findZig();
  if (zig === undefined)
    throw new Failure("expected zig on the PATH, or PyPI's ziglang: pip install ziglang");
  await setUp();
  await buildDist();
  await buildNative(process.arch, crossByZig(zig, process.arch, "musl"));
  await step("trainings on musl", () => compareTrainings([node], "on musl"));
});
