// A page's worker: unlike the page, it may wait, and so use threads.
import { checkKernels, type KernelTask } from "./checks.js";

/** What a worker answers: the error of a check that failed. */
export interface KernelAnswer {
  readonly failure: string | undefined;
}

globalThis.onmessage = async ({ data }: MessageEvent<KernelTask>) => {
  const answer = (failure: KernelAnswer["failure"]) => postMessage({ failure } satisfies KernelAnswer);
  try {
    await checkKernels(data);
    answer(undefined);
  } catch (error) {
    answer(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
};
