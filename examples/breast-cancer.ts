import { readFileSync } from "node:fs";
import Papa from "papaparse";
import { standardiser } from "./standardiser.js";

export interface LabelledRows {
  readonly x: number[][];
  readonly y: number[];
}

export interface BreastCancer {
  readonly train: LabelledRows;
  readonly test: LabelledRows;
  /** The names of class 0 and class 1. */
  readonly classes: readonly string[];
}

/** Every fifth example is kept back for the test. */
const TEST_EVERY = 5;

/** Reads data/breast_cancer.csv: columns standardised by the training examples' mean and deviation. */
export function readBreastCancer(): BreastCancer {
  const file = new URL("data/breast_cancer.csv", import.meta.url);
  const [header = [], ...lines] = Papa.parse<string[]>(readFileSync(file, "utf8"), {
    skipEmptyLines: true,
  }).data;
  const rows = lines.map((line) => line.map(Number));
  const isTest = (_: unknown, i: number) => i % TEST_EVERY === TEST_EVERY - 1;
  const train = toExamples(rows.filter((row, i) => !isTest(row, i)));
  const test = toExamples(rows.filter(isTest));
  const standardised = standardiser(train.x);
  return {
    train: { x: train.x.map(standardised), y: train.y },
    test: { x: test.x.map(standardised), y: test.y },
    classes: header.slice(2),
  };
}

/** A row is the measurements, then the class. */
function toExamples(rows: readonly number[][]): LabelledRows {
  return { x: rows.map((row) => row.slice(0, -1)), y: rows.map((row) => row.at(-1) ?? Number.NaN) };
}
