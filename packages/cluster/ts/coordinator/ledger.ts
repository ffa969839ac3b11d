import type { Outcome, Suggestion } from "../methods/search.js";
import type { TrialResult } from "../trial/result.js";
import type { Trial } from "./run-study-options.js";

/** A suggestion and its trainings' keys. */
export interface Entry extends Suggestion {
  readonly keys: readonly string[];
}

/** Suggestions by their stages and results by their keys: all that a study knows. */
export class Ledger {
  readonly results = new Map<string, TrialResult>();
  readonly #stages = new Map<number, readonly Entry[]>();
  readonly #sign: 1 | -1;

  constructor(direction: "minimize" | "maximize") {
    this.#sign = direction === "minimize" ? 1 : -1;
  }

  plan(stage: number, entries: readonly Entry[]): void {
    this.#stages.set(stage, entries);
  }

  entries(stage: number): readonly Entry[] {
    const entries = this.#stages.get(stage);
    if (entries === undefined) throw new RangeError(`stage ${stage} isn't planned`);
    return entries;
  }

  isPlanned(stage: number): boolean {
    return this.#stages.has(stage);
  }

  isComplete(stage: number): boolean {
    return this.#stages.get(stage)?.every((entry) => this.isDone(entry)) ?? false;
  }

  isDone({ keys }: Entry): boolean {
    return keys.every((key) => this.results.has(key));
  }

  /** With values of which less is better. */
  outcomes(stage: number): Outcome[] {
    return this.entries(stage).map((entry) => {
      const value = this.valueOf(entry);
      return { ...entry, value: value === undefined ? undefined : this.#sign * value };
    });
  }

  /** The mean of its trainings, summed in their order; undefined where one failed or isn't done. */
  valueOf({ keys }: Entry): number | undefined {
    let sum = 0;
    for (const key of keys) {
      const result = this.results.get(key);
      if (result?.state !== "done") return undefined;
      sum += result.value;
    }
    return sum / keys.length;
  }

  /** Each trial at the highest rung that it was done on, by their numbers. */
  trials(): Trial[] {
    const trials = new Map<number, Entry>();
    for (const entries of this.#stages.values()) {
      for (const entry of entries) {
        if (this.isDone(entry) && entry.rung >= (trials.get(entry.trial)?.rung ?? 0))
          trials.set(entry.trial, entry);
      }
    }
    return [...trials.values()].sort((a, b) => a.trial - b.trial).map((entry) => this.#trialOf(entry));
  }

  /** Of those on the highest rung that any reached the one with the best value; of equal ones the first. */
  best(): Trial | undefined {
    let best: { readonly entry: Entry; readonly value: number } | undefined;
    for (const entries of this.#stages.values()) {
      for (const entry of entries) {
        const value = this.valueOf(entry);
        if (value !== undefined && this.#isBetter({ entry, value }, best)) best = { entry, value };
      }
    }
    return best && this.#trialOf(best.entry);
  }

  #isBetter(
    one: { entry: Entry; value: number },
    best: { entry: Entry; value: number } | undefined,
  ): boolean {
    if (best === undefined || one.entry.rung !== best.entry.rung)
      return one.entry.rung > (best?.entry.rung ?? -1);
    const apart = this.#sign * (one.value - best.value);
    return apart < 0 || (apart === 0 && one.entry.trial < best.entry.trial);
  }

  #trialOf(entry: Entry): Trial {
    const { trial, configuration, rung, keys } = entry;
    const results = keys.flatMap((key) => this.results.get(key) ?? []);
    return { trial, configuration, rung, value: this.valueOf(entry), results };
  }
}
