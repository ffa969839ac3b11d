import { fileURLToPath } from "node:url";
import type { PeerCommand } from "./peer-process.js";

const LIBRARIES = ["numpy", "torch", "tensorflow", "jax", "sklearn"] as const;

/** What each library is called among the results. */
const LIBRARY_NAMES: Record<(typeof LIBRARIES)[number], string> = {
  numpy: "numpy",
  torch: "pytorch",
  tensorflow: "tensorflow",
  jax: "jax",
  sklearn: "scikit-learn",
};

/** Backends that are machine code of this very processor, with vectors as long as it has. */
export const NATIVE: ReadonlySet<string> = new Set(Object.values(LIBRARY_NAMES));

/** Needs no package, hence is always there. */
export const PLAIN = inNode("plain-typescript", "plain.ts");

/** Layerwise itself in a page, beside what runs there too. */
export const IN_CHROMIUM = "layerwise-chromium";

/** All whom Layerwise is compared with on `threads` threads. */
export function peersOn(threads: number): readonly PeerCommand[] {
  const several = [
    inNode("tfjs-wasm", "tfjs.ts", "wasm", "layers", `${threads}`),
    inNode("tfjs-wasm-core", "tfjs.ts", "wasm", "core", `${threads}`),
    inNode(IN_CHROMIUM, "chromium.ts", "layerwise", `${threads}`),
    inNode("jax-js-chromium", "chromium.ts", "jax-js", `${threads}`),
    ...LIBRARIES.map((library) => inPython(library, threads)),
  ];
  if (threads > 1) return several;
  return [
    ...several,
    inNode("tfjs-cpu", "tfjs.ts", "cpu", "layers", "1"),
    inNode("jax-js", "jax.ts"),
    inNode("brain.js", "brain.ts"),
    PLAIN,
  ];
}

/** With whom layers.ts compares. */
export function pyTorch(threads: number): PeerCommand {
  return inPython("torch", threads);
}

/** A peer in this very Node, with the flags by which it runs TypeScript. */
function inNode(backend: string, file: string, ...args: string[]): PeerCommand {
  return {
    backend,
    program: process.execPath,
    args: [...process.execArgv, pathOf(file), ...args],
    env: process.env,
  };
}

function inPython(library: (typeof LIBRARIES)[number], threads: number): PeerCommand {
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: "1",
    OMP_NUM_THREADS: `${threads}`,
    OPENBLAS_NUM_THREADS: `${threads}`,
    MKL_NUM_THREADS: `${threads}`,
    XLA_FLAGS: `--xla_cpu_multi_thread_eigen=${threads > 1}`,
    // OpenBLAS finds out about the processor by itself; what may be set here could only mislead it.
    OPENBLAS_CORETYPE: undefined,
    OPENBLAS_L2_SIZE: undefined,
  };
  const args = [pathOf("serve.py"), library, `${threads}`];
  return { backend: LIBRARY_NAMES[library], program: "python3", args, env };
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
