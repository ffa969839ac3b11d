import type { Note } from "../table/note.js";
import type { DateOrder } from "../values/dates.js";

/**
 * A preparation as JSON: what each column becomes, in this order, and what a network's outputs mean. `version` counts its
 * form.
 */
export interface PipelineJson {
  readonly type: "pipeline";
  readonly version: 1;
  readonly columns: readonly PreparedColumn[];
  /** Columns that are left out, and why. */
  readonly ignored: readonly IgnoredColumn[];
  readonly targets: readonly Target[];
}

export interface IgnoredColumn {
  readonly name: string;
  readonly reason: string;
}

/** A column and what is done with it, step by step. */
export type PreparedColumn =
  | {
      readonly name: string;
      readonly type: "number";
      /** Texts that count as missing in this column, besides the usual ones. */
      readonly missing: readonly string[];
      readonly steps: readonly NumberStep[];
    }
  | {
      readonly name: string;
      readonly type: "category";
      readonly missing: readonly string[];
      readonly steps: readonly [OneHotStep];
    }
  | {
      readonly name: string;
      readonly type: "boolean";
      readonly missing: readonly string[];
      readonly steps: readonly [TruthStep];
    }
  | {
      readonly name: string;
      readonly type: "date";
      readonly missing: readonly string[];
      readonly order: DateOrder;
      readonly steps: readonly [DateStep];
    };

/** In their order: impute, a scaling, clipping. */
export type NumberStep = ImputeStep | ScaleStep | QuantileStep | ClipStep;

/** A missing number becomes `value`; with `indicator` a further number is 1 where it was missing, else 0. */
export interface ImputeStep {
  readonly type: "impute";
  readonly value: number;
  readonly indicator: boolean;
}

/**
 * (x − center) / scale: mean and deviation (`standard`), median and distance of the quartiles over 1.349 (`robust`), or lowest value
 * and range (`minMax`).
 */
export interface ScaleStep {
  readonly type: "standard" | "robust" | "minMax";
  readonly center: number;
  readonly scale: number;
}

/**
 * Φ⁻¹(p), p being x's place in 0 … 1 among these quantiles, which ascend in equal steps of probability, linear between two of them;
 * Φ⁻¹ is the quantile function of the normal distribution, and the result lies in ±5.2.
 */
export interface QuantileStep {
  readonly type: "quantileNormal";
  readonly quantiles: readonly number[];
}

/** min(max(x, −limit), limit), or softly x / √(1 + (x/limit)²), which comes near the limit and never reaches it. */
export interface ClipStep {
  readonly type: "clip" | "softClip";
  readonly limit: number;
}

/**
 * A number for each level, 1 for a row's own and else 0; one more for levels that are rare or weren't seen (`other`), and one
 * for missing values (`missing`). Without these, such rows have 0 throughout.
 */
export interface OneHotStep {
  readonly type: "oneHot";
  readonly levels: readonly string[];
  readonly other: boolean;
  readonly missing: boolean;
}

/** 1 for true, 0 for false, `value` where it is missing; with `indicator` a further number is 1 where it was missing. */
export interface TruthStep {
  readonly type: "truth";
  readonly value: number;
  readonly indicator: boolean;
}

export const DATE_PARTS = ["year", "month", "weekday", "hour"] as const;

export type DatePart = (typeof DATE_PARTS)[number];

/**
 * `year` is (year − center) / scale, with the month as its fraction; `month`, `weekday` and `hour` are sine and cosine of their
 * place in the year, the week and the day. A missing date is 0 throughout, with `indicator` a further number is 1.
 */
export interface DateStep {
  readonly type: "dateParts";
  readonly parts: readonly DatePart[];
  readonly center: number;
  readonly scale: number;
  readonly indicator: boolean;
}

/** What a network's outputs say. */
export type Target = NumberTarget | ClassTarget;

/** The output is (y − mean) / deviation, of log(y) with `log`. */
export interface NumberTarget {
  readonly name: string;
  readonly type: "number";
  readonly log: boolean;
  readonly mean: number;
  readonly deviation: number;
  /** Texts that count as missing, besides the usual ones. */
  readonly missing: readonly string[];
}

/** Two classes are one output, the second one's probability; more are one output each. */
export interface ClassTarget {
  readonly name: string;
  readonly type: "classes";
  readonly classes: readonly string[];
  /** What classes were in the data: labels of predictions are given as such. */
  readonly values: "text" | "number" | "boolean";
  /** Whether a point at a label's end is no part of it. */
  readonly trailingPoint: boolean;
  readonly missing: readonly string[];
}

/** A pipeline takes at most this many bytes of UTF-8 as JSON. */
export const MOST_BYTES = 1 << 20;

/** What was decided when a pipeline was fitted. */
export interface Fitted {
  readonly json: PipelineJson;
  readonly notes: readonly Note[];
}
