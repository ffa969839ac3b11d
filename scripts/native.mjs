// crate/ → the addon's files for this machine, one for each level of its processor.
import { copyFileSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";
import { crateSources, findCargo } from "./toolchain.mjs";
import { buildNumber, SOURCES } from "./wasm.mjs";

/** The levels that are built, and what rustc calls them. */
const LEVELS = { "x64-v3": "x86-64-v3", "x64-v4": "x86-64-v4" };

/** The one platform that this is built on. */
const PLATFORM = "linux-x64-gnu";

/** The folder of its package. */
const FOLDER = `packages/native/npm/${PLATFORM}`;

/** Why nothing can be built here; undefined where it can. */
export function whyNoNative() {
  const { platform, arch } = process;
  if (platform === "linux" && arch === "x64") return undefined;
  return `built on linux-x64 alone, and this is ${platform}-${arch}`;
}

export async function buildNative() {
  const obstacle = whyNoNative();
  if (obstacle !== undefined) {
    console.error(`native: ${obstacle}`);
    return;
  }
  const cargo = findCargo();
  const bringUpToDate = ([level, cpu]) => {
    const output = `${FOLDER}/layerwise.${level}.node`;
    const parts = {
      inputs: [...SOURCES, "crate/native", "scripts/native.mjs"],
      settings: cpu,
      outputs: [output],
    };
    return stampedStep(
      `native ${level}`,
      parts,
      (env) => build(cpu, output, env),
      () => cargo,
    );
  };
  // Side by side: the crate is one unit to the compiler, which takes one processor for it.
  await Promise.all(Object.entries(LEVELS).map(bringUpToDate));
}

async function build(cpu, output, cargo) {
  const target = join(root, "target", `native-${cpu}`); // apart, since its flags are others
  const flags = [
    `-Ctarget-cpu=${cpu}`,
    // It stays when the last worker that uses it ends: its own threads may still be on their way out.
    "-Clink-arg=-Wl,-z,nodelete",
    `--remap-path-prefix=${root}=`,
    `--remap-path-prefix=${crateSources}=crates`,
  ];
  const env = {
    ...cargo,
    CARGO_TARGET_DIR: target,
    CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"),
    LAYERWISE_BUILD: `${buildNumber()}`,
  };
  await run("cargo", ["build", "--profile", "native", "--package", "layerwise-native"], { cwd: root, env });
  mkdirSync(join(root, FOLDER), { recursive: true });
  const file = join(root, output);
  copyFileSync(join(target, "native/liblayerwise_native.so"), `${file}.new`);
  renameSync(`${file}.new`, file); // whole or not at all, for whoever has it loaded meanwhile
}
