import type { MathName } from "layerwise";
import type { NetworkKind } from "./network-kinds.js";

/** What a report shows: plain data, which the page is made of and nothing else. */
export interface ReportData {
  readonly title: string;
  /** One sentence: what was learnt from what. */
  readonly lead: string;
  /** The command that gives the same model to the bit. */
  readonly command: string;
  /** What its networks were computed by: of "fast", only the same engine gives the same bits. */
  readonly math: MathName;
  /** What was found out about the file and decided, in the order of the work. */
  readonly decisions: readonly Decision[];
  readonly columns: readonly ColumnRow[];
  readonly rows: { readonly training: number; readonly validation: number; readonly test: number };
  /** Of the test rows. */
  readonly scores: readonly Score[];
  readonly curves: readonly Curve[];
  readonly classes: ClassesReport | undefined;
  readonly numbers: NumbersReport | undefined;
  readonly importance: readonly Importance[];
  /** The score that gets worse. */
  readonly importanceOf: string;
  /** Undefined where nothing was tested. */
  readonly worst: WorstExamples | undefined;
  readonly networks: readonly NetworkKind[];
  readonly configuration: string;
  readonly version: string;
}

export interface Decision {
  readonly what: string;
  readonly why: string;
}

export interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly use: string;
  readonly missing: number;
  readonly summary: string;
}

export interface Score {
  readonly name: string;
  readonly value: number;
  /** 95 % of the scores of rows drawn again with replacement. */
  readonly interval: readonly [number, number] | undefined;
}

/** One network's training. */
export interface Curve {
  readonly loss: readonly number[];
  readonly validation: readonly { readonly epoch: number; readonly loss: number }[];
  readonly best: number | undefined;
}

export interface ClassesReport {
  readonly names: readonly string[];
  /** counts[true class][predicted class] */
  readonly counts: readonly (readonly number[])[];
  /** Of two classes: of the second. */
  readonly roc: readonly Point[] | undefined;
  readonly precisionRecall: readonly Point[] | undefined;
  /** Share that was right by the probability that was said. */
  readonly calibration: readonly (Point & { readonly count: number })[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface NumbersReport {
  readonly target: string;
  /** x what is true, y what was predicted. */
  readonly predictions: readonly Point[];
}

export interface Importance {
  readonly column: string;
  /** By how much the score gets worse when the column's values are shuffled: the mean, and the least and most of the repeats. */
  readonly drop: number;
  readonly range: readonly [number, number];
  readonly repeats: number;
}

export interface WorstExamples {
  /** Rows that were tested, and how many of them were wrong; numbers hardly ever aren't. */
  readonly of: number;
  readonly wrong: number;
  readonly isNumber: boolean;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
