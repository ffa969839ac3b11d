import { isRoundJob, type Job, type ResultOf } from "./job.js";

/** Seconds of training that lie ready for a process while its trainings are short, and at most so many of them. */
const READY = 0.1;
const MOST = 8;

/** Seconds of a training below which the next one lies ready, and above which it doesn't, since another process may have time. */
const SHORT = 0.5;
const LONG = 2;

/** The weight of the last training in the mean of how long they take. */
const LAST = 0.2;

/**
 * How many jobs a process should have besides the one that it trains, so that it doesn't wait for the next: some of short trials, none of
 * long ones, nor of rounds, whose shards are for as many processes as there are.
 */
export class Pace {
  #seconds = LONG;
  #ahead = 0;

  get ahead(): number {
    return this.#ahead;
  }

  /** Of a job that has ended. */
  note<One extends Job>(job: One, result: ResultOf<One>): void {
    if (isRoundJob(job) || !("run" in result)) {
      this.#ahead = 0;
      return;
    }
    this.#seconds += LAST * (result.run.seconds - this.#seconds);
    if (this.#seconds < SHORT) this.#ahead = Math.min(MOST, Math.max(1, Math.round(READY / this.#seconds)));
    else if (this.#seconds > LONG) this.#ahead = 0;
  }
}
