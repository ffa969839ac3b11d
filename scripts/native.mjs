// crate/ → the addon's files for this machine, one for each level of its processor.
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";
import { crateSources, findCargo, findRust } from "./toolchain.mjs";
import { buildNumber, SOURCES } from "./wasm.mjs";

/** The levels of an architecture that are built, and what rustc calls them. */
const LEVELS = {
  x64: { "x64-v3": "x86-64-v3", "x64-v4": "x86-64-v4" },
  arm64: { neon: "generic" },
};

/** What another machine's files are built with: its C library, cargo's target, rustc's flags, and the variables that name its linker. */
const CROSS = { libc: "gnu", target: undefined, arguments: [], flags: [], env: {} };

/** The folder of a platform's package. */
export function folderOf(arch, libc = "gnu") {
  return `packages/native/npm/linux-${arch}-${libc}`;
}

/** Why nothing can be built here; undefined where it can. */
export function whyNoNative() {
  const { platform, arch } = process;
  if (platform === "linux" && arch in LEVELS) return undefined;
  return `built on Linux alone, on x64 or arm64, and this is ${platform}-${arch}`;
}

/** @param cross - how it is built for another machine than this one */
export async function buildNative(arch = process.arch, cross = CROSS) {
  const obstacle = whyNoNative();
  if (obstacle !== undefined) {
    console.error(`native: ${obstacle}`);
    return;
  }
  const rust = cross.target === undefined ? findCargo().then((env) => ({ env })) : findRust();
  const bringUpToDate = ([level, cpu]) => {
    const output = `${folderOf(arch, cross.libc)}/layerwise.${level}.node`;
    const parts = {
      inputs: [...SOURCES, "crate/native", "scripts/native.mjs"],
      settings: [cpu, cross.target ?? null, cross.flags],
      outputs: [output],
    };
    return stampedStep(
      ["native", level, cross.target].filter(Boolean).join(" "),
      parts,
      (found) => build(cpu, output, found, cross),
      () => rust,
    );
  };
  // Side by side: the crate is one unit to the compiler, which takes one processor for it.
  await Promise.all(Object.entries(LEVELS[arch]).map(bringUpToDate));
}

/** @param found - the environment of cargo, and where std's sources are if it may have to build that */
async function build(cpu, output, found, cross) {
  const target = join(root, "target", ["native", cpu, cross.target].filter(Boolean).join("-")); // apart, since its flags are others
  const flags = [
    `-Ctarget-cpu=${cpu}`,
    ...cross.flags,
    // It stays when the last worker that uses it ends: its own threads may still be on their way out.
    "-Clink-arg=-Wl,-z,nodelete",
    `--remap-path-prefix=${root}=`,
    `--remap-path-prefix=${crateSources}=crates`,
    ...(found.library === undefined ? [] : [`--remap-path-prefix=${found.library}=std`]),
  ];
  const env = {
    ...found.env,
    ...cross.env,
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
