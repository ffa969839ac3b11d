import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Dtype } from "layerwise";
import type { OperandMemory } from "./product.js";

/** C ← A·B by ndarray's own product (the crate matrixmultiply), and the memory in which it works. */
export interface NdarrayDot {
  readonly memory: OperandMemory;
  readonly dot: Record<Dtype, Dot>;
}

type Dot = (c: number, a: number, b: number, m: number, n: number, k: number) => void;

/** The build of the crate with its feature `benchmark`. */
const WASM = new URL("../target/benchmark/layerwise_bg.wasm", import.meta.url);

/** Its glue, as far as it is used here. */
interface Glue {
  initSync(options: { module: WebAssembly.Module }): {
    readonly memory: WebAssembly.Memory;
    readonly allocate: (bytes: number) => number;
    readonly release: (offset: number, bytes: number) => void;
    readonly ndarray_dot_f32: Dot;
    readonly ndarray_dot_f64: Dot;
  };
}

export const NO_NDARRAY = "its build of the crate is made by a benchmark that is not --quick";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Brings that build up to date. */
export function buildNdarray(): void {
  execFileSync(process.execPath, ["scripts/build.mjs", "ndarray"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Undefined where that build is not there: training has no need of it. */
export async function ndarrayDot(): Promise<NdarrayDot | undefined> {
  if (!existsSync(WASM)) return undefined;
  const glue: Glue = await import(new URL("layerwise.js", WASM).href);
  const wasm = glue.initSync({ module: await WebAssembly.compile(readFileSync(WASM)) });
  return {
    memory: {
      allocate: (bytes) => wasm.allocate(bytes) >>> 0,
      release: wasm.release,
      float32s: () => new Float32Array(wasm.memory.buffer),
      float64s: () => new Float64Array(wasm.memory.buffer),
    },
    dot: { float32: wasm.ndarray_dot_f32, float64: wasm.ndarray_dot_f64 },
  };
}
