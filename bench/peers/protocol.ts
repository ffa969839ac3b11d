import type { ProblemMessage } from "./problem.js";

// A peer is a process that reads a request a line from standard input and answers each with a line on
// standard output, all of it JSON. Its first line, unasked, says what it is. serve.ts and serve.py are its
// side, peer-process.ts is ours.

/** What a peer says first. */
export type Hello =
  | {
      readonly version: string;
      readonly dtype: "float32" | "float64";
      readonly threads: number;
      /** What it does differently from Layerwise, in a few words. */
      readonly note?: string;
    }
  | { readonly absent: string };

/** A peer works on several problems, of which each has the name of its work. */
export type Request = { readonly work: string } & (
  | { readonly op: "prepare"; readonly problem: ProblemMessage }
  /** Losses before the first `steps` updates, batch after batch in the data's order; only after `prepare`. */
  | { readonly op: "check"; readonly steps: number }
  /** So many updates, pass after pass, each in a new random order where it has more than one batch. */
  | { readonly op: "train"; readonly steps: number }
);

/** `losses` answers `check`; a peer whose loss is another one gives its `outputs` for the first batch instead. */
export interface Answer {
  readonly losses?: readonly number[];
  readonly outputs?: readonly number[];
  readonly error?: string;
}
