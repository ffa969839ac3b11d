import type { Point } from "../report/report-data.js";

/** As many points of a curve as a picture shows. */
const MOST_POINTS = 300;

export interface BinaryCurves {
  readonly roc: readonly Point[];
  readonly precisionRecall: readonly Point[];
}

/** How rates change as the threshold falls, p being the probability of the class that is 1. */
export function binaryCurves(right: ArrayLike<number>, p: ArrayLike<number>): BinaryCurves {
  const order = Array.from(p, (_, i) => i).sort((a, b) => (p[b] ?? 0) - (p[a] ?? 0));
  const positives = Array.from(right).filter((label) => label === 1).length;
  const negatives = right.length - positives;
  const roc: Point[] = [{ x: 0, y: 0 }];
  const precisionRecall: Point[] = [];
  let [hits, misses] = [0, 0];
  order.forEach((row, i) => {
    if (right[row] === 1) hits += 1;
    else misses += 1;
    const next = order[i + 1];
    if (next !== undefined && p[next] === p[row]) return; // Ties come together.
    roc.push({ x: misses / Math.max(1, negatives), y: hits / Math.max(1, positives) });
    precisionRecall.push({ x: hits / Math.max(1, positives), y: hits / (hits + misses) });
  });
  return { roc: thinned(roc), precisionRecall: thinned(precisionRecall) };
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_POINTS) return points;
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.round(i * step)] ?? { x: 0, y: 0 });
}

const BINS = 10;

/** In tenths of the probability that was said of what was chosen (or of two classes, of the second): how often it came true. */
export function calibration(
  said: ArrayLike<number>,
  cameTrue: (i: number) => boolean,
): (Point & { count: number })[] {
  const bins = Array.from({ length: BINS }, () => ({ sum: 0, right: 0, count: 0 }));
  for (let i = 0; i < said.length; i++) {
    const p = said[i] ?? 0;
    const bin = bins[Math.min(BINS - 1, Math.floor(p * BINS))];
    if (bin === undefined) continue;
    bin.sum += p;
    bin.right += Number(cameTrue(i));
    bin.count += 1;
  }
  return bins
    .filter(({ count }) => count > 0)
    .map(({ sum, right, count }) => ({ x: sum / count, y: right / count, count }));
}
