import { DataError } from "layerwise";
import { describe, listed } from "../platform/describe.js";
import { type Column, hasLevels, type LevelColumn } from "../table/column.js";
import { asLevels, yearOf } from "./convert.js";
import { onCircle } from "./elementary.js";
import { normalOf } from "./normal-quantile.js";
import type { DatePart, DateStep, NumberStep, OneHotStep, PreparedColumn, TruthStep } from "./plan.js";

/** What a column's values became that the training rows had no place for. */
export interface Unseen {
  readonly levels: readonly string[];
  readonly rows: number;
}

/** How a prepared column becomes numbers: their names, and what writes them. */
export interface Encoder {
  readonly features: readonly string[];
  /** Writes row i's numbers from `x[i·stride + at]` on. */
  write(column: Column, x: Float32Array | Float64Array, at: number, stride: number): Unseen;
}

const NONE: Unseen = { levels: [], rows: 0 };

export function encoderOf(column: PreparedColumn): Encoder {
  if (column.type === "number") return numberEncoder(column.name, column.steps);
  if (column.type === "category") return oneHotEncoder(column.name, column.steps[0]);
  return column.type === "boolean"
    ? truthEncoder(column.name, column.steps[0])
    : dateEncoder(column.name, column.steps[0]);
}

function numberEncoder(name: string, steps: readonly NumberStep[]): Encoder {
  const [impute] = steps.filter((step) => step.type === "impute");
  const indicator = impute?.indicator === true;
  return {
    features: indicator ? [name, `${name} is missing`] : [name],
    write(column, x, at, stride) {
      const values = numbersOf(column);
      for (let i = 0; i < values.length; i++) {
        const given = values[i] ?? Number.NaN;
        let value = given;
        for (const step of steps) value = stepped(value, step);
        x[i * stride + at] = value;
        if (indicator) x[i * stride + at + 1] = Number.isNaN(given) ? 1 : 0;
      }
      return NONE;
    },
  };
}

function stepped(x: number, step: NumberStep): number {
  if (step.type === "impute") return Number.isNaN(x) ? step.value : x;
  if (step.type === "quantileNormal") return normalOf(step.quantiles, x);
  if ("center" in step) return (x - step.center) / step.scale;
  return step.type === "clip" ? Math.min(Math.max(x, -step.limit), step.limit) : softly(x, step.limit);
}

/** Beyond this the root's 1 is no part of its sum, and a square may overflow. */
const FAR = 1e9;

/** x / √(1 + (x/limit)²). The root is IEEE 754's, which engines leave to the processor: the same bits everywhere. */
function softly(x: number, limit: number): number {
  const ratio = x / limit;
  if (Math.abs(ratio) > FAR) return x > 0 ? limit : -limit;
  return x / Math.sqrt(1 + ratio * ratio);
}

/** Raises DataError. */
function numbersOf(column: Column): Float64Array {
  if (column.type === "number") return column.values;
  if (isEmpty(column)) return new Float64Array(lengthOf(column)).fill(Number.NaN);
  throw otherType(column, "numbers, as in training");
}

function isEmpty(column: Column): boolean {
  return hasLevels(column) ? column.codes.every((code) => code < 0) : column.values.every(Number.isNaN);
}

export function lengthOf(column: Column): number {
  return hasLevels(column) ? column.codes.length : column.values.length;
}

function otherType(column: Column, expected: string): DataError {
  const shown = hasLevels(column) ? `${column.type} (${listed(column.levels, 3)})` : column.type;
  return new DataError(
    `column ${column.name}`,
    `${expected} (read the file with pipeline.readOptions())`,
    shown,
  );
}

function oneHotEncoder(name: string, { levels, other, missing }: OneHotStep): Encoder {
  const places = new Map(levels.map((level, i) => [level, i]));
  const otherPlace = other ? levels.length : -1;
  const missingPlace = missing ? levels.length + (other ? 1 : 0) : -1;
  const more = [...(other ? [`${name} is another`] : []), ...(missing ? [`${name} is missing`] : [])];
  return {
    features: [...levels.map((level) => `${name} is ${describe(level)}`), ...more],
    write(column, x, at, stride) {
      const own = asLevels(column);
      const unseen = new Set<string>();
      let rows = 0;
      const place = own.levels.map((level) => places.get(level));
      for (let i = 0; i < own.codes.length; i++) {
        const code = own.codes[i] ?? -1;
        let found = code < 0 ? missingPlace : place[code];
        if (found === undefined) {
          unseen.add(own.levels[code] ?? "");
          rows += 1;
          found = otherPlace;
        }
        if (found >= 0) x[i * stride + at + found] = 1;
      }
      return { levels: [...unseen], rows };
    },
  };
}

function truthEncoder(name: string, { value, indicator }: TruthStep): Encoder {
  return {
    features: indicator ? [name, `${name} is missing`] : [name],
    write(column, x, at, stride) {
      const { codes, levels } = truthsOf(column);
      const numbers = levels.map((level) => (level.toLowerCase() === "true" ? 1 : 0));
      for (let i = 0; i < codes.length; i++) {
        const code = codes[i] ?? -1;
        x[i * stride + at] = code < 0 ? value : (numbers[code] ?? 0);
        if (indicator) x[i * stride + at + 1] = code < 0 ? 1 : 0;
      }
      return NONE;
    },
  };
}

/** Raises DataError. */
function truthsOf(column: Column): LevelColumn {
  const own = asLevels(column);
  if (own.levels.every((level) => /^(true|false)$/i.test(level)) || isEmpty(own)) return own;
  throw otherType(column, "true and false, as in training");
}

/** Sine and cosine for each cyclic part. */
const WIDTHS: Record<DatePart, readonly string[]> = {
  year: ["year"],
  month: ["month sine", "month cosine"],
  weekday: ["weekday sine", "weekday cosine"],
  hour: ["hour sine", "hour cosine"],
};

function dateEncoder(name: string, { parts, center, scale, indicator }: DateStep): Encoder {
  const features = parts.flatMap((part) => WIDTHS[part].map((what) => `${name} ${what}`));
  return {
    features: indicator ? [...features, `${name} is missing`] : features,
    write(column, x, at, stride) {
      const values = datesOf(column);
      for (let i = 0; i < values.length; i++) {
        const value = values[i] ?? Number.NaN;
        const start = i * stride + at;
        if (Number.isNaN(value)) {
          if (indicator) x[start + features.length] = 1;
          continue;
        }
        let next = start;
        for (const part of parts) {
          const numbers =
            part === "year" ? [(yearOf(value) - center) / scale] : onCircle(turnOf(part, value));
          for (const number of numbers) x[next++] = number;
        }
      }
      return NONE;
    },
  };
}

/** Raises DataError. */
function datesOf(column: Column): Float64Array {
  if (column.type === "date") return column.values;
  if (isEmpty(column)) return new Float64Array(lengthOf(column)).fill(Number.NaN);
  throw otherType(column, "dates, as in training");
}

const DAY = 86_400_000;

/** The place in the year, the week or the day, in [0, 1). */
function turnOf(part: Exclude<DatePart, "year">, value: number): number {
  const date = new Date(value);
  if (part === "month") return date.getUTCMonth() / 12;
  if (part === "weekday") return date.getUTCDay() / 7;
  return (value / DAY - Math.floor(value / DAY)) % 1;
}
