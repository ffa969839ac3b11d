import type { TrialJob } from "../trial/job.js";
import type { TrialProgress, TrialResult } from "../trial/result.js";

/** To a trial's process. */
export type Order = { readonly type: "run"; readonly id: number; readonly job: TrialJob };

/** From it. `error`: it couldn't be run here, which is no result. */
export type Answer =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly id: number; readonly progress: TrialProgress }
  | { readonly type: "result"; readonly id: number; readonly result: TrialResult }
  | { readonly type: "error"; readonly id: number; readonly name: string; readonly message: string };
