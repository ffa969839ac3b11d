import { type Answers, meanOf, type Question, questions, weightOf } from "./answers.js";
import { mean } from "./confusion.js";

/** The mean over classes or units of a number for one question. */
function overQuestions(answers: Answers, value: (answers: Answers, question: Question) => number): number {
  return mean(questions(answers).map((question) => value(answers, question)));
}

/** One against the rest, the mean over classes; NaN where a class has no example, or all. */
export function rocAuc(answers: Answers): number {
  return overQuestions(answers, rocAucOf);
}

/** Average precision, one against the rest, the mean over classes; of a class without example 0. */
export function prAuc(answers: Answers): number {
  return overQuestions(answers, averagePrecisionOf);
}

/** The examples by falling output, those of equal output together: weights of yes and no in each such group. */
function groupsOf(
  answers: Answers,
  { isYes, output }: Question,
): readonly (readonly [yes: number, no: number])[] {
  const order = Uint32Array.from({ length: answers.m }, (_, i) => i).sort((a, b) => output(b) - output(a));
  const groups: [number, number][] = [];
  let last = Number.NaN;
  for (const i of order) {
    if (output(i) !== last) groups.push([0, 0]);
    last = output(i);
    const group = groups[groups.length - 1];
    if (group !== undefined) group[isYes(i) ? 0 : 1] += weightOf(answers, i);
  }
  return groups;
}

/** The area under the curve of true against false positives, by trapezoids. */
function rocAucOf(answers: Answers, question: Question): number {
  let [yes, no, area] = [0, 0, 0];
  for (const [moreYes, moreNo] of groupsOf(answers, question)) {
    area += moreNo * (yes + moreYes / 2);
    yes += moreYes;
    no += moreNo;
  }
  return yes > 0 && no > 0 ? area / (yes * no) : Number.NaN;
}

function averagePrecisionOf(answers: Answers, question: Question): number {
  let [yes, all, sum] = [0, 0, 0];
  for (const [moreYes, moreNo] of groupsOf(answers, question)) {
    yes += moreYes;
    all += moreYes + moreNo;
    if (all > 0) sum += moreYes * (yes / all);
  }
  return yes > 0 ? sum / yes : 0;
}

/** The share of examples whose class is among the k likeliest; of equal ones those of larger index come first. */
export function topK(answers: Answers, k: number): number {
  const { targets, outputs, n } = answers;
  return meanOf(answers, (i) => {
    const right = targets[i] ?? 0;
    const own = outputs[i * n + right] ?? 0;
    let before = 0;
    for (let j = 0; j < n; j++) {
      const other = outputs[i * n + j] ?? 0;
      if (other > own || (other === own && j > right)) before++;
    }
    return before < k ? 1 : 0;
  });
}
