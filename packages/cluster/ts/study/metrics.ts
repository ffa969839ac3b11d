/** Which way each metric is better, of what the core's `score` knows by a name alone. */
const BETTER = {
  classes: {
    logLoss: "minimize",
    accuracy: "maximize",
    balancedAccuracy: "maximize",
    precision: "maximize",
    recall: "maximize",
    fScore: "maximize",
    rocAuc: "maximize",
    prAuc: "maximize",
    brier: "minimize",
    calibrationError: "minimize",
    matthews: "maximize",
  },
  numbers: {
    rootMeanSquaredError: "minimize",
    meanSquaredError: "minimize",
    meanAbsoluteError: "minimize",
    meanAbsolutePercentageError: "minimize",
    r2: "maximize",
    explainedVariance: "maximize",
  },
} as const;

export type TaskName = keyof typeof BETTER;

export function metricsOf(task: TaskName): readonly string[] {
  return Object.keys(BETTER[task]);
}

export function betterWay(task: TaskName, metric: string): "minimize" | "maximize" {
  const ways: Readonly<Record<string, "minimize" | "maximize">> = BETTER[task];
  return ways[metric] ?? "minimize";
}

export function usualMetric(task: TaskName): string {
  return task === "classes" ? "logLoss" : "rootMeanSquaredError";
}
