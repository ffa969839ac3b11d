import { FormatError } from "layerwise";
import { Ledger } from "../coordinator/ledger.js";
import type { Trial } from "../coordinator/run-study-options.js";
import { readJournal } from "./read-journal.js";
import type { DecisionRecord, StudyRecord } from "./records.js";

/** What a journal says of its study, complete or not. */
export interface JournaledStudy {
  readonly study: StudyRecord;
  /** Those that are done, by their numbers. */
  readonly trials: readonly Trial[];
  readonly best: Trial | undefined;
  /** Trainings that were suggested and aren't done. */
  readonly open: number;
  /** Why it ended; undefined where it didn't, or goes on. */
  readonly end: Extract<DecisionRecord, { what: "end" }> | undefined;
  /** Of all sessions that were closed. */
  readonly seconds: number;
}

/** Reads a journal without taking it. Raises StorageError, or FormatError for a file that is none. */
export async function readStudy(path: string): Promise<JournaledStudy> {
  const { records } = await readJournal(path);
  const study = records.find((record) => record.type === "study");
  if (study === undefined) throw new FormatError("json", 0, path, "a journal with a study", "none");
  const ledger = new Ledger(study.direction);
  let [stage, seconds] = [0, 0];
  let end: JournaledStudy["end"];
  const keys = new Set<string>();
  for (const record of records) {
    if (record.type === "suggestion") {
      end = undefined; // A larger budget goes on.
      ledger.plan(stage++, [record]);
      for (const key of record.keys) keys.add(key);
    } else if (record.type === "result" && !ledger.results.has(record.key))
      ledger.results.set(record.key, record);
    else if (record.type === "decision" && record.what === "end") end = record;
    else if (record.type === "closed") seconds += record.seconds;
  }
  const open = [...keys].filter((key) => !ledger.results.has(key)).length;
  return { study, trials: ledger.trials(), best: ledger.best(), open, end, seconds };
}
