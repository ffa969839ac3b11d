import { Matrix } from "layerwise";
import type { ClassTarget, NumberTarget, Target } from "../pipeline/plan.js";
import { classLabels, inUnit, type Label } from "../pipeline/target-numbers.js";
import type { Note } from "../table/note.js";

/** What is predicted of one target, a value a row. */
export type TargetPrediction = NumberPrediction | ClassPrediction;

export interface NumberPrediction {
  readonly name: string;
  readonly type: "numbers";
  /** In the target's unit. */
  readonly values: Float64Array;
}

export interface ClassPrediction {
  readonly name: string;
  readonly type: "classes";
  readonly classes: readonly Label[];
  /** The likeliest class of each row; of equally likely ones the first. */
  readonly labels: readonly Label[];
  /** rows × classes, in the order of `classes`; each row's sum is 1. */
  readonly probabilities: Matrix;
}

/** What a model says of some rows. */
export class Predictions {
  readonly rows: number;
  readonly targets: readonly TargetPrediction[];
  /** Levels that weren't in the training rows, and how they were taken. */
  readonly notes: readonly Note[];

  /** @internal */
  constructor(rows: number, targets: readonly TargetPrediction[], notes: readonly Note[]) {
    this.rows = rows;
    this.targets = targets;
    this.notes = notes;
  }

  /** Names of what {@link toRows} has: each target, and of classes `name: class` with its probability. */
  get names(): string[] {
    return this.targets.flatMap((target) =>
      target.type === "numbers"
        ? [target.name]
        : [target.name, ...target.classes.map((label) => `${target.name}: ${label}`)],
    );
  }

  /** An object for each row. */
  toRows(): Record<string, Label>[] {
    const names = this.names;
    return Array.from({ length: this.rows }, (_, i) => {
      const values = this.targets.flatMap((target): Label[] => {
        if (target.type === "numbers") return [target.values[i] ?? Number.NaN];
        const { cols, data } = target.probabilities;
        return [target.labels[i] ?? "", ...data.subarray(i * cols, (i + 1) * cols)];
      });
      return Object.fromEntries(names.map((name, n) => [name, values[n] ?? Number.NaN]));
    });
  }
}

/** Outputs of networks, averaged, as what they say of each target. */
export function predictionsOf(
  targets: readonly Target[],
  outputs: Matrix,
  notes: readonly Note[],
): Predictions {
  const predictions = targets.map((target, t) =>
    target.type === "number" ? numbersOf(target, outputs, t) : classesOf(target, outputs, t),
  );
  return new Predictions(outputs.rows, predictions, notes);
}

function numbersOf(target: NumberTarget, { data, rows, cols }: Matrix, t: number): NumberPrediction {
  const values = Float64Array.from({ length: rows }, (_, i) =>
    inUnit(target, data[i * cols + t] ?? Number.NaN),
  );
  return { name: target.name, type: "numbers", values };
}

function classesOf(target: ClassTarget, outputs: Matrix, t: number): ClassPrediction {
  const probabilities = target.classes.length === 2 ? bothOf(outputs, t) : outputs;
  const classes = classLabels(target);
  const labels = Array.from({ length: outputs.rows }, (_, i) => classes[likeliest(probabilities, i)] ?? "");
  return { name: target.name, type: "classes", classes, labels, probabilities };
}

/** 1 − p and p of a unit that says how likely the second class is. */
function bothOf({ data, rows, cols }: Matrix, t: number): Matrix {
  const both = new Float64Array(2 * rows);
  for (let i = 0; i < rows; i++) {
    const second = data[i * cols + t] ?? 0;
    both[2 * i] = 1 - second;
    both[2 * i + 1] = second;
  }
  return new Matrix(both, rows, 2);
}

/** The column of a row's largest number; of equal ones the first. */
export function likeliest({ data, cols }: Matrix, row: number): number {
  let best = 0;
  for (let k = 1; k < cols; k++) {
    if ((data[row * cols + k] ?? 0) > (data[row * cols + best] ?? 0)) best = k;
  }
  return best;
}
