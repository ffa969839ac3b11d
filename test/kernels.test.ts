// The kernels through the seam against plain loops, in Node and in a page alike. Their finer tests are in crate/src.
import { afterAll, describe, it } from "vitest";
import { checkKernels, KERNEL_CHECKS, type KernelCheck, type KernelTask } from "./kernels/checks.js";
import type { KernelAnswer } from "./kernels/worker.js";

let worker: Worker | undefined;
afterAll(() => worker?.terminate());

/** In a page's worker: a page itself may not wait for threads. */
async function checkInWorker(task: KernelTask): Promise<void> {
  worker ??= new Worker(new URL("./kernels/worker.ts", import.meta.url), { type: "module" });
  const { failure } = await new Promise<KernelAnswer>((resolve, reject) => {
    if (worker === undefined) return;
    worker.onmessage = ({ data }: MessageEvent<KernelAnswer>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
    worker.postMessage(task);
  });
  if (failure !== undefined) throw new Error(failure);
}

const inPage = typeof document === "object";
const names = Object.keys(KERNEL_CHECKS) as KernelCheck[];

describe.each([1, 2])("on %i thread(s)", (threads) => {
  describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
    it.each(names)("%s", (check) => {
      const run = inPage && threads > 1 ? checkInWorker : checkKernels;
      return run({ check, dtype, threads });
    });
  });
});
