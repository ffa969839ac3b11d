import { runRoundJob } from "../rounds/run-round-job.js";
import { type RunTrialOptions, runTrial } from "../trial/run-trial.js";
import { isRoundJob, type Job, type ResultOf } from "./job.js";

/** Runs any job, in this process. */
export function runJob<One extends Job>(job: One, options: RunTrialOptions): Promise<ResultOf<One>> {
  const run = isRoundJob(job) ? runRoundJob(job, options) : runTrial(job, options);
  return run as Promise<ResultOf<One>>; // by the job, which the type follows from
}
