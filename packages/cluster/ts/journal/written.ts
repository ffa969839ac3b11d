import { StateError } from "layerwise";
import type { StudyOutcome } from "../coordinator/run-study-options.js";
import type { Suggestion } from "../methods/search.js";
import { canonicalJson } from "../trial/canonical.js";
import type { TrialResult } from "../trial/result.js";
import type { Journal } from "./journal.js";
import type { DecisionRecord, JournalRecord, SuggestionRecord } from "./records.js";

/** What stands in a journal, so that a study that goes on writes each thing once, and finds what it said before. */
export class Written {
  readonly #journal: Journal;
  /** What was said before, by what it is about. */
  readonly #before = new Map<string, string>();
  readonly results: readonly TrialResult[];
  /** Of all sessions before. */
  readonly seconds: number;

  constructor(journal: Journal) {
    this.#journal = journal;
    const results = new Map<string, TrialResult>();
    let seconds = 0;
    for (const record of journal.records) {
      if (record.type === "closed") seconds += record.seconds;
      else if (record.type === "result") {
        const { type: _, ...result } = record;
        if (!results.has(result.key)) results.set(result.key, result);
      } else if (record.type === "suggestion" || record.type === "decision") {
        this.#before.set(subjectOf(record), canonicalJson(record));
      }
    }
    this.results = [...results.values()];
    this.seconds = seconds;
  }

  suggestion({ trial, rung, configuration, keys }: Suggestion & { readonly keys: readonly string[] }): void {
    this.#once({ type: "suggestion", trial, rung, configuration, keys });
  }

  result(result: TrialResult): void {
    this.#journal.append({ type: "result", ...result });
  }

  rung(stage: number, entries: readonly Suggestion[], promoted: readonly number[]): void {
    const trials = entries.map(({ trial }) => trial);
    this.#once({ type: "decision", what: "rung", stage, rung: entries[0]?.rung ?? 0, trials, promoted });
  }

  /** Unless the last session said the same. */
  end(reason: "trials" | "epochs" | "minutes", { best, trials }: StudyOutcome): void {
    const models = best?.results.flatMap((result) => (result.state === "done" ? [result.model] : [])) ?? [];
    const of = best?.value === undefined ? null : { trial: best.trial, value: best.value, models };
    const record: JournalRecord = { type: "decision", what: "end", reason, trials: trials.length, best: of };
    if (this.#before.get(subjectOf(record)) !== canonicalJson(record)) this.#journal.append(record);
  }

  #once(record: SuggestionRecord | DecisionRecord): void {
    const before = this.#before.get(subjectOf(record));
    if (before === undefined) {
      this.#journal.append(record);
      return;
    }
    const now = canonicalJson(record);
    if (before !== now) throw new StateError(`${this.#journal.path}: ${subjectOf(record)}`, before, now);
  }
}

function subjectOf(record: SuggestionRecord | DecisionRecord): string {
  if (record.type === "suggestion") return `suggestion of trial ${record.trial} on rung ${record.rung}`;
  return record.what === "rung" ? `decision on stage ${record.stage}` : "end";
}
