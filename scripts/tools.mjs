// wasm-pack and wasm-bindgen: those on the PATH if they are of the right version, else built from
// crates.io into .cache/tools, once.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ask, Failure, run, withPath } from "./command.mjs";
import { root } from "./project.mjs";
import { step } from "./step.mjs";

const folder = join(root, ".cache/tools");
const buildFolder = join(folder, "target"); // one for both, as they have dependencies in common

const TOOLS = [
  { program: "wasm-pack", crate: "wasm-pack", version: "0.15.1", options: [] },
  {
    program: "wasm-bindgen",
    crate: "wasm-bindgen-cli",
    version: lockedVersion("wasm-bindgen"), // the command and the crate share a format: one version for both
    options: ["--no-default-features"], // no TLS: only its test runner would use it
  },
];

/** Builds the tools that are missing; resolves to the PATH folder that they are in. */
export async function findTools(env) {
  const bin = join(folder, "bin");
  for (const tool of TOOLS) {
    const version = () => printedVersion(tool, withPath([bin], env));
    if (version() === tool.version) continue;
    await step(`${tool.program} ${tool.version}`, () => build(tool, env));
    if (version() !== tool.version) {
      throw new Failure(`${tool.program} --version: expected ${tool.version}, got ${version()}`);
    }
  }
  rmSync(buildFolder, { recursive: true, force: true });
  return bin;
}

function lockedVersion(crate) {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  return lock.match(new RegExp(`^name = "${crate}"\nversion = "(.*)"`, "m"))[1];
}

/** What a tool says of itself: "wasm-pack 0.15.1". */
function printedVersion({ program }, env) {
  return ask(program, ["--version"], { env })?.split(" ")[1];
}

async function build({ crate, version, options }, env) {
  const args = ["install", crate, "--version", version, "--root", folder, ...options];
  // Unoptimised they are built in a third of the time, and are as quick to use on a crate of this size.
  const quick = { ...env, CARGO_TARGET_DIR: buildFolder, CARGO_PROFILE_DEV_DEBUG: "0" };
  try {
    await run("cargo", [...args, "--debug", "--locked"], { env: quick });
  } catch {
    await run("cargo", [...args, "--debug"], { env: quick }); // a locked dependency is gone: a newer one does
  }
}
