// npm test: set-up, then every check and every test, to the end even if one fails. The last line is
// "N passed, N failed": the tests of cargo and vitest, and one failed for each other step that fails.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ask, Failure, inTerminal, run } from "./command.mjs";
import { buildDist } from "./dist.mjs";
import { buildDistOfPackages } from "./dist-of-packages.mjs";
import { main } from "./main.mjs";
import { buildNative, whyNoNative } from "./native.mjs";
import { root } from "./project.mjs";
import { findRedis } from "./redis.mjs";
import { setUp } from "./setup.mjs";
import { step } from "./step.mjs";
import { findCargo } from "./toolchain.mjs";

const KERNELS = ["--package", "layerwise-kernels"];

/** Widths that are emulated, and the native engine's level that has them. */
const EMULATED = { "lanes-256": "x64-v3", "lanes-512": "x64-v4" };

const { levelsOf, processorFeatures } = createRequire(import.meta.url)("../packages/native/level.cjs");
const levels = whyNoNative() === undefined ? levelsOf(processorFeatures()) : [];

const total = { passed: 0, failed: 0 };

await main(async () => {
  await setUp();
  await buildNative();
  await buildDist();
  await buildDistOfPackages();
  await findRedis();
  const env = await findCargo();
  await check("rustfmt", () => cargoTool(env, "fmt", ["--check"]));
  await check("clippy", () => cargoTool(env, "clippy", ["--all-targets", "--", "-D", "warnings"]));
  await check("cargo deny", () => cargoTool(env, "deny", ["check", "licenses", "bans", "sources"]));
  await check("biome", () => npm("lint"));
  await check("types", () => npm("typecheck"));
  await check("cargo test", () => cargoTest(env, ...KERNELS));
  for (const [lanes, level] of Object.entries(EMULATED)) {
    if (levels.includes(level)) continue; // vitest runs them on the processor's own vectors
    await check(`cargo test, ${lanes}`, () => cargoTest(env, ...KERNELS, "--features", lanes));
  }
  await check("vitest", vitest);
  if (existsSync(join(root, "bench"))) await check("bench", () => npm("bench", "--", "--quick"));
  if (total.failed > 0) process.exitCode = 1;
});
if (process.exitCode) total.failed ||= 1; // the set-up
console.log(`\n${total.passed} passed, ${total.failed} failed`);

/** A step whose failure is shown and counted, unless its own tests were counted as failed. */
async function check(name, work) {
  const failedBefore = total.failed;
  try {
    await step(name, work);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`${error.message}\n${name}: failed`);
    if (total.failed === failedBefore) total.failed += 1;
  }
}

async function npm(script, ...args) {
  await run("npm", ["run", "--silent", script, ...args], { cwd: root });
}

async function cargoTool(env, tool, args) {
  if (ask("cargo", [tool, "--version"], { env }) === undefined) return `skipped, no cargo-${tool} here`;
  await run("cargo", [tool, ...args], { cwd: root, env });
}

async function cargoTest(env, ...args) {
  const test = run("cargo", ["test", "--no-fail-fast", ...args], { cwd: root, env });
  const output = await test.catch((failure) => failure.output);
  let passed = 0;
  for (const [, ok, failed] of output.matchAll(/^test result: .* (\d+) passed; (\d+) failed/gm)) {
    passed += Number(ok);
    total.failed += Number(failed);
  }
  total.passed += passed;
  await test;
  return `${passed} passed`;
}

async function vitest() {
  const report = join(root, ".cache/vitest.json");
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await inTerminal(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...reporters], {
    cwd: root,
  });
  if (existsSync(report)) {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    total.passed += numPassedTests;
    total.failed += numFailedTests;
  }
  if (code !== 0) throw new Failure(`vitest ended with ${code}`);
}
