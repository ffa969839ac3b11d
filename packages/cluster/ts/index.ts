/** Many trainings whose result is the same to the bit on any number of workers. */

export type { RunStudyOptions, StudyOutcome, StudyProgress, Trial } from "./coordinator/run-study-options.js";
export type { Runner, RunOptions } from "./runner/runner.js";
export type { BlobStore } from "./store/blob-store.js";
export type {
  Budget,
  Choices,
  Configuration,
  GridMethod,
  HalvingMethod,
  Method,
  Parameter,
  QuasiRandomMethod,
  RandomMethod,
  Range,
  Space,
  Study,
  TpeMethod,
  TrainingOptions,
  Value,
} from "./study/study.js";
export type { DataOptions, DataReference, FileReference, ReadingOptions } from "./trial/data-reference.js";
export { checkpointName, type Division, keyOf, modelName, type TrialJob } from "./trial/job.js";
export type { RunFacts, TrialDone, TrialFailed, TrialProgress, TrialResult } from "./trial/result.js";
export { VERSION } from "./version.js";
