import type { TrialFailed } from "../trial/result.js";

/** What a study ends with at its first failed trial, where that is asked for. */
export class FailedTrial extends Error {
  override readonly name = "FailedTrial";
  readonly trial: number;

  constructor(trial: number, { error }: TrialFailed) {
    super(`trial ${trial} failed: ${error.name}: ${error.message}`);
    this.trial = trial;
  }
}
