// fitScaling against scikit-learn's scalers: test/golden/scaling/make.py.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fitScaling, type ScalingMethod } from "../../ts/index.js";
import { scaled } from "./scaled.js";

interface Golden {
  readonly small: Readonly<Record<string, number[][]>>;
  readonly cases: readonly {
    readonly data: string;
    readonly method: ScalingMethod;
    readonly at: number[][];
    readonly scaled: number[][];
  }[];
}

const golden: Golden = JSON.parse(readFileSync("test/golden/scaling/scaling.json", "utf8"));

function breastCancer(): number[][] {
  const [, ...lines] = readFileSync("examples/data/breast_cancer.csv", "utf8").trim().split("\n");
  return lines.map((line) => line.split(",").slice(0, -1).map(Number));
}

/** Columns of integers, of tenths with ties, of mostly zeros, and of a wide range, as make.py has them. */
function formula(m: number): number[][] {
  return Array.from({ length: m }, (_, i) => [
    (i * 7919) % 1511,
    ((i * 31) % 97) / 10,
    i % 10 === 3 ? i % 7 : 0,
    (((i * 389) % 1009) - 500) ** 3 / 8,
  ]);
}

const DATA: Readonly<Record<string, number[][]>> = {
  breastCancer: breastCancer(),
  formula2500: formula(2500),
  formula1000: formula(1000),
  formula37: formula(37),
  ...golden.small,
};

const METHODS: readonly ScalingMethod[] = ["standard", "minMax", "robust", "quantileNormal"];

/** The largest difference, of each number's size or 1. */
function difference(got: number[][], expected: number[][]): number {
  return Math.max(
    ...expected.flatMap((row, i) =>
      row.map((value, j) => Math.abs((got[i]?.[j] ?? Number.NaN) - value) / Math.max(1, Math.abs(value))),
    ),
  );
}

describe("scaled columns are scikit-learn's:", () => {
  it.each(golden.cases)("$method of $data", async ({ data, method, at, scaled: expected }) => {
    const layer = fitScaling(method, DATA[data] ?? [], { warnings: false });
    expect(difference(await scaled(layer, at), expected)).toBeLessThanOrEqual(1e-12);
  });

  // Of equal numbers float32 makes equal ones, whose place is the middle one.
  it.each(METHODS)("%s in float32, as in float64", async (method) => {
    const x = formula(2500).map((row) => row.map((value) => value / 3));
    const layer = fitScaling(method, x, { warnings: false });
    const [single, double] = [await scaled(layer, x, "float32"), await scaled(layer, x)];
    expect(difference(single, double)).toBeLessThanOrEqual(2e-6);
  });
});
