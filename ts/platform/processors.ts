import { nodeModule } from "./node-module.js";

/** How many threads this machine runs at a time. */
export async function availableThreads(): Promise<number> {
  if (typeof navigator === "object" && navigator.hardwareConcurrency > 0)
    return navigator.hardwareConcurrency;
  const os: typeof import("node:os") = await nodeModule("node:os");
  return os.availableParallelism?.() ?? os.cpus().length;
}
