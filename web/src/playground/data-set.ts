import type { Point } from "./points.js";
import { Random } from "./random.js";
import type { Settings } from "./settings.js";
import { generate } from "./shapes.js";

/** Examples of the plane: x holds two numbers per example. */
export interface Examples {
  readonly x: Float32Array;
  readonly labels: Uint8Array;
}

export interface DataSet {
  readonly train: Examples;
  readonly test: Examples;
  /** 2 … MAX_CLASSES. */
  readonly classes: number;
}

/** Another stream than the one that made the points. */
const SPLIT_STREAM = 2 ** 40;

/** The generated or own points, shuffled by the seed and split into training and test examples. */
export function makeDataSet(settings: Settings, ownPoints: readonly Point[]): DataSet {
  const points = settings.data === "points" ? [...ownPoints] : generate(settings);
  const random = new Random(settings.seed + SPLIT_STREAM);
  for (let i = points.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const [a, b] = [points[i], points[j]];
    if (a !== undefined && b !== undefined) [points[i], points[j]] = [b, a];
  }
  const testCount = Math.floor((points.length * settings.testShare) / 100);
  return {
    train: toExamples(points.slice(testCount)),
    test: toExamples(points.slice(0, testCount)),
    classes: Math.max(2, ...points.map(({ label }) => label + 1)),
  };
}

function toExamples(points: readonly Point[]): Examples {
  return {
    x: Float32Array.from(points.flatMap(({ x, y }) => [x, y])),
    labels: Uint8Array.from(points, ({ label }) => label),
  };
}
