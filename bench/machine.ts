import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem, type } from "node:os";

/** Where and with what the numbers were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly layerwise: string;
  /** The WebAssembly build. */
  readonly build: string;
}

export function describeMachine(): Machine {
  const manifest: { version: string } = JSON.parse(read("../package.json").toString());
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    layerwise: manifest.version,
    build: `simd128, ${Math.round(read("../ts/engine/wasm/pkg/layerwise_bg.wasm").length / 1000)} KB`,
  };
}

function read(path: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(path, import.meta.url));
}
