import { POSITIVE, type Range } from "./ranges.js";

/** What is known of a schedule besides its numbers, which crate/src/schedules/ computes. */
interface ScheduleRow {
  /** Its options beside its length, in the order in which its data form has them. */
  readonly parameters: readonly ScheduleParameter[];
}

/** A parameter of a schedule: a number, or a `list` of them, one more than there are lengths. */
export interface ScheduleParameter {
  readonly name: string;
  readonly range: Range;
  /** Of what was given before it, where it has one: else it must be given. */
  readonly default?: (given: Readonly<Record<string, number>>) => number;
  /** What it measures: `"length"` is a part of the schedule's, in its unit. */
  readonly is: "rate" | "length" | "number" | "list";
}

const RATE: Range = ["a finite number >= 0", (value) => value >= 0];
const FACTOR: Range = ["a number in (0, 1]", (value) => value > 0 && value <= 1];
const SHARE: Range = ["a number in (0, 1)", (value) => value > 0 && value < 1];
const COUNT: Range = ["an integer >= 0", (value) => value >= 0 && Number.isSafeInteger(value)];
const MULTIPLE: Range = ["an integer >= 1", (value) => value >= 1 && Number.isSafeInteger(value)];

const FROM = { name: "from", range: POSITIVE, is: "rate" } as const;
const TO = { name: "to", range: RATE, default: () => 0, is: "rate" } as const;
const WARMUP = { name: "warmup", range: RATE, default: () => 0, is: "length" } as const;

/**
 * One row per schedule, by the name that the crate has in snake_case; α is the learning rate of an update before which
 * the optimizer made t of them, and T the schedule's length in steps:
 * - cosine: α = to + (from − to)·(1 + cos(π·t/T))/2, with warm-up and restarts
 * - polynomial: α = to + (from − to)·(1 − t/T)^power, with warm-up
 * - exponential: α = from · factor^(t/T)
 * - step: α = from · factor^⌊t/T⌋
 * - oneCycle: α from `from` to `peak` and on to `to`, each along half a cosine
 * - piecewise: α = rates[i] between two boundaries
 */
export const SCHEDULES = {
  cosine: {
    parameters: [
      FROM,
      TO,
      WARMUP,
      { name: "restarts", range: COUNT, default: () => 0, is: "number" },
      { name: "lengthFactor", range: MULTIPLE, default: () => 1, is: "number" },
      { name: "peakFactor", range: FACTOR, default: () => 1, is: "number" },
    ],
  },
  polynomial: {
    parameters: [FROM, TO, { name: "power", range: POSITIVE, default: () => 1, is: "number" }, WARMUP],
  },
  exponential: { parameters: [FROM, { name: "factor", range: FACTOR, is: "number" }] },
  step: { parameters: [FROM, { name: "factor", range: FACTOR, default: () => 0.1, is: "number" }] },
  oneCycle: {
    parameters: [
      { name: "peak", range: POSITIVE, is: "rate" },
      { name: "from", range: RATE, default: ({ peak = 0 }) => peak / 25, is: "rate" },
      { name: "to", range: RATE, default: ({ from = 0 }) => from / 1e4, is: "rate" },
      { name: "rise", range: SHARE, default: () => 0.3, is: "number" },
    ],
  },
  piecewise: { parameters: [{ name: "rates", range: POSITIVE, is: "list" }] },
} as const satisfies Record<string, ScheduleRow>;

/** See {@link SCHEDULES}. */
export type ScheduleName = keyof typeof SCHEDULES;

export const SCHEDULE_NAMES = Object.keys(SCHEDULES) as readonly ScheduleName[];

/** The units of a length; each schedule has one of the two. */
export const LENGTH_UNITS = ["epochs", "steps"] as const;

/** A schedule's parameters, beside its length. */
export function scheduleParameters(name: ScheduleName): readonly ScheduleParameter[] {
  return SCHEDULES[name].parameters;
}

/** The names of a schedule's options. */
export function scheduleOptions<const Name extends ScheduleName>(
  name: Name,
): readonly ((typeof SCHEDULES)[Name]["parameters"][number]["name"] | (typeof LENGTH_UNITS)[number])[] {
  return [...SCHEDULES[name].parameters.map((row) => row.name), ...LENGTH_UNITS];
}
