import { type Answers, totalWeight, weightOf } from "./answers.js";

/** Of each unit; their mean is the metric. */
type OfUnit = (answers: Answers, unit: number) => number;

function overUnits(answers: Answers, value: OfUnit): number {
  let sum = 0;
  for (let unit = 0; unit < answers.n; unit++) sum += value(answers, unit);
  return sum / answers.n;
}

function meanOfUnit(answers: Answers, unit: number, value: (a: number, y: number) => number): number {
  const { m, n, outputs, targets } = answers;
  let sum = 0;
  for (let i = 0; i < m; i++) {
    const at = i * n + unit;
    sum += weightOf(answers, i) * value(outputs[at] ?? 0, targets[at] ?? 0);
  }
  return sum / totalWeight(answers);
}

/** The weighted mean of (value − its mean)²: 0 where the value is the same throughout, though its mean be rounded. */
function variationOfUnit(answers: Answers, unit: number, value: (a: number, y: number) => number): number {
  const { m, n, outputs, targets } = answers;
  let first: number | undefined;
  let isSame = true;
  for (let i = 0; i < m && isSame; i++) {
    if (weightOf(answers, i) === 0) continue;
    const at = i * n + unit;
    const here = value(outputs[at] ?? 0, targets[at] ?? 0);
    first ??= here;
    isSame = here === first;
  }
  if (isSame) return 0;
  const mean = meanOfUnit(answers, unit, value);
  return meanOfUnit(answers, unit, (a, y) => squared(value(a, y), mean));
}

const squared = (a: number, y: number) => (a - y) * (a - y);

export const meanSquaredError = (answers: Answers) =>
  overUnits(answers, (all, unit) => meanOfUnit(all, unit, squared));

export const rootMeanSquaredError = (answers: Answers) =>
  overUnits(answers, (all, unit) => Math.sqrt(meanOfUnit(all, unit, squared)));

export const meanAbsoluteError = (answers: Answers) =>
  overUnits(answers, (all, unit) => meanOfUnit(all, unit, (a, y) => Math.abs(a - y)));

/** Where y is 0 it counts as 2⁻⁵². */
export const meanAbsolutePercentageError = (answers: Answers) =>
  overUnits(answers, (all, unit) =>
    meanOfUnit(all, unit, (a, y) => Math.abs(a - y) / Math.max(Math.abs(y), Number.EPSILON)),
  );

/** max(q·(y − a), (q − 1)·(y − a)), whose least mean is at the quantile q. */
export const pinball = (answers: Answers, quantile: number) =>
  overUnits(answers, (all, unit) =>
    meanOfUnit(all, unit, (a, y) => Math.max(quantile * (y - a), (quantile - 1) * (y - a))),
  );

export const r2 = (answers: Answers) =>
  overUnits(answers, (all, unit) => {
    const variation = variationOfUnit(all, unit, (_, y) => y);
    return all.m < 2 ? Number.NaN : explained(meanOfUnit(all, unit, squared), variation);
  });

export const explainedVariance = (answers: Answers) =>
  overUnits(answers, (all, unit) =>
    explained(
      variationOfUnit(all, unit, (a, y) => y - a),
      variationOfUnit(all, unit, (_, y) => y),
    ),
  );

/** 1 − part/whole; where the whole is 0, 1 for a part of 0 and else 0. */
function explained(part: number, whole: number): number {
  if (whole > 0) return 1 - part / whole;
  return part > 0 ? 0 : 1;
}
