import type { TrialProgress } from "../trial/result.js";
import type { Job, ResultOf } from "./job.js";

/** To a job's process. `giveUp`: it ends at the next step, its checkpoint kept, and rejects. */
export type Order =
  | { readonly type: "run"; readonly id: number; readonly job: Job }
  | { readonly type: "giveUp"; readonly id: number };

/** From it. `error`: it couldn't be run here, which is no result; with the parts of a StorageError, as of a full disk. */
export type Answer =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly id: number; readonly progress: TrialProgress }
  | { readonly type: "result"; readonly id: number; readonly result: ResultOf<Job> }
  | {
      readonly type: "error";
      readonly id: number;
      readonly name: string;
      readonly message: string;
      readonly storage?: Readonly<Record<"path" | "expected" | "got", string>>;
    };
