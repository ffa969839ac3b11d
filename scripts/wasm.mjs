// crate/ → a .wasm file and its JavaScript glue, one folder per build: for each number type one for one thread and one with
// threads, and of float32 the same with fast math.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
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

const KINDS = {
  one: { suffix: "", target: "wasm", features: "+simd128", link: [] },
  threads: {
    suffix: "-threads",
    target: "wasm-threads",
    features: "+simd128,+atomics,+bulk-memory",
    link: [...SHARED_MEMORY, ...THREAD_EXPORTS.map((name) => `--export=${name}`)],
  },
};

/** A file for each number type, since a network has one. */
const FLOAT32 = { suffix: "", features: ["float32"], kinds: ["one", "threads"] };
const FLOAT64 = { suffix: "-float64", features: ["float64"], kinds: ["one", "threads"] };

/**
 * Products fused with their sums, by instructions that not every WebAssembly has. The kernels alone are compiled for these, so
 * that std and all else are those of the other builds.
 */
const FAST = { suffix: "-fast", features: ["float32"], kinds: ["one", "threads"], kernels: "+relaxed-simd" };

/** layerwise/inline has one file for both. */
const INLINE = { suffix: "-inline", features: ["float32", "float64"], kinds: ["one"] };

export async function buildWasm() {
  await bringAllUpToDate("ts/engine/wasm/pkg", [FLOAT32, FLOAT64]);
}

/** Those of fast math, which nothing but `math: "fast"` needs. */
export async function buildFast() {
  await bringAllUpToDate("ts/engine/wasm/pkg", [FAST]);
}

export async function buildInline() {
  await bringAllUpToDate("ts/engine/wasm/pkg", [INLINE]);
}

/** The same with what only the benchmark runs: bare products, ndarray's own, and the peak they are measured by. */
export async function buildForBenchmark() {
  const all = [FLOAT32, { ...FLOAT64, kinds: ["one"] }];
  const builds = all.map((build) => ({ ...build, features: [...build.features, "benchmark"] }));
  await bringAllUpToDate("target/benchmark", builds);
}

/**
 * Kinds side by side, since the crate is one unit to the compiler, which takes one processor for it; the builds of a kind one
 * behind the other, since they share what cargo makes for them.
 */
async function bringAllUpToDate(folder, builds) {
  let found;
  const findAll = () => {
    found ??= findRust().then(async (rust) => ({ rust, tools: await findTools(rust.env) }));
    return found;
  };
  await Promise.all(
    Object.entries(KINDS).map(async ([name, kind]) => {
      for (const { suffix, features, kinds, kernels } of builds) {
        if (!kinds.includes(name)) continue;
        const cargo = ["--no-default-features", "--features", features.join(","), ...flagsOfKernels(kernels)];
        await bringUpToDate({ ...kind, folder: `${folder}${suffix}${kind.suffix}`, cargo }, findAll);
      }
    }),
  );
}

/** What has cargo compile the project's own crates with these features of the target besides. */
function flagsOfKernels(features) {
  if (features === undefined) return [];
  const flags = (name) => `profile.release.package.${name}.rustflags=["-Ctarget-feature=${features}"]`;
  const configs = ["layerwise-kernels", "layerwise-wasm"].flatMap((name) => ["--config", flags(name)]);
  return ["-Zprofile-rustflags", ...configs];
}

/** What the kernels are made of, for either engine. */
export const SOURCES = ["Cargo.toml", "Cargo.lock", "crate/Cargo.toml", "crate/src", "crate/wasm"];

/** A number that stands for these sources: both engines have it, and so the same kernels. */
export function buildNumber() {
  return Number.parseInt(hashOf(SOURCES).slice(0, 8), 16);
}

async function bringUpToDate(build, findAll) {
  const name = basename(build.folder).replace(/^pkg/, "wasm");
  const parts = {
    inputs: [...SOURCES, "scripts/wasm.mjs", "scripts/glue.mjs"],
    settings: build,
    outputs: [build.folder],
  };
  await stampedStep(name, parts, (found) => runWasmPack(build, found), findAll);
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
  await run("wasm-pack", ["build", "crate/wasm", ...args, ...names, ...build.cargo], {
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
