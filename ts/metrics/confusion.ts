import type { Average } from "../catalog/metrics.js";
import { type Answers, classCount, questions, totalWeight, weightOf } from "./answers.js";

/** Weights of each class (row) that were taken for each (column). */
export function confusionMatrix(answers: Answers): number[][] {
  const count = classCount(answers);
  const matrix = Array.from({ length: count }, () => Array.from({ length: count }, () => 0));
  for (let i = 0; i < answers.m; i++) {
    const row = matrix[answers.targets[i] ?? 0];
    const column = answers.chosen[i] ?? 0;
    if (row !== undefined) row[column] = (row[column] ?? 0) + weightOf(answers, i);
  }
  return matrix;
}

/** The mean recall of the classes that there are. */
export function balancedAccuracy(answers: Answers): number {
  if (answers.kind === "labels") {
    const each = questions(answers).map((_, k) => balancedAccuracy(unitOf(answers, k)));
    return mean(each);
  }
  const recalls = confusionMatrix(answers).flatMap((row, k) => {
    const all = sum(row);
    return all > 0 ? [(row[k] ?? 0) / all] : [];
  });
  return mean(recalls);
}

/** One unit of several, by itself. */
export function unitOf(answers: Answers, k: number): Answers {
  const { m, n, targets, outputs, chosen } = answers;
  const column = (from: ArrayLike<number>) =>
    Float64Array.from({ length: m }, (_, i) => from[i * n + k] ?? 0);
  return {
    ...answers,
    kind: "binary",
    n: 1,
    targets: column(targets),
    chosen: column(chosen),
    outputs: column(outputs),
  };
}

/** Weights of right and wrong answers to one question. */
interface Counts {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
  /** Whether any example is of the class or was taken for it, whatever it weighs. */
  readonly isSeen: boolean;
}

function countsOf(answers: Answers): Counts[] {
  return questions(answers).map(({ isYes, chosen }) => {
    let [truePositive, falsePositive, falseNegative, isSeen] = [0, 0, 0, false];
    for (let i = 0; i < answers.m; i++) {
      const weight = weightOf(answers, i);
      isSeen ||= chosen(i) || isYes(i);
      if (chosen(i) && isYes(i)) truePositive += weight;
      else if (chosen(i)) falsePositive += weight;
      else if (isYes(i)) falseNegative += weight;
    }
    return { truePositive, falsePositive, falseNegative, isSeen };
  });
}

/** What precision, recall and F-score are of some counts; 0 where there is nothing to divide by. */
export type Share = (counts: Counts) => number;

export const precision: Share = ({ truePositive, falsePositive }) =>
  ratio(truePositive, truePositive + falsePositive);

export const recall: Share = ({ truePositive, falseNegative }) =>
  ratio(truePositive, truePositive + falseNegative);

export function fScore(beta: number): Share {
  const square = beta * beta;
  return ({ truePositive, falsePositive, falseNegative }) =>
    ratio((1 + square) * truePositive, (1 + square) * truePositive + square * falseNegative + falsePositive);
}

/**
 * A share, averaged: of class 1 (`binary`), of all answers together (`micro`), or over the classes that there are among
 * targets or answers, alike (`macro`) or by their weight among the targets (`weighted`).
 */
export function averaged(answers: Answers, share: Share, average: Average): number {
  const counts = countsOf(answers);
  if (average === "binary") return share(counts[0] ?? NOTHING);
  // One sigmoid unit has two classes.
  const each = answers.kind === "binary" ? [opposite(answers), ...counts] : counts;
  if (average === "micro") return share(each.reduce(together, NOTHING));
  const seen = each.filter(({ isSeen }) => answers.kind === "labels" || isSeen);
  if (average === "macro") return mean(seen.map(share));
  const support = seen.map((c) => c.truePositive + c.falseNegative);
  const weighted = seen.reduce((total, c, k) => total + share(c) * (support[k] ?? 0), 0);
  return ratio(weighted, sum(support));
}

const NOTHING: Counts = { truePositive: 0, falsePositive: 0, falseNegative: 0, isSeen: false };

function together(a: Counts, b: Counts): Counts {
  return {
    truePositive: a.truePositive + b.truePositive,
    falsePositive: a.falsePositive + b.falsePositive,
    falseNegative: a.falseNegative + b.falseNegative,
    isSeen: a.isSeen || b.isSeen,
  };
}

/** The counts of class 0. */
function opposite(answers: Answers): Counts {
  const [row, other] = confusionMatrix(answers);
  const { targets, chosen, m } = answers;
  let isSeen = false;
  for (let i = 0; i < m; i++) isSeen ||= targets[i] === 0 || chosen[i] === 0;
  return {
    truePositive: row?.[0] ?? 0,
    falsePositive: other?.[0] ?? 0,
    falseNegative: row?.[1] ?? 0,
    isSeen,
  };
}

/** Matthews's correlation, in Gorodkin's form for several classes; 0 where one of them is always the same. */
export function matthews(answers: Answers): number {
  if (answers.kind === "labels") return mean(questions(answers).map((_, k) => matthews(unitOf(answers, k))));
  const matrix = confusionMatrix(answers);
  const all = totalWeight(answers);
  const ofTargets = matrix.map(sum);
  const ofAnswers = matrix.map((_, k) => sum(matrix.map((row) => row[k] ?? 0)));
  // Which rounded sums would not always say.
  if ([ofTargets, ofAnswers].some((counts) => counts.filter((count) => count > 0).length < 2)) return 0;
  const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((x, k) => x * (b[k] ?? 0)));
  const right = sum(matrix.map((row, k) => row[k] ?? 0));
  const both = right * all - dot(ofTargets, ofAnswers);
  const spread = (all * all - dot(ofAnswers, ofAnswers)) * (all * all - dot(ofTargets, ofTargets));
  return spread > 0 ? both / Math.sqrt(spread) : 0;
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
