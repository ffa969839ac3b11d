// npm run test:sanitizers: on Linux, the kernels' tests under AddressSanitizer, at each width of vectors, and those that share work
// among threads under ThreadSanitizer.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ask, Failure, run } from "./command.mjs";
import { main } from "./main.mjs";
import { root } from "./project.mjs";
import { step } from "./step.mjs";
import { findRust } from "./toolchain.mjs";

const TARGETS = { x64: "x86_64-unknown-linux-gnu", arm64: "aarch64-unknown-linux-gnu" };
const target = process.platform === "linux" ? TARGETS[process.arch] : undefined;

/** Each sanitizer's features of the crate, and the tests by words of their names (all where there are none). */
const RUNS = [
  { sanitizer: "address", features: [] },
  { sanitizer: "address", features: ["lanes-256"] },
  { sanitizer: "address", features: ["lanes-512"] },
  { sanitizer: "thread", features: [], tests: ["threads", "thread", "gemm", "dense", "sweep", "gather"] },
];

await main(async () => {
  const env = await findRuntimes();
  for (const { sanitizer, features, tests = [] } of RUNS) {
    const name = [`${sanitizer} sanitizer`, ...features].join(", ");
    await step(name, () => test(env, sanitizer, features, tests));
  }
});

/** The environment of a Rust that has the sanitizers' runtimes. */
async function findRuntimes() {
  if (target === undefined)
    throw new Failure(`expected Linux on x64 or arm64, got ${process.platform}-${process.arch}`);
  const { env } = await findRust();
  const libraries = join(ask("rustc", ["--print", "sysroot"], { env }), "lib/rustlib", target, "lib");
  const isThere = (name) => readdirSync(libraries).some((file) => file.endsWith(`_rt.${name}.a`));
  if (existsSync(libraries) && isThere("asan") && isThere("tsan")) return { ...env, RUSTC_BOOTSTRAP: "1" };
  throw new Failure(
    `${libraries}: expected the sanitizers' runtimes (librustc-…_rt.asan.a and tsan.a), which Rust by rustup has`,
  );
}

/** Std is built with the same sanitizer: what it does to threads is seen too. */
async function test(env, sanitizer, features, tests) {
  const options = ["--package", "layerwise-kernels", "--lib", "--target", target, "-Zbuild-std"];
  const withFeatures = features.flatMap((feature) => ["--features", feature]);
  const output = await run("cargo", ["test", ...options, ...withFeatures, "--", ...tests], {
    cwd: root,
    env: {
      ...env,
      CARGO_TARGET_DIR: join(root, "target/sanitizers", sanitizer),
      CARGO_ENCODED_RUSTFLAGS: `-Zsanitizer=${sanitizer}`,
      // One test asks for more memory than there is, and those that panic leave what they had.
      ASAN_OPTIONS: "allocator_may_return_null=1:detect_leaks=0",
    },
  });
  return output.match(/^test result: .*$/m)[0];
}
