import type { Dtype } from "layerwise";
import { type Rate, rateOf, ratios } from "./rate.js";

export type SuiteName = "kernels" | "training" | "scaling" | "threads" | "caller" | "layers" | "peers";

/** One measured rate: a line of --json and an entry of results/latest.json. */
export interface Measurement {
  readonly suite: SuiteName;
  /** A name of works.ts, or of a kernel with its sizes. */
  readonly work: string;
  readonly backend: string;
  readonly threads: number;
  readonly dtype: Dtype;
  /** The median of the rounds. For a kernel, an example is a call. */
  readonly examples_per_s: number;
  /** First and third quartile, and the slowest and the fastest round, in examples a second. */
  readonly quartiles: readonly [number, number];
  readonly range: readonly [number, number];
  readonly rounds: number;
  /** Absent for kernels that do not spend their time on multiplying and adding. */
  readonly gflops?: number;
  /** The multiply-add loop of peak.ts in the same rounds. */
  readonly peak_gflops?: number;
  /** The median of the rounds' fractions of it. */
  readonly fraction_of_peak?: number;
  /** How many times as fast Layerwise is in the same rounds: the median, the least and the most. */
  readonly layerwise_is?: { readonly times: number; readonly range: readonly [number, number] };
  /** The same of Layerwise on the native engine. */
  readonly native_is?: { readonly times: number; readonly range: readonly [number, number] };
  /** And of that with `math: "fast"`. */
  readonly fast_is?: { readonly times: number; readonly range: readonly [number, number] };
  /** Of a number of threads: how many times as fast as one thread in the same rounds; median, least, most. */
  readonly speed_up?: { readonly times: number; readonly range: readonly [number, number] };
  /** Microseconds that a step takes more than one without it in the same rounds; median, least, most. */
  readonly adds_us?: { readonly median: number; readonly range: readonly [number, number] };
  /** The longest time that the caller's event loop was held, and that a loop with nothing to do was in these rounds. */
  readonly longest_gap_ms?: {
    readonly median: number;
    readonly range: readonly [number, number];
    readonly idle: number;
  };
  /** Of a peer: its version, and what it does differently. */
  readonly version?: string;
  readonly note?: string;
}

/** What tells a measurement from all others. */
export type Subject = Pick<Measurement, "suite" | "work" | "backend" | "threads" | "dtype">;

export interface Samples {
  /** Examples (or calls) a second, one a round. */
  readonly rates: readonly number[] | undefined;
  /** Floating-point operations of an example (or call). */
  readonly flops?: number;
  /** Operations a second of the peak loop, one a round. */
  readonly peak?: readonly number[] | undefined;
}

export function measurementOf(subject: Subject, { rates = [], flops, peak }: Samples): Measurement {
  const rate = rateOf(rates);
  const measurement = { ...subject, examples_per_s: round(rate.median), ...spreadOf(rate) };
  if (flops === undefined) return measurement;
  const gflops = round((flops * rate.median) / 1e9);
  if (peak === undefined) return { ...measurement, gflops };
  return {
    ...measurement,
    gflops,
    peak_gflops: round(rateOf(peak).median / 1e9),
    fraction_of_peak: round(flops * rateOf(ratios(rates, peak)).median),
  };
}

function spreadOf({ quartiles: [first, third], lowest, highest, rounds }: Rate) {
  return { quartiles: [round(first), round(third)], range: [round(lowest), round(highest)], rounds } as const;
}

/** To four digits, more than any spread leaves. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
