import type { MetricName } from "../../../ts/catalog/metrics.js";
import { percentage } from "../numbers.js";

/** Metrics that are shares of the examples. */
const SHARES: readonly MetricName[] = ["accuracy", "balancedAccuracy"];

/** A metric's value as the page writes it; “–” where there is none. */
export function scoreText(name: MetricName, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (SHARES.includes(name)) return percentage(value);
  const text = Math.abs(value) < 10 ? value.toFixed(3) : value.toPrecision(3);
  return text.replace("-", "−");
}
