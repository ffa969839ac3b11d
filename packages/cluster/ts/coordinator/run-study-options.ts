import type { Runner } from "../runner/runner.js";
import type { Configuration } from "../study/study.js";
import type { TrialResult } from "../trial/result.js";
import type { OpenStudyOptions } from "./open-study.js";

/** What `runStudy(study, options): Promise<StudyOutcome>` takes. */
export interface RunStudyOptions extends OpenStudyOptions {
  /** Closed by who made it. */
  readonly runner: Runner;
  /** The path of the journal; a study goes on from what is in it. */
  readonly journal: string;
  /** Ends at the first failed trial with its error. Default false. */
  readonly failFast?: boolean;
  /** Goes on though the journal says that a coordinator on another host has it. Default false. */
  readonly takeOver?: boolean;
  /** Nothing new begins; what runs is given up; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StudyProgress) => void;
  /** Called with what is worth a line: a truncated journal, a worker that died. */
  readonly onNote?: (text: string) => void;
}

/** A configuration and what its trainings came to. */
export interface Trial {
  readonly trial: number;
  readonly configuration: Configuration;
  /** Of the highest rung that it reached. */
  readonly rung: number;
  /** The mean over repeats and folds; undefined where one failed, or isn't done. */
  readonly value: number | undefined;
  readonly results: readonly TrialResult[];
}

export interface StudyProgress {
  readonly best: Trial | undefined;
  /** Trainings by their state; `planned` where it is known how many there will be. */
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly planned: number | undefined;
  /** Since this session began, and an estimate of what is left. */
  readonly seconds: number;
  readonly secondsLeft: number | undefined;
}

export interface StudyOutcome {
  readonly best: Trial | undefined;
  readonly trials: readonly Trial[];
  readonly failed: number;
  /** Trainings that this session ran, the others having been in the journal. */
  readonly ran: number;
}
