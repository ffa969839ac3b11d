import { type Column, type ColumnType, hasLevels, type LevelColumn } from "./column.js";

/** What is in a column. */
export type ColumnSummary = NumberSummary | LevelSummary;

interface AnySummary {
  readonly name: string;
  readonly rows: number;
  readonly missing: number;
  readonly distinct: number;
}

/** Of numbers, and of dates in milliseconds since 1970; NaN where no row has a value. */
export interface NumberSummary extends AnySummary {
  readonly type: "number" | "date";
  readonly lowest: number;
  readonly highest: number;
  readonly mean: number;
  /** Of all values there are: √(Σ(x − mean)²/n). */
  readonly deviation: number;
  readonly quantiles: {
    readonly q05: number;
    readonly q25: number;
    readonly median: number;
    readonly q75: number;
    readonly q95: number;
  };
  /** Values in equal intervals from the lowest to the highest. */
  readonly histogram: readonly number[];
}

export interface LevelSummary extends AnySummary {
  readonly type: Exclude<ColumnType, "number" | "date">;
  /** The most frequent first; at most 50. */
  readonly levels: readonly { readonly level: string; readonly count: number }[];
}

const BINS = 20;
const MOST_LEVELS = 50;

export function summaryOf(column: Column): ColumnSummary {
  return hasLevels(column) ? summaryOfLevels(column) : summaryOfNumbers(column);
}

function summaryOfLevels({ name, type, codes, levels }: LevelColumn): LevelSummary {
  const counts = countsOf(codes, levels.length);
  const present = counts.reduce((sum, count) => sum + count, 0);
  const found = levels.map((level, i) => ({ level, count: counts[i] ?? 0 })).filter(({ count }) => count > 0);
  const sorted = found.sort((a, b) => b.count - a.count || (a.level < b.level ? -1 : 1));
  const missing = codes.length - present;
  return {
    name,
    type,
    rows: codes.length,
    missing,
    distinct: found.length,
    levels: sorted.slice(0, MOST_LEVELS),
  };
}

/** How many rows have each code. */
export function countsOf(codes: Int32Array, levels: number): number[] {
  const counts = new Array<number>(levels).fill(0);
  for (const code of codes) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

function summaryOfNumbers({ name, type, values }: Exclude<Column, LevelColumn>): NumberSummary {
  const sorted = sortedValues(values);
  const [lowest = Number.NaN, highest = Number.NaN] = [sorted[0], sorted.at(-1)];
  let distinct = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) distinct += 1;
  const { mean, deviation } = momentsOf(sorted);
  const at = (share: number) => quantileOf(sorted, share);
  const quantiles = { q05: at(0.05), q25: at(0.25), median: at(0.5), q75: at(0.75), q95: at(0.95) };
  const common = { name, type, rows: values.length, missing: values.length - sorted.length, distinct };
  return { ...common, lowest, highest, mean, deviation, quantiles, histogram: histogramOf(sorted) };
}

/** Those that are there, in ascending order. */
export function sortedValues(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/** Mean, and √(Σ(x − mean)²/n); NaN of none. */
export function momentsOf(values: Float64Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - sum) * (value - sum);
  if (values.length === 0) return { mean: Number.NaN, deviation: Number.NaN };
  return { mean: sum, deviation: Math.sqrt(squares / values.length) };
}

/** Of sorted values, linear between two (NumPy's default). */
export function quantileOf(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low = Number.NaN, high = low] = [sorted[below], sorted[below + 1]];
  return low + (high - low) * (place - below);
}

function histogramOf(sorted: Float64Array): number[] {
  const bins = new Array<number>(BINS).fill(0);
  const [lowest = 0, highest = 0] = [sorted[0], sorted.at(-1)];
  const width = highest - lowest;
  for (const value of sorted) {
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor(((value - lowest) / width) * BINS)) : 0;
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}
