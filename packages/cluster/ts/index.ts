/** Many trainings whose result is the same to the bit on any number of workers. */

export { type Rerun, type RerunOptions, rerunTrial } from "./coordinator/rerun-trial.js";
export { runStudy } from "./coordinator/run-study.js";
export type { RunStudyOptions, StudyOutcome, StudyProgress, Trial } from "./coordinator/run-study-options.js";
export { type Ensemble, type EnsembleOptions, trainEnsemble } from "./coordinator/train-ensemble.js";
export { discardJournal } from "./journal/discard-journal.js";
export { csvOf } from "./journal/export-csv.js";
export { optunaJournalOf } from "./journal/export-optuna.js";
export { type ReadJournal, readJournal } from "./journal/read-journal.js";
export {
  type ClosedRecord,
  contentOf,
  type DecisionRecord,
  type JournalRecord,
  type ResultRecord,
  type SessionRecord,
  type StudyRecord,
  type SuggestionRecord,
} from "./journal/records.js";
export { type JournaledStudy, readStudy } from "./journal/trials-of.js";
export { type RedisAddress, readAddress } from "./redis/address.js";
export type { WorkerFacts } from "./redis/registry.js";
export { type ClusterStatus, clusterStatus, type QueueStatus } from "./redis/status.js";
export type { Examples } from "./rounds/examples.js";
export type { AverageJob, ShardJob } from "./rounds/job.js";
export { LocalRounds } from "./rounds/local-rounds.js";
export { type OuterStep, PLAIN_AVERAGE, type RoundsPlan, type ShardFit } from "./rounds/plan.js";
export { inProcess, type Round, type RoundRunner } from "./rounds/round-runner.js";
export { type ModelRounds, trainModelInRounds } from "./rounds/train-model-in-rounds.js";
export {
  DILOCO,
  type RoundReport,
  type RoundsOptions,
  type RoundsOutcome,
  trainRounds,
} from "./rounds/train-rounds.js";
export { BullRunner, type BullRunnerOptions } from "./runner/bull-runner.js";
export type { Job, ResultOf } from "./runner/job.js";
export { LocalRunner, type LocalRunnerOptions } from "./runner/local-runner.js";
export type { Runner, RunOptions } from "./runner/runner.js";
export type { BlobStore } from "./store/blob-store.js";
export { FolderStore } from "./store/folder-store.js";
export { checkStudy, parameterText } from "./study/check-study.js";
export { mergedOptions, OPTION_NAMES } from "./study/option-table.js";
export { STUDY_SCHEMA } from "./study/schema.js";
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
export { buildOf } from "./trial/build.js";
export type { DataOptions, DataReference, FileReference, ReadingOptions } from "./trial/data-reference.js";
export { divideRows } from "./trial/divide-rows.js";
export { checkpointName, type Division, keyOf, modelName, type TrialJob } from "./trial/job.js";
export { dataName, openData, referToData } from "./trial/open-data.js";
export { csvOptionsOf, type Format, formatOf, readFileChunks, readFiles } from "./trial/read-files.js";
export type { RunFacts, TrialDone, TrialFailed, TrialProgress, TrialResult } from "./trial/result.js";
export { type RunTrialOptions, runTrial } from "./trial/run-trial.js";
export { trainOptionsOf } from "./trial/train-options.js";
export { VERSION } from "./version.js";
export { type RunningWorker, startWorker, type WorkerOptions } from "./worker/worker.js";
