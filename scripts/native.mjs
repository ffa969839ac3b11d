// crate/ → the addon's files for this machine, one for each level of its processor.
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";
import { crateSources, findCargo } from "./toolchain.mjs";
import { buildNumber, SOURCES } from "./wasm.mjs";

/** The levels of an architecture that are built, and what rustc calls them. */
const LEVELS = {
  x64: { "x64-v3": "x86-64-v3", "x64-v4": "x86-64-v4" },
  arm64: { neon: "generic" },
};

/** What another machine's files are built with: of cargo's target, and the variables that name its linker. */
const CROSS = { arguments: [], env: {}, target: undefined };

/** The folder of a platform's package. */
export function folderOf(arch) {
  return `packages/native/npm/linux-${arch}-gnu`;
}

/** Why nothing can be built here; undefined where it can. */
export function whyNoNative() {
  const { platform, arch } = process;
  if (platform === "linux" && arch in LEVELS) return undefined;
  return `built on Linux alone, on x64 or arm64, and this is ${platform}-${arch}`;
}

/** @param cross - how it is built for another architecture than this machine's */
export async function buildNative(arch = process.arch, cross = CROSS) {
  const obstacle = whyNoNative();
  if (obstacle !== undefined) {
    console.error(`native: ${obstacle}`);
    return;
  }
  const cargo = findCargo();
  const bringUpToDate = ([level, cpu]) => {
    const output = `${folderOf(arch)}/layerwise.${level}.node`;
    const parts = {
      inputs: [...SOURCES, "crate/native", "scripts/native.mjs"],
      settings: cpu,
      outputs: [output],
    };
    return stampedStep(
      `native ${level}`,
      parts,
      (env) => build(cpu, output, { ...env, ...cross.env }, cross),
      () => cargo,
    );
  };
  // Side by side: the crate is one unit to the compiler, which takes one processor for it.
  await Promise.all(Object.entries(LEVELS[arch]).map(bringUpToDate));
}

async function build(cpu, output, cargo, cross) {
  const target = join(root, "target", ["native", cpu, cross.target].filter(Boolean).join("-")); // apart, since its flags are others
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
  await run("cargo", ["build", "--profile", "native", "--package", "layerwise-native", ...cross.arguments], {
    cwd: root,
    env,
  });
  const file = join(root, output);
  copyFileSync(join(target, cross.target ?? "", "native/liblayerwise_native.so"), `${file}.new`);
  renameSync(`${file}.new`, file); // whole or not at all, for whoever has it loaded meanwhile
}
