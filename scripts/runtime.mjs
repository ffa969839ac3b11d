// node scripts/runtime.mjs deno|bun: the runtime that the tests try the package in. Prints its path, or why there
// is none and exits with 1. It comes from npm into .cache/runtimes, once.
import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ask, Failure, run } from "./command.mjs";
import { main } from "./main.mjs";
import { root } from "./project.mjs";

const { platform, arch } = process;
const exe = platform === "win32" ? ".exe" : "";

// Each runtime's npm package installs one of these, which holds the program itself, by an install script.
const RUNTIMES = {
  deno: {
    version: "2.9.6",
    package: `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`,
    file: `deno${exe}`,
  },
  bun: {
    version: "1.4.5",
    package: `@oven/bun-${exe ? "windows" : platform}-${arch === "arm64" ? "aarch64" : arch}`,
    file: `bin/bun${exe}`,
  },
};

await main(async () => {
  const runtime = RUNTIMES[process.argv[2]];
  if (runtime === undefined) throw new Failure(`expected one of ${Object.keys(RUNTIMES).join(", ")}`);
  const { version, file } = runtime;
  const folder = join(root, ".cache/runtimes", `${process.argv[2]}-${version}`);
  const path = join(folder, "node_modules", runtime.package, file);
  const runs = () => ask(path, ["--version"])?.includes(version);
  if (!runs()) await install(folder, `${runtime.package}@${version}`);
  if (!runs()) throw new Failure(`${path}: expected version ${version}, got one that doesn't run here`);
  console.log(path);
});

async function install(folder, name) {
  await mkdir(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}\n"); // npm installs where it finds one
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"];
  await run("npm", ["install", ...options, name], { cwd: folder });
}
