import type { TrialJob } from "../trial/job.js";
import type { TrialProgress, TrialResult } from "../trial/result.js";

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrialProgress) => void;
}

/** Runs jobs: on this machine's processes, or on workers elsewhere. */
export interface Runner {
  /** How many it runs at a time: asked now and then, since workers come and go. */
  readonly slots: number;
  /**
   * Resolves to the job's result: a failed training is one too. A job whose worker dies is run again. Rejects where it can't be
   * run at all, and with the signal's reason when that is aborted.
   */
  run(job: TrialJob, options?: RunOptions): Promise<TrialResult>;
  close(): Promise<void>;
}
