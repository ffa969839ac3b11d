import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Dtype } from "layerwise";
import type { Span } from "../ts/engine/memory.js";
import { makeInstance } from "../ts/engine/wasm/builds.js";
import type { Instance } from "../ts/engine/wasm/instance.js";
import { WasmEngine } from "../ts/engine/wasm/wasm-engine.js";

/** What the builds with the crate's feature `benchmark` can run besides: crate/src/calls/operations/benchmark.rs. */
export interface BenchmarkOperations {
  product: {
    readonly c: Span;
    readonly a: Span;
    readonly b: Span;
    readonly m: number;
    readonly n: number;
    readonly k: number;
    /** 1 or 0. */
    readonly aTransposed: number;
    readonly bTransposed: number;
    readonly workspace: Span;
  };
  ndarrayProduct: {
    readonly c: Span;
    readonly a: Span;
    readonly b: Span;
    readonly m: number;
    readonly n: number;
    readonly k: number;
  };
  multiplyAddPeak: { readonly turns: number };
  rendezvous: { readonly turns: number };
}

declare module "../ts/engine/operations.js" {
  interface Operations extends BenchmarkOperations {}
}

const PLAIN: Readonly<Record<Dtype, URL>> = {
  float32: new URL("../target/benchmark/layerwise_bg.wasm", import.meta.url),
  float64: new URL("../target/benchmark-float64/layerwise_bg.wasm", import.meta.url),
};
const WITH_THREADS = new URL("../target/benchmark-threads/layerwise_bg.wasm", import.meta.url);

/** Brings these builds up to date. */
export function buildEngines(): void {
  execFileSync(process.execPath, ["scripts/build.mjs", "benchmark"], {
    cwd: fileURLToPath(new URL("../", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
}

const plain = new Map<Dtype, Promise<Instance>>();
let withThreads: Promise<Instance> | undefined;

/** The engine of one thread that all cases of a number type share. */
export async function benchmarkEngine(dtype: Dtype): Promise<WasmEngine> {
  const instance = plain.get(dtype) ?? makeInstance(PLAIN[dtype], dtype, "own memory");
  plain.set(dtype, instance);
  return engineOf(await instance, 1);
}

/** An engine of float32 and `threads` threads; all such engines are on one instance. */
export async function threadedEngine(threads: number): Promise<WasmEngine> {
  withThreads ??= makeInstance(WITH_THREADS, "float32", "shared memory");
  const instance = await withThreads;
  await instance.ensureThreads(threads);
  return engineOf(instance, threads);
}

function engineOf(instance: Instance, threads: number): WasmEngine {
  return new WasmEngine(instance, {
    backend: "wasm",
    instructionSet: "simd128",
    threads,
    simd: true,
    reason: "the benchmark's own build",
    backendReason: "the benchmark compares it",
    math: "exact",
    mathReason: "the benchmark compares it",
  });
}
