import { setMaxListeners } from "node:events";
import { StateError } from "layerwise";
import type { Journal } from "../journal/journal.js";
import { Written } from "../journal/written.js";
import type { Search, Suggestion } from "../methods/search.js";
import { epochsUntil, type ResolvedStudy } from "../study/resolve-study.js";
import { checkpointName } from "../trial/job.js";
import type { TrialFailed, TrialResult } from "../trial/result.js";
import { type Entry, Ledger } from "./ledger.js";
import { jobsOf, type KeyedJob } from "./make-jobs.js";
import type { RunStudyOptions, StudyOutcome, StudyProgress } from "./run-study-options.js";

/** Jobs that the runner has, for each that it runs at a time: so that none of its workers waits. */
const JOBS_PER_SLOT = 2;

/** Milliseconds from one word on how far it is to the next. */
const BETWEEN_WORDS = 100;

export interface StudyParts {
  readonly resolved: ResolvedStudy;
  readonly search: Search;
  readonly build: string;
  readonly journal: Journal;
}

/**
 * Suggest, run, write down, decide. A stage is planned when those that it needs are complete, jobs start in the order of their
 * planning; nothing but the search and the results decides what is planned.
 */
export class StudyRun {
  readonly #parts: StudyParts;
  readonly #options: RunStudyOptions;
  readonly #ledger: Ledger;
  readonly #written: Written;
  readonly #queue: KeyedJob[] = [];
  /** Keys of what is queued or running, and the stages that wait for each. */
  readonly #awaited = new Map<string, Set<number>>();
  readonly #stop = new AbortController();
  readonly #secondsBefore: number;
  #running = 0;
  #nextWord = 0;
  #firstUnplanned = 0;
  #epochs = 0;
  #reason: "trials" | "epochs" | "minutes" = "trials";
  #isFull = false;
  #ran = 0;
  #failed = 0;
  #settle: ((error?: unknown) => void) | undefined;

  constructor(parts: StudyParts, options: RunStudyOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#ledger = new Ledger(parts.resolved.direction);
    this.#written = new Written(parts.journal);
    this.#secondsBefore = this.#written.seconds;
    for (const result of this.#written.results) this.#know(result);
    setMaxListeners(0, this.#stop.signal); // one for each job that runs
  }

  /** Rejects with the signal's reason, an error of the runner or the journal's, or with the first failed trial if that is asked for. */
  async run(signal: AbortSignal): Promise<StudyOutcome> {
    const onAbort = () => this.#settle?.(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = (error) => {
          this.#settle = undefined;
          if (error === undefined) resolve();
          else reject(error);
        };
        if (signal.aborted) onAbort();
        else this.#go();
      });
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#stop.abort();
    }
    const outcome = {
      best: this.#ledger.best(),
      trials: this.#ledger.trials(),
      failed: this.#failed,
      ran: this.#ran,
    };
    this.#written.end(this.#reason, outcome);
    await this.#parts.journal.flush();
    return outcome;
  }

  #know(result: TrialResult): void {
    this.#ledger.results.set(result.key, result);
    if (result.state === "failed") this.#failed += 1;
  }

  /** Plans what can be planned and starts what there is room for; ends when nothing is left to do. */
  #go(): void {
    if (this.#settle === undefined) return;
    try {
      const most = JOBS_PER_SLOT * this.#options.runner.slots;
      while (this.#queue.length < most && this.#planNext());
      if (this.#isTimeOver()) this.#queue.length = 0;
      while (this.#running < most) {
        const next = this.#queue.shift();
        if (next === undefined) break;
        this.#start(next);
      }
      this.#tell();
      if (this.#running === 0) this.#settle();
    } catch (error) {
      this.#settle?.(error);
    }
  }

  #isTimeOver(): boolean {
    const { minutes } = this.#parts.resolved.study.budget ?? {};
    if (minutes === undefined || this.#secondsBefore + this.#parts.journal.seconds < 60 * minutes)
      return false;
    this.#reason = "minutes";
    return true;
  }

  /** Plans the first stage that can be; false where none can. */
  #planNext(): boolean {
    const { search, resolved } = this.#parts;
    if (this.#isFull || this.#isTimeOver()) return false;
    while (this.#ledger.isPlanned(this.#firstUnplanned)) this.#firstUnplanned += 1;
    for (let stage = this.#firstUnplanned; stage < search.stages; stage++) {
      if (this.#ledger.isPlanned(stage)) continue;
      if (search.needs(stage).every((before) => this.#ledger.isComplete(before))) {
        this.#plan(stage);
        return true;
      }
      // Which are within so many epochs can be told in the order of stages alone.
      if (search.isOrdered || resolved.study.budget?.epochs !== undefined) return false;
    }
    return false;
  }

  #plan(stage: number): void {
    const { resolved, search, build } = this.#parts;
    const entries: Entry[] = [];
    const suggestions = search.plan(stage, {
      suggestions: (before) => this.#ledger.entries(before),
      outcomes: (before) => this.#ledger.outcomes(before),
    });
    for (const suggestion of suggestions) {
      if (!this.#isWithinEpochs(suggestion)) break;
      const jobs = jobsOf(resolved, build, suggestion);
      const entry = { ...suggestion, keys: jobs.map(({ key }) => key) };
      entries.push(entry);
      this.#written.suggestion(entry);
      for (const keyed of jobs) this.#await(keyed, stage);
    }
    this.#ledger.plan(stage, entries);
    this.#decide(stage);
  }

  /** Counts a trial's epochs; false, from there on, where they would be too many. */
  #isWithinEpochs({ configuration, rung }: Suggestion): boolean {
    const { resolved } = this.#parts;
    const most = resolved.study.budget?.epochs;
    const before = rung === 0 ? 0 : epochsUntil(resolved, rung - 1);
    const epochs = (epochsUntil(resolved, rung, configuration.epochs) - before) * resolved.trainings.length;
    if (this.#isFull || (most !== undefined && this.#epochs + epochs > most)) {
      this.#isFull = true;
      this.#reason = "epochs";
      return false;
    }
    this.#epochs += epochs;
    return true;
  }

  #await(keyed: KeyedJob, stage: number): void {
    if (this.#ledger.results.has(keyed.key)) return;
    const stages = this.#awaited.get(keyed.key);
    if (stages !== undefined) {
      stages.add(stage);
      return;
    }
    this.#awaited.set(keyed.key, new Set([stage]));
    this.#queue.push(keyed);
  }

  #start({ key, job }: KeyedJob): void {
    this.#running += 1;
    const { runner } = this.#options;
    runner.run(job, { signal: this.#stop.signal }).then(
      (result) => this.#take(key, result, job.trial),
      (error: unknown) => {
        this.#running -= 1;
        this.#settle?.(error);
      },
    );
  }

  #take(key: string, result: TrialResult, trial: number): void {
    this.#running -= 1;
    if (this.#settle === undefined) return;
    this.#know({ ...result, key });
    this.#ran += 1;
    this.#written.result({ ...result, key });
    const stages = this.#awaited.get(key) ?? [];
    this.#awaited.delete(key);
    for (const stage of stages) this.#decide(stage);
    if (result.state === "failed" && this.#options.failFast === true)
      this.#settle(failedTrial(trial, result.error));
    this.#go();
  }

  /** Where a rung is complete, writes down which of its trials go on, and lets go of the others' checkpoints. */
  #decide(stage: number): void {
    if (!this.#ledger.isComplete(stage)) return;
    const entries = this.#ledger.entries(stage);
    const promoted = this.#parts.search.promoted?.(stage, this.#ledger.outcomes(stage));
    if (promoted !== undefined) this.#written.rung(stage, entries, promoted);
    const kept = new Set(promoted ?? []);
    const { store, onNote } = this.#options;
    const over = entries.filter(({ trial }) => !kept.has(trial)).flatMap((entry) => this.#keysUpTo(entry));
    for (const key of over) {
      store
        .delete(checkpointName(key))
        .catch((error: unknown) => onNote?.(`checkpoint ${key}: ${String(error)}`));
    }
  }

  /** Of a trial's trainings on all rungs up to its own, where there are rungs. */
  #keysUpTo(entry: Entry): string[] {
    const { resolved, build } = this.#parts;
    if (resolved.rungs.length === 1) return [];
    return jobsOf(resolved, build, entry).flatMap(({ key, job }) => [key, ...job.before]);
  }

  /** Now and then: to find the best takes a look at all trials. */
  #tell(): void {
    const now = performance.now();
    if (now < this.#nextWord && this.#running > 0) return;
    this.#nextWord = now + BETWEEN_WORDS;
    this.#options.onProgress?.(this.#progress());
  }

  #progress(): StudyProgress {
    const { search, resolved, journal } = this.#parts;
    const done = this.#ledger.results.size;
    const planned = search.planned * resolved.trainings.length;
    const { seconds } = journal;
    const left = this.#ran === 0 ? undefined : (seconds / this.#ran) * Math.max(0, planned - done);
    return {
      best: this.#ledger.best(),
      done: done - this.#failed,
      failed: this.#failed,
      running: Math.min(this.#running, this.#options.runner.slots),
      planned: resolved.study.budget?.epochs === undefined ? planned : undefined,
      seconds,
      secondsLeft: left,
    };
  }
}

/** What a study ends with at its first failed training, where that is asked for. */
function failedTrial(trial: number, { name, message }: TrialFailed["error"]): StateError {
  return new StateError(`trial ${trial}`, "one that trains", `${name}: ${message}`);
}
