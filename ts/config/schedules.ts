import {
  LENGTH_UNITS,
  SCHEDULE_NAMES,
  type ScheduleName,
  scheduleOptions,
  scheduleParameters,
} from "../catalog/schedules.js";
import { ConfigError, describe, shorten } from "../errors/errors.js";
import { instead } from "./unknown-option.js";
import { checkChoice, checkInteger, checkNumber } from "./validation.js";

/** A length: in `epochs` of the fit at hand, parts of them included, or in whole `steps`, which are updates. */
type Length =
  | { readonly epochs: number; readonly steps?: undefined }
  | { readonly steps: number; readonly epochs?: undefined };

export type CosineOptions = Length & {
  /** The highest rate, > 0. */
  readonly from: number;
  /** The last rate, ≥ 0. Default 0. */
  readonly to?: number;
  /** How much of the length α rises from 0 to `from` in, in the length's unit and less than it. Default 0. */
  readonly warmup?: number;
  /** How often it starts again: an integer ≥ 0. Default 0. */
  readonly restarts?: number;
  /** How many times as long each run is as the one before: an integer ≥ 1. Default 1. */
  readonly lengthFactor?: number;
  /** By what each run's highest rate is multiplied, in (0, 1]. Default 1. */
  readonly peakFactor?: number;
};

export type PolynomialOptions = Length & {
  /** The first rate, > 0. */
  readonly from: number;
  /** The last rate, ≥ 0. Default 0. */
  readonly to?: number;
  /** > 0; 1 is a line. Default 1. */
  readonly power?: number;
  /** As of {@link cosine}. Default 0. */
  readonly warmup?: number;
};

export type ExponentialOptions = Length & {
  /** The first rate, > 0. */
  readonly from: number;
  /** What it is multiplied by in each length, in (0, 1]. */
  readonly factor: number;
};

export type StepScheduleOptions = Length & {
  /** The first rate, > 0. */
  readonly from: number;
  /** What it is multiplied by after each length, in (0, 1]. Default 0.1. */
  readonly factor?: number;
};

export type OneCycleOptions = Length & {
  /** The highest rate, > 0. */
  readonly peak: number;
  /** The first rate, ≥ 0. Default peak/25. */
  readonly from?: number;
  /** The last rate, ≥ 0. Default from/10000. */
  readonly to?: number;
  /** The part of the length in which it rises, in (0, 1). Default 0.3. */
  readonly rise?: number;
};

/** The ascending epochs or steps at which the next of the rates begins: one fewer than there are rates. */
type Boundaries =
  | { readonly epochs: readonly number[]; readonly steps?: undefined }
  | { readonly steps: readonly number[]; readonly epochs?: undefined };

export type PiecewiseOptions = Boundaries & {
  /** The rates, each > 0. */
  readonly rates: readonly number[];
};

/** A learning rate that changes from step to step, as plain data. */
export type Schedule =
  | ({ readonly type: "cosine" } & CosineOptions)
  | ({ readonly type: "polynomial" } & PolynomialOptions)
  | ({ readonly type: "exponential" } & ExponentialOptions)
  | ({ readonly type: "step" } & StepScheduleOptions)
  | ({ readonly type: "oneCycle" } & OneCycleOptions)
  | ({ readonly type: "piecewise" } & PiecewiseOptions);

/**
 * α = to + (from − to)·(1 + cos(π·t/T))/2, and `to` after T steps. The warm-up comes first, and is part of the length:
 * α = from·t/warmup. With `restarts` the cosine runs that often again, the k-th time from from·peakFactorᵏ over lengthFactorᵏ
 * times its steps, without a warm-up: so the whole is longer than `epochs` or `steps`. Raises ConfigError.
 * Source: Loshchilov & Hutter 2017 (SGDR); Goyal et al. 2017 for the warm-up.
 */
export function cosine(options: CosineOptions): Schedule {
  return makeSchedule("cosine", "", options, options);
}

/**
 * α = to + (from − to)·(1 − t/T)^power, and `to` after T steps: a line where power is 1. The warm-up is as of
 * {@link cosine}. Raises ConfigError.
 */
export function polynomial(options: PolynomialOptions): Schedule {
  return makeSchedule("polynomial", "", options, options);
}

/** α = from · factor^(t/T): it falls a little at every step, and by `factor` in T. Raises ConfigError. */
export function exponential(options: ExponentialOptions): Schedule {
  return makeSchedule("exponential", "", options, options);
}

/** α = from · factor^⌊t/T⌋: it falls by `factor` after every T steps. Raises ConfigError. */
export function step(options: StepScheduleOptions): Schedule {
  return makeSchedule("step", "", options, options);
}

/**
 * α rises along half a cosine from `from` to `peak` in the first part of the length, falls along another to `to`, and stays
 * there. The momentum of optimizers stays as it is. Raises ConfigError.
 * Source: Smith & Topin 2018.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  return makeSchedule("oneCycle", "", options, options);
}

/** α = rates[0] at first, and rates[i] from the i-th boundary on. Raises ConfigError. */
export function piecewise(options: PiecewiseOptions): Schedule {
  return makeSchedule("piecewise", "", options, options);
}

/** A schedule that was given as data, checked, in its one frozen form. Raises ConfigError. */
export function checkSchedule(path: string, given: object): Schedule {
  const { type, ...options } = { ...given } as Readonly<Record<string, unknown>>;
  return makeSchedule(checkChoice(`${path}.type`, type, SCHEDULE_NAMES), `${path}.`, options, options);
}

/** `prefix` stands before the names of options in errors; unknown ones have the schedule's name without one. */
function makeSchedule(name: ScheduleName, prefix: string, options: unknown, given: object): Schedule {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(name, "an object with options", describe(options));
  }
  const names: readonly string[] = scheduleOptions(name);
  for (const key in options) {
    if (names.includes(key) || (key in Object.prototype && !Object.hasOwn(options, key))) continue;
    throw new ConfigError(`${prefix || `${name}.`}${shorten(key)}`, instead(name, key), "an unknown one");
  }
  const read = Object.fromEntries(names.map((key) => [key, Reflect.get(given, key) as unknown]));
  const [unit, length] = checkLength(name, prefix, read);
  const values: Record<string, number> = {};
  const result: Record<string, unknown> = { type: name };
  for (const { name: key, range, default: usual, is } of scheduleParameters(name)) {
    const value = read[key] === undefined && usual !== undefined ? usual(values) : read[key];
    if (is === "list") {
      result[key] = checkList(
        prefix + key,
        value,
        `an array of ${length.length + 1}`,
        length.length + 1,
        range,
      );
      continue;
    }
    values[key] = checkNumber(prefix + key, value, ...range);
    result[key] = value;
    const [whole = 0] = length;
    if (is === "length" && values[key] >= whole) {
      throw new ConfigError(prefix + key, `less than ${unit}, ${whole}`, `${values[key]}`);
    }
  }
  result[unit] = Array.isArray(read[unit]) ? Object.freeze(length) : length[0];
  return Object.freeze(result) as unknown as Schedule;
}

/** The unit and the length in it, or the boundaries. */
function checkLength(
  name: ScheduleName,
  prefix: string,
  read: Readonly<Record<string, unknown>>,
): readonly ["epochs" | "steps", number[]] {
  const [unit, other] = LENGTH_UNITS.filter((unit) => read[unit] !== undefined);
  const isList = name === "piecewise";
  if (unit === undefined || other !== undefined) {
    const what = isList ? "where the next rate begins" : "its length";
    throw new ConfigError(
      `${prefix}epochs`,
      `${what}, in either epochs or steps`,
      unit === undefined ? "neither" : "both",
    );
  }
  const path = prefix + unit;
  if (!isList) return [unit, [checkOneLength(path, read[unit], unit)]];
  const list = read[unit];
  if (!Array.isArray(list)) throw new ConfigError(path, `an array of ${unit}`, describe(list));
  const boundaries = Array.from(list, (value: unknown, i) => checkOneLength(`${path}[${i}]`, value, unit));
  boundaries.forEach((value, i) => {
    const before = boundaries[i - 1] ?? 0;
    if (value <= before)
      throw new ConfigError(`${path}[${i}]`, `more than the one before, ${before}`, `${value}`);
  });
  return [unit, boundaries];
}

function checkOneLength(path: string, value: unknown, unit: "epochs" | "steps"): number {
  if (unit === "steps") return checkInteger(path, value, 1, Number.MAX_SAFE_INTEGER);
  return checkNumber(path, value, "a finite number > 0", (epochs) => epochs > 0);
}

function checkList(
  path: string,
  value: unknown,
  expected: string,
  length: number,
  range: readonly [string, (value: number) => boolean],
): readonly number[] {
  if (!Array.isArray(value) || value.length !== length) {
    throw new ConfigError(path, expected, Array.isArray(value) ? `${value.length}` : describe(value));
  }
  return Object.freeze(Array.from(value, (rate: unknown, i) => checkNumber(`${path}[${i}]`, rate, ...range)));
}
