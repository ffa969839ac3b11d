import { type AverageJob, keyOfRound, type ShardJob } from "../rounds/job.js";
import type { RoundResult } from "../rounds/run-round-job.js";
import { keyOf, type TrialJob } from "../trial/job.js";
import type { TrialResult } from "../trial/result.js";

/** What a worker runs: plain JSON, never code. */
export type Job = TrialJob | ShardJob | AverageJob;

/** As it goes to a server: with what the store is known by, that its data and checkpoints lie in. */
export type SentJob = Job & { readonly store: string };

/** What it comes to. */
export type ResultOf<One extends Job> = One extends TrialJob ? TrialResult : RoundResult;

/** A part of a training in rounds, and not one by itself. */
export function isRoundJob(job: Job): job is ShardJob | AverageJob {
  return "kind" in job;
}

/** By which a job is known everywhere: run twice, it is one. */
export function keyOfJob(job: Job): string {
  return isRoundJob(job) ? keyOfRound(job) : keyOf(job);
}
