import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { CHROMIUM_FLAGS, findChromium } from "./test/browser/chromium.js";

const inNode: TestProjectInlineConfiguration = {
  test: {
    name: "node",
    include: ["test/**/*.test.ts"],
    env: { LAYERWISE_ENGINE: "wasm" },
    pool: "forks", // a process per file: a trap, a stuck kernel or a leaked worker stays in its own
    maxWorkers: Math.max(2, availableParallelism() - 1), // of two processors vitest would use one
    testTimeout: 60_000,
    hookTimeout: 60_000, // A busy machine takes longer than ten seconds to import the sources anew.
  },
};

/** Packages see the core as users do, by its name: here that is the sources. */
const BY_NAME = {
  alias: {
    layerwise: fileURLToPath(new URL("ts/index.ts", import.meta.url)),
    "@layerwise/data": fileURLToPath(new URL("packages/data/ts/index.ts", import.meta.url)),
    "@layerwise/cluster": fileURLToPath(new URL("packages/cluster/ts/index.ts", import.meta.url)),
  },
};

const ofPackages: TestProjectInlineConfiguration = {
  resolve: BY_NAME,
  test: {
    name: "packages",
    include: ["packages/*/test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
  },
};

/**
 * What is computed is tested once more in a page and by the native engine: the same files, which need nothing of Node. Kernels
 * by themselves aren't: a page runs the very file that Node does, and these files tell whether its bits are Node's.
 */
const ON_EVERY_ENGINE = [
  "bad-inputs",
  "batches",
  "determinism",
  "golden",
  "gradient-check",
  "notebook",
  "reference",
  "train-mlp",
  "whole-step",
];

function inChromium(executablePath: string): TestProjectInlineConfiguration {
  return {
    resolve: BY_NAME,
    test: {
      name: "chromium",
      include: [
        ...ON_EVERY_ENGINE.map((name) => `test/${name}.test.ts`),
        "packages/data/test/same-bits.test.ts",
      ],
      testTimeout: 240_000,
      hookTimeout: 240_000,
      fileParallelism: false,
      sequence: { groupOrder: 1 }, // after all of Node's: two browsers at a time would take each other's time
      browser: {
        enabled: true,
        provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_FLAGS } }),
        instances: [{ browser: "chromium" }],
        headless: true,
        screenshotFailures: false,
        connectTimeout: 240_000,
      },
    },
    // Found by vite while tests run, a package would make it load the page anew.
    optimizeDeps: {
      include: [
        "@noble/hashes/sha2.js",
        "@noble/hashes/utils.js",
        "hyparquet",
        "hyparquet-compressors",
        "jsfive",
        "papaparse",
        "pbf",
      ],
    },
    server: {
      headers: {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      },
    },
  };
}

/** Besides, what the kernels tests are for WebAssembly: whole trainings of every layer, rule and loss. */
const ON_NATIVE = [
  ...ON_EVERY_ENGINE,
  ...["accumulate", "custom-loss", "datasets", "layers/**/*", "losses", "mutations", "optimizers", "panels"],
  ...["native/math", "packed-inputs", "regression", "scaling/**/*", "schedules", "weight-average", "weights"],
];

const { levelsOf, processorFeatures } = createRequire(import.meta.url)("./packages/native/level.cjs");

/** The native engine's files that are built and that this processor can run, the best first. */
const LEVELS: readonly string[] =
  process.platform === "linux"
    ? levelsOf(processorFeatures()).filter((level: string) =>
        existsSync(
          new URL(`packages/native/npm/linux-${process.arch}-gnu/layerwise.${level}.node`, import.meta.url),
        ),
      )
    : [];

function onNative(level: string): TestProjectInlineConfiguration {
  const names = level === LEVELS[0] ? ON_NATIVE : ["determinism", "golden", "native/math"];
  return {
    test: {
      ...inNode.test,
      name: `native-${level}`,
      include: names.map((name) => `test/${name}.test.ts`),
      env: { LAYERWISE_ENGINE: "native", LAYERWISE_LEVEL: level },
    },
  };
}

const chromium = findChromium();

export default defineConfig({
  test: {
    projects: [
      inNode,
      ofPackages,
      ...LEVELS.map(onNative),
      ...(chromium === undefined ? [] : [inChromium(chromium)]),
    ],
  },
});
