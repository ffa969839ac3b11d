/** What the rounds gave for one case, in its unit a second. */
export interface Rate {
  readonly median: number;
  /** First and third quartile of the rounds. */
  readonly quartiles: readonly [number, number];
  readonly lowest: number;
  readonly highest: number;
  readonly rounds: number;
}

export function rateOf(samples: readonly number[]): Rate {
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    lowest: quantile(sorted, 0),
    highest: quantile(sorted, 1),
    rounds: sorted.length,
  };
}

/** Round by round a/b, for as many rounds as both took part in: what slowed both cancels out. */
export function ratios(a: readonly number[], b: readonly number[]): number[] {
  const rounds = Math.min(a.length, b.length);
  return Array.from({ length: rounds }, (_, i) => (a[i] ?? Number.NaN) / (b[i] ?? Number.NaN));
}

/** Between the neighbours, linearly. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
