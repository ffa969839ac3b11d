// crate/ → a .wasm file and its JavaScript glue, one folder per build.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ask, run, withPath } from "./command.mjs";
import { addBuild, allowManyInstances, dropNotes, dropSpareMemory, takeForeignModules } from "./glue.mjs";
import { root } from "./project.mjs";
import { hashOf } from "./stamp.mjs";
import { stampedStep } from "./step.mjs";
import { crateSources, findRust } from "./toolchain.mjs";
import { findTools } from "./tools.mjs";

const SHARED_MEMORY = ["--shared-memory", "--import-memory", "--max-memory=4294967296"];
// What wasm-bindgen asks for, and the stack pointer, which a worker sets to a stack of its own.
const THREAD_EXPORTS = [
  "__wasm_init_tls",
  "__tls_size",
  "__tls_align",
  "__tls_base",
  "__heap_base",
  "__stack_pointer",
];

// Without LLVM's rewriting of addresses in loops, a load's constant offset stays in the load: five additions
// fewer in a step of the matrix product.
const PLAIN_ADDRESSES = "-Cllvm-args=-disable-lsr";

// What is to be unrolled the sources unroll. LLVM would unroll every other loop by the number of its turns, at run time,
// for a twentieth of the file and no work's time.
const PLAIN_LOOPS = "-Cllvm-args=-unroll-runtime=false";

// A panic is a trap and no more: the texts, which nobody could read, would be a tenth of the file.
const SILENT_PANIC = ["-Cpanic=immediate-abort", "-Zunstable-options"];

const BUILDS = [
  {
    name: "wasm",
    folder: "ts/engine/wasm/pkg",
    target: "wasm",
    features: "+simd128",
    link: [],
  },
  {
    name: "wasm with threads",
    folder: "ts/engine/wasm/pkg-threads",
    target: "wasm-threads",
    features: "+simd128,+atomics,+bulk-memory",
    link: [...SHARED_MEMORY, ...THREAD_EXPORTS.map((name) => `--export=${name}`)],
  },
];

/** The same with what only the benchmark runs: bare products, ndarray's own, and the peak they are measured by. */
const BENCHMARK_BUILDS = BUILDS.map((build, i) => ({
  ...build,
  name: `${build.name}, for the benchmark`,
  folder: i === 0 ? "target/benchmark" : "target/benchmark-threads",
  cargo: ["--features", "benchmark"],
}));

export async function buildWasm() {
  await bringAllUpToDate(BUILDS);
}

export async function buildForBenchmark() {
  await bringAllUpToDate(BENCHMARK_BUILDS);
}

/** Side by side: the crate is one unit to the compiler, which takes one processor for it. */
async function bringAllUpToDate(builds) {
  let found;
  const findAll = () => {
    found ??= findRust().then(async (rust) => ({ rust, tools: await findTools(rust.env) }));
    return found;
  };
  await Promise.all(builds.map((build) => bringUpToDate(build, findAll)));
}

/** What the kernels are made of, for either engine. */
export const SOURCES = ["Cargo.toml", "Cargo.lock", "crate/Cargo.toml", "crate/src", "crate/wasm"];

/** A number that stands for these sources: both engines have it, and so the same kernels. */
export function buildNumber() {
  return Number.parseInt(hashOf(SOURCES).slice(0, 8), 16);
}

async function bringUpToDate(build, findAll) {
  const parts = {
    inputs: [...SOURCES, "scripts/wasm.mjs", "scripts/glue.mjs"],
    settings: build,
    outputs: [build.folder],
  };
  await stampedStep(build.name, parts, (found) => runWasmPack(build, found), findAll);
}

async function runWasmPack(build, { rust, tools }) {
  const number = buildNumber();
  const env = {
    ...withPath([tools], rust.wasmEnv),
    CARGO_TARGET_DIR: join(root, "target", build.target), // apart, so that none waits for another
    CARGO_ENCODED_RUSTFLAGS: rustFlags(build, rust).join("\x1f"),
    LAYERWISE_BUILD: `${number}`,
  };
  const out = join(env.CARGO_TARGET_DIR, build.folder);
  const folder = join(root, build.folder);
  // --mode force: no check for the installed target. The rest: only the glue and the .wasm come out.
  const args = ["--mode", "force", "--target", "web", "--release", "--no-opt", "--no-pack", "--no-gitignore"];
  const names = ["--out-dir", out, "--out-name", "layerwise"];
  await run("wasm-pack", ["build", "crate/wasm", ...args, ...names, ...(build.cargo ?? [])], {
    cwd: root,
    env,
  });
  allowManyInstances(join(out, "layerwise.js"));
  dropSpareMemory(join(out, "layerwise.js"));
  takeForeignModules(join(out, "layerwise.js"));
  addBuild(join(out, "layerwise.js"), number);
  dropNotes(join(out, "layerwise_bg.wasm"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  renameSync(out, folder); // whole or not at all, for whoever runs the sources meanwhile
}

function rustFlags({ features, link }, { wasmEnv, library }) {
  // Panic messages name source files: not where this machine keeps them, and std's as in the prebuilt one.
  const [, commit] = ask("rustc", ["-vV"], { env: wasmEnv }).match(/^commit-hash: (.*)$/m);
  const names = { [root]: "", [crateSources]: "crates", [library]: `/rustc/${commit}/library` };
  return [
    `-Ctarget-feature=${features}`,
    PLAIN_ADDRESSES,
    PLAIN_LOOPS,
    ...SILENT_PANIC,
    ...link.map((argument) => `-Clink-arg=${argument}`),
    ...Object.entries(names).map(([path, name]) => `--remap-path-prefix=${path}=${name}`),
  ];
}
