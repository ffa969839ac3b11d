import type { MetricName } from "../../../ts/catalog/metrics.js";
import { fScore, type Metric } from "../../../ts/index.js";
import type { Task } from "./data-sets.js";

/** What a network is worth on some examples: its loss and the metrics of its task. */
export interface Scores {
  readonly loss: number;
  readonly values: Readonly<Partial<Record<MetricName, number>>>;
  /** How many of each class (row) were taken for each (column). */
  readonly confusion: readonly (readonly number[])[] | undefined;
}

/** The metrics that the page shows, of the core's table, and how it calls them. */
export const SHOWN: Readonly<Record<Task, readonly (readonly [MetricName, string])[]>> = {
  classes: [
    ["accuracy", "Accuracy"],
    ["balancedAccuracy", "Balanced accuracy"],
    ["fScore", "F-score, macro"],
  ],
  numbers: [
    ["rootMeanSquaredError", "RMSE"],
    ["meanAbsoluteError", "MAE"],
    ["r2", "R²"],
  ],
};

/** What evaluate is to give beside what it gives by itself. */
export const ASKED: Readonly<Record<Task, readonly Metric[]>> = {
  classes: ["balancedAccuracy", fScore({ average: "macro" }), "confusionMatrix"],
  numbers: [],
};

/** Of what evaluate gave. */
export function toScores(task: Task, found: Readonly<Record<string, unknown>>): Scores {
  const values = SHOWN[task].map(([name]) => [name, Number(found[name])]);
  return {
    loss: Number(found.loss),
    values: Object.fromEntries(values),
    confusion: found.confusionMatrix as Scores["confusion"],
  };
}
