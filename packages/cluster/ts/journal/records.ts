import type { Configuration, Study } from "../study/study.js";
import type { DataReference } from "../trial/data-reference.js";
import type { TrialDone, TrialFailed } from "../trial/result.js";

/** A line of a journal. What is of one run alone, such as times and hosts, stands in `session`, `closed` and in fields named `run`. */
export type JournalRecord =
  | SessionRecord
  | ClosedRecord
  | StudyRecord
  | SuggestionRecord
  | ResultRecord
  | DecisionRecord;

/** A coordinator took the journal; it has it until it is closed or its process is gone. */
export interface SessionRecord {
  readonly type: "session";
  readonly session: string;
  readonly host: string;
  readonly pid: number;
  /** When the process began, as the system counts it: a later process of the same number is another. */
  readonly process: string;
  readonly at: string;
}

export interface ClosedRecord {
  readonly type: "closed";
  readonly session: string;
  readonly seconds: number;
}

/** What is searched: the first record but for sessions. */
export interface StudyRecord {
  readonly type: "study";
  readonly version: 1;
  readonly name: string;
  readonly id: string;
  readonly search: string;
  readonly build: string;
  readonly task: "numbers" | "classes";
  readonly metric: string;
  readonly direction: "minimize" | "maximize";
  /** Trainings of each configuration. */
  readonly trainings: number;
  readonly study: Omit<Study, "budget">;
  readonly run: { readonly data: DataReference; readonly folder: string };
}

export interface SuggestionRecord {
  readonly type: "suggestion";
  readonly trial: number;
  readonly rung: number;
  readonly configuration: Configuration;
  /** Of its trainings: two suggestions of one configuration share their results. */
  readonly keys: readonly string[];
}

export type ResultRecord = { readonly type: "result" } & (TrialDone | TrialFailed);

export type DecisionRecord =
  | {
      readonly type: "decision";
      readonly what: "rung";
      readonly stage: number;
      readonly rung: number;
      readonly trials: readonly number[];
      readonly promoted: readonly number[];
    }
  | {
      readonly type: "decision";
      readonly what: "end";
      readonly reason: "trials" | "epochs" | "minutes";
      readonly trials: number;
      readonly best: {
        readonly trial: number;
        readonly value: number;
        readonly models: readonly string[];
      } | null;
    };

/** What a journal says, without order and without what is of one run alone: of equal studies these are equal. */
export function contentOf(records: readonly JournalRecord[]): string[] {
  const isEnd = (record: JournalRecord) => record.type === "decision" && record.what === "end";
  const last = records.length - 1 - [...records].reverse().findIndex(isEnd);
  return records
    .filter(
      (record, i) => record.type !== "session" && record.type !== "closed" && (!isEnd(record) || i === last),
    )
    .map((record) => JSON.stringify({ ...record, run: undefined }))
    .sort();
}
