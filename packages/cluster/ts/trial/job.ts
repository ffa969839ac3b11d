import type { Configuration, TrainingOptions } from "../study/study.js";
import { hashOf } from "./canonical.js";
import type { DataReference } from "./data-reference.js";

/** Which rows are trained on, which evaluated on, and which kept for the end. */
export interface Division {
  readonly seed: number;
  /** Share that no trial sees; 0: none. */
  readonly test: number;
  /** Share of the others on which a trial is evaluated, or how many folds take turns; null: none. */
  readonly evaluation: { readonly share: number } | { readonly folds: number } | null;
  readonly groups: string | null;
  /** In the order of time: the rows', or that of a column's values. */
  readonly ordered: boolean | string;
}

/**
 * One training, as plain JSON: never code. Everything that its result depends on stands in it. Whatever runs it, how often and
 * where, the result is the same.
 */
export interface TrialJob {
  readonly version: 1;
  /** What {@link buildOf} says of the study's coordinator: another build refuses. */
  readonly build: string;
  /** SHA-256 of what all jobs of a study share. */
  readonly study: string;
  /** For people: the number of its configuration. The key doesn't depend on it. */
  readonly trial: number;
  readonly configuration: Configuration;
  /** The study's options with the configuration's among them. */
  readonly options: TrainingOptions;
  readonly target: readonly string[];
  /** Undefined where nothing is evaluated. */
  readonly metric: string | null;
  readonly seed: number;
  /** Which fold is evaluated on, from 0; null without folds. */
  readonly fold: number | null;
  /** From 0; a rung ends after `until` epochs of the training's own. */
  readonly rung: number;
  readonly until: number | null;
  /** Keys of the same training's earlier rungs, the last one first: from whose checkpoint it goes on, where there is one. */
  readonly before: readonly string[];
  /** Whether a checkpoint at its end is kept for a next rung, and whether the model is, both in the store. */
  readonly keepCheckpoint: boolean;
  readonly keepModel: boolean;
  readonly data: DataReference;
  readonly division: Division;
}

/** What a training's result is found by: the study, configuration, seed, fold and rung, as 32 hexadecimal digits. */
export function keyOf({
  study,
  configuration,
  seed,
  fold,
  rung,
}: Pick<TrialJob, "study" | "configuration" | "seed" | "fold" | "rung">): string {
  return hashOf({ study, configuration, seed, fold, rung }).slice(0, 32);
}

/** Where the store has a training's checkpoint and its model. */
export function checkpointName(key: string): string {
  return `checkpoints/${key}`;
}

export function modelName(key: string): string {
  return `models/${key}`;
}
