import type { Floats } from "../engine/memory.js";

/** What a network answered, and what would have been right. */
export interface Answers {
  /**
   * - binary: one sigmoid unit, targets of 0 and 1
   * - classes: a softmax, targets are class indices
   * - labels: several sigmoid units, m × n targets of 0 and 1
   * - numbers: m × n of them
   */
  readonly kind: "binary" | "classes" | "labels" | "numbers";
  readonly targets: ArrayLike<number>;
  /** m × n, by rows: probabilities or numbers. */
  readonly outputs: Floats;
  /** The class that each example was taken for; of labels, 0 or 1 for each unit. */
  readonly chosen: ArrayLike<number>;
  readonly m: number;
  readonly n: number;
  /** Of the examples; undefined: all weigh 1. */
  readonly weights: ArrayLike<number> | undefined;
  /** Kept between probabilities and 0 or 1 by logLoss. */
  readonly epsilon: number;
}

/** One yes-or-no question about every example. */
export interface Question {
  readonly isYes: (i: number) => boolean;
  readonly chosen: (i: number) => boolean;
  /** How probable yes is. */
  readonly output: (i: number) => number;
}

/** The weight of an example. */
export function weightOf({ weights }: Answers, i: number): number {
  return weights?.[i] ?? 1;
}

/** Σ of the weights. */
export function totalWeight(answers: Answers): number {
  let total = 0;
  for (let i = 0; i < answers.m; i++) total += weightOf(answers, i);
  return total;
}

/** The weighted mean over examples. */
export function meanOf(answers: Answers, value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < answers.m; i++) sum += weightOf(answers, i) * value(i);
  return sum / totalWeight(answers);
}

/** The questions that these answers are about: one for a binary one, else one for each class or unit. */
export function questions(answers: Answers): readonly Question[] {
  const { kind, targets, outputs, chosen, n } = answers;
  if (kind === "classes") {
    return Array.from({ length: n }, (_, k) => ({
      isYes: (i) => targets[i] === k,
      chosen: (i) => chosen[i] === k,
      output: (i) => outputs[i * n + k] ?? 0,
    }));
  }
  return Array.from({ length: n }, (_, k) => ({
    isYes: (i) => targets[i * n + k] === 1,
    chosen: (i) => chosen[i * n + k] === 1,
    output: (i) => outputs[i * n + k] ?? 0,
  }));
}

/** The number of classes that a confusion matrix has. */
export function classCount({ kind, n }: Answers): number {
  return kind === "binary" ? 2 : n;
}
