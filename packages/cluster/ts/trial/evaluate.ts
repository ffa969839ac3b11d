import type { Model, Table } from "@layerwise/data";
import { DataError, type History, type Metric } from "layerwise";

/** The value that trials are compared by, and other scores of the evaluation rows: of several targets the mean. */
export function scoresOf(
  model: Model,
  evaluation: Table | undefined,
  metric: string | null,
  history: History | undefined,
): { readonly value: number; readonly scores: Readonly<Record<string, number>> } {
  if (evaluation === undefined || metric === null) {
    return { value: history?.best?.value ?? history?.loss.at(-1) ?? Number.NaN, scores: {} };
  }
  const { targets } = model.evaluate(evaluation, { metrics: [metric as Metric] });
  const sums = new Map<string, number>();
  for (const target of targets) {
    const of = Object.entries({ ...target, ...target.metrics }).filter(([name]) => name !== "rows");
    for (const [name, value] of of) {
      if (typeof value === "number") sums.set(name, (sums.get(name) ?? 0) + value / targets.length);
    }
  }
  const value = sums.get(metric) ?? Number.NaN;
  if (!Number.isFinite(value)) throw new DataError(metric, "a number, of the evaluation rows", `${value}`);
  const scores = [...sums].filter(([, score]) => Number.isFinite(score));
  return { value, scores: Object.fromEntries(scores) };
}
