import type { LocalRunner } from "../runner/local-runner.js";
import type { Round, RoundRunner } from "./round-runner.js";
import { errorOf, type RoundResult } from "./run-round-job.js";

/** Shards side by side on this machine's processes. */
export class LocalRounds implements RoundRunner {
  readonly #runner: LocalRunner;

  /** The runner stays its owner's to close. */
  constructor(runner: LocalRunner) {
    this.#runner = runner;
  }

  async runRound({ shards, average }: Round, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    for (const result of await Promise.all(shards.map((job) => this.#runner.run(job, options))))
      check(result);
    check(await this.#runner.run(average, options));
  }
}

function check(result: RoundResult): void {
  const error = errorOf(result);
  if (error !== undefined) throw error;
}
