import { scheduleParameters } from "../catalog/schedules.js";
import type { Schedule } from "../config/schedules.js";
import { ConfigError } from "../errors/errors.js";

/** A schedule as the update takes it: lengths in steps. */
export interface ScheduleFacts {
  /** A schedule's name, or `"constant"`. */
  readonly schedule: string;
  readonly scheduleParameters: Readonly<Record<string, number>>;
  /** Of each piece where it begins, and its rate, one behind the other. */
  readonly pieces: readonly number[];
}

/** The highest rate that a schedule has: its gradients' limit follows from it. */
export function highestRate(rate: number | Schedule): number {
  if (typeof rate === "number") return rate;
  if (rate.type === "piecewise") return rate.rates.reduce((most, value) => Math.max(most, value), 0);
  const rates = scheduleParameters(rate.type).filter(({ is }) => is === "rate");
  return rates.reduce((most, { name }) => Math.max(most, numberOf(rate, name)), 0);
}

/**
 * The facts of a rate. `stepsPerEpoch` is undefined where nobody knows epochs; then a length in them raises ConfigError.
 */
export function scheduleFacts(rate: number | Schedule, stepsPerEpoch: number | undefined): ScheduleFacts {
  if (typeof rate === "number") {
    return { schedule: "constant", scheduleParameters: { rate }, pieces: [] };
  }
  const unit = stepsOfUnit(rate, stepsPerEpoch);
  if (rate.type === "piecewise") {
    const starts = [0, ...(rate.epochs ?? rate.steps).map((value) => toSteps(value, unit))];
    const pieces = starts.flatMap((start, i) => [start, rate.rates[i] ?? 0]);
    return { schedule: rate.type, scheduleParameters: { pieces: starts.length }, pieces };
  }
  const length = Math.max(1, toSteps(rate.epochs ?? rate.steps, unit));
  const values = scheduleParameters(rate.type).map(({ name, is }) => {
    const value = numberOf(rate, name);
    return [name, is === "length" ? Math.min(toSteps(value, unit), length) : value];
  });
  return { schedule: rate.type, scheduleParameters: { length, ...Object.fromEntries(values) }, pieces: [] };
}

/** The steps of a schedule's warm-up; 0 where it has none. */
export function warmupSteps(rate: number | Schedule, stepsPerEpoch: number): number {
  const { warmup = 0 } = scheduleFacts(rate, stepsPerEpoch).scheduleParameters;
  return warmup;
}

function stepsOfUnit({ type, steps, epochs }: Schedule, stepsPerEpoch: number | undefined): number {
  if (steps !== undefined) return 1;
  if (stepsPerEpoch !== undefined && Number.isFinite(stepsPerEpoch)) return stepsPerEpoch;
  const why = stepsPerEpoch === undefined ? "trainStep knows no epochs" : "the stream doesn't say its length";
  const expected = `${type}'s length in steps, since ${why}`;
  throw new ConfigError("optimizer.learningRate.epochs", expected, `${epochs} epochs`);
}

/** Rounded to whole steps. */
function toSteps(length: number, stepsOfUnit: number): number {
  return Math.min(Math.round(length * stepsOfUnit), Number.MAX_SAFE_INTEGER);
}

function numberOf(schedule: Schedule, name: string): number {
  const value: unknown = Reflect.get(schedule, name);
  return typeof value === "number" ? value : 0;
}
