// A Rust that can build for WebAssembly: the one on the PATH, with what rustup adds to it, else Debian's.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ask, Failure, run, withPath } from "./command.mjs";
import { root } from "./project.mjs";

const OLDEST = readFileSync(join(root, "crate/Cargo.toml"), "utf8").match(/^rust-version = "(.*)"/m)[1];

const DEBIAN = {
  packages: ["rustc-web", "cargo-web", "rust-web-src", "lld-19"],
  checkers: ["rust-web-clippy", "rustfmt-web"],
  library: "/usr/lib/rustlib/src/rust/library",
  linker: "/usr/bin/wasm-ld-19",
};

const ADVICE = `Layerwise's kernels are written in Rust, and no Rust that can build them for WebAssembly is here.
Install Rust ${OLDEST} or newer with rustup (https://rustup.rs), then:
  rustup component add rust-src
or, on Debian 12, be root and run this again: it installs Debian's packages ${DEBIAN.packages.join(" ")}`;

/** Makes cargo build std itself, by a stable Rust too: the prebuilt one knows no atomics, and panics aloud. */
const BUILD_STD = { RUSTC_BOOTSTRAP: "1", CARGO_UNSTABLE_BUILD_STD: "std,panic_abort" };

/** `env`: for any cargo; `wasmEnv`: for one that builds for WebAssembly; `library`: where std's sources are. */
export async function findRust() {
  return (isNewEnough("rustc") && ownRust()) || (await debianRust());
}

/** The environment for native work: any cargo will do. */
export async function findCargo() {
  return isNewEnough("cargo") ? process.env : (await debianRust()).env;
}

/** `cargo --version` and `rustc --version` print, say, "rustc 1.95.0 (59807616e 2026-04-14)". */
function isNewEnough(program) {
  const version = ask(program, ["--version"])?.match(/ (\d+)\.(\d+)/);
  if (!version) return false;
  const [major, minor] = OLDEST.split(".").map(Number);
  return version[1] > major || (version[1] >= major && version[2] >= minor);
}

function ownRust() {
  const env = process.env;
  const library = join(ask("rustc", ["--print", "sysroot"]), "lib/rustlib/src/rust/library");
  const hasLibrary = () => library !== DEBIAN.library && existsSync(library);
  if (hasLibrary() || (rustupAddsLibrary() && hasLibrary())) {
    return { env, wasmEnv: { ...env, ...BUILD_STD }, library };
  }
}

function rustupAddsLibrary() {
  return ask("rustup", ["component", "add", "rust-src"], { timeout: 300_000 }) !== undefined;
}

async function debianRust() {
  if (!hasDebianRust()) await installDebianRust();
  if (!hasDebianRust()) throw new Failure(ADVICE);

  // A folder of links, since /usr/bin as a whole would put all else that is there first as well.
  const links = join(root, ".cache/debian-rust");
  mkdirSync(links, { recursive: true });
  for (const program of ["cargo", "rustc"]) {
    rmSync(join(links, program), { force: true });
    symlinkSync(join("/usr/bin", program), join(links, program));
  }
  const env = withPath([links]);
  const linker = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: DEBIAN.linker };
  return { env, wasmEnv: { ...env, ...BUILD_STD, ...linker }, library: DEBIAN.library };
}

function hasDebianRust() {
  const files = [DEBIAN.library, DEBIAN.linker, "/usr/bin/cargo"];
  return files.every((file) => existsSync(file)) && isNewEnough("/usr/bin/rustc");
}

async function installDebianRust() {
  const isDebian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  if (!isDebian || process.getuid() !== 0) throw new Failure(ADVICE);
  const packages = isNewEnough("cargo") ? DEBIAN.packages : [...DEBIAN.packages, ...DEBIAN.checkers];
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  try {
    await run("apt-get", ["update"], options);
    await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], options);
  } catch (error) {
    throw new Failure(`${error.message}\n\n${ADVICE}`);
  }
}

/** Where cargo keeps the sources of crates. */
export const crateSources = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry/src");
