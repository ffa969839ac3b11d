/**
 * Statistics of a column's numbers in float64, by sums, products, quotients and square roots, which IEEE 754 fixes to
 * the bit, in the order of the numbers: the same in every engine.
 */

/** Mean and standard deviation (over m, not m − 1) of numbers whose range is finite. */
export function moments(column: Float64Array): { readonly mean: number; readonly deviation: number } {
  const { length: m } = column;
  let rough = 0;
  for (const value of column) rough += value / m;
  let off = 0;
  let largest = 0;
  for (const value of column) {
    const difference = value - rough;
    off += difference / m;
    largest = Math.max(largest, Math.abs(difference));
  }
  const mean = rough + off;
  if (largest === 0) return { mean, deviation: 0 };
  // Divided by the largest, no square overflows or vanishes.
  let squares = 0;
  let sum = 0;
  for (const value of column) {
    const part = (value - mean) / largest;
    squares += part * part;
    sum += part;
  }
  return { mean, deviation: largest * Math.sqrt(Math.max(0, squares - (sum * sum) / m) / m) };
}

/** At this probability of sorted numbers, linear between two of them, as NumPy's percentile computes it. */
export function quantileOf(sorted: Float64Array, probability: number): number {
  const last = sorted.length - 1;
  const at = last * probability;
  const before = Math.min(Math.floor(at), last);
  const low = sorted[before] ?? 0;
  const high = sorted[Math.min(before + 1, last)] ?? 0;
  const part = at - before;
  const difference = high - low;
  return part >= 0.5 ? high - difference * (1 - part) : low + difference * part;
}

/** The middle number, or the mean of the middle two. */
export function medianOf(sorted: Float64Array): number {
  const half = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(half)] ?? 0, sorted[Math.ceil(half)] ?? 0];
  return low / 2 + high / 2;
}
