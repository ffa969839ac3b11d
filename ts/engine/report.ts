import type { Schema } from "./schema.js";

const NAMES = ["loss", "sum", "correct", "layer", "magnitude", "rate", "losses"] as const;

/** The index of each word of a report. */
export type Words = Readonly<Record<(typeof NAMES)[number], number>>;

/** Where a report's words stand, the first of them at `first`. */
export function wordsOfReport({ report }: Schema, first = 0): Words {
  return Object.fromEntries(NAMES.map((name) => [name, first + report.indexOf(name)])) as Words;
}

/** What a program says of its last run, read where its engine has it. */
export abstract class Report {
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  /** The numbers among which the words are. */
  protected abstract numbers(): Float64Array;

  get loss(): number {
    return this.#word(this.#words.loss);
  }

  set loss(value: number) {
    this.numbers()[this.#words.loss] = value;
  }

  get sum(): number {
    return this.#word(this.#words.sum);
  }

  get correct(): number {
    return this.#word(this.#words.correct);
  }

  get layer(): number {
    return this.#word(this.#words.layer);
  }

  get magnitude(): number {
    return this.#word(this.#words.magnitude);
  }

  get rate(): number {
    return this.#word(this.#words.rate);
  }

  losses(steps: number): Float64Array {
    const first = this.#words.losses;
    return this.numbers().slice(first, first + steps);
  }

  #word(at: number): number {
    return this.numbers()[at] ?? Number.NaN;
  }
}
