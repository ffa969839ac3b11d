import type { Configuration } from "../study/study.js";

/** A configuration to train, up to the end of a rung. */
export interface Suggestion {
  readonly trial: number;
  readonly configuration: Configuration;
  readonly rung: number;
}

/** What came of it: a value of which less is better; undefined where training failed. */
export interface Outcome extends Suggestion {
  readonly value: number | undefined;
}

/** What a stage is planned from. */
export interface Seen {
  /** Of a stage before, whether it is complete or not. */
  suggestions(stage: number): readonly Suggestion[];
  /** Of a stage that {@link Search.needs}; in the order of its suggestions. */
  outcomes(stage: number): readonly Outcome[];
}

/**
 * A search, as stages of suggestions. A stage is a pure function of the stages that it needs, whole: so what is suggested
 * never depends on which result came first.
 */
export interface Search {
  /** How many stages there are. */
  readonly stages: number;
  /** How many trainings of configurations there will be, each rung counted. */
  readonly planned: number;
  /** Whether a stage may be planned only when all before it are. */
  readonly isOrdered: boolean;
  /** The stages that must be complete before this one is planned. */
  needs(stage: number): readonly number[];
  plan(stage: number, seen: Seen): readonly Suggestion[];
  /** Which of a stage's trials go on, where a rung was decided: for the journal. */
  promoted?(stage: number, outcomes: readonly Outcome[]): readonly number[] | undefined;
}

/** The trials from best to worst: equal ones by their numbers, failed ones left out. */
export function ranked(outcomes: readonly Outcome[]): (Outcome & { readonly value: number })[] {
  return outcomes
    .filter((outcome): outcome is Outcome & { readonly value: number } => outcome.value !== undefined)
    .sort((a, b) => a.value - b.value || a.trial - b.trial);
}
