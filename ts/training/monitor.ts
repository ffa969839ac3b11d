import { METRIC_NAMES, metricRow } from "../catalog/metrics.js";
import { NOT_NEGATIVE } from "../catalog/ranges.js";
import { checkChoice, checkInteger, checkNumber } from "../config/validation.js";
import { ConfigError, describe } from "../errors/errors.js";
import type { WatchedFit } from "./observer.js";
import type { MonitorSettings, Trend } from "./watch-state.js";

/** What waits for a value of the history to get better. */
export type Monitoring = "earlyStopping" | "reduceOnPlateau";

/** Which value of the history is watched, and what counts as better. */
export interface MonitorOptions {
  /**
   * What is watched, a path into the history: `"validation.loss"` (default), `"validation.metrics.accuracy"` and its like,
   * or `"loss"`, that of training.
   */
  readonly monitor?: string;
  /** Epochs (of those that are validated) without an improvement, after which it acts: an integer >= 0. Default 10. */
  readonly patience?: number;
  /** By how much a value must be better than the best so far to count: a number >= 0. Default 0. */
  readonly minDelta?: number;
  /** Whether less is better, or more. Default `"auto"`: more of metrics of which more is better. */
  readonly mode?: "auto" | "min" | "max";
}

/** Checks these options and fills in the defaults. Raises ConfigError. */
export function resolveMonitor(by: Monitoring, given: MonitorOptions): MonitorSettings {
  const { monitor = "validation.loss", patience = 10, minDelta = 0, mode = "auto" } = given;
  if (typeof monitor !== "string" || !/^(loss|validation\.loss|validation\.metrics\..+)$/.test(monitor)) {
    const expected = '"validation.loss", "validation.metrics.…" or "loss"';
    throw new ConfigError(`${by}.monitor`, expected, describe(monitor));
  }
  return {
    monitor,
    patience: checkInteger(`${by}.patience`, patience, 0, Number.MAX_SAFE_INTEGER),
    minDelta: checkNumber(`${by}.minDelta`, minDelta, ...NOT_NEGATIVE),
    mode: modeOf(by, monitor, checkChoice(`${by}.mode`, mode, ["auto", "min", "max"])),
  };
}

function modeOf(by: Monitoring, monitor: string, mode: "auto" | "min" | "max"): "min" | "max" {
  if (mode !== "auto") return mode;
  const name = METRIC_NAMES.find((metric) => `validation.metrics.${metric}` === monitor);
  if (name !== undefined) return metricRow(name).better === "more" ? "max" : "min";
  if (!monitor.startsWith("validation.metrics.")) return "min";
  throw new ConfigError(`${by}.mode`, `"min" or "max", for ${monitor}`, '"auto"');
}

/** Before the first value. */
export const NO_TREND: Trend = { bestEpoch: 0, bestValue: Number.NaN, waited: 0 };

/** Looks at each new value of a fit's history. */
export class Monitor {
  readonly #state: WatchedFit["state"];
  readonly #settings: MonitorSettings;
  readonly #trend: Trend;
  /** Values that it has seen. */
  #seen: number;

  /** `trend` is the caller's, and changed. Raises ConfigError for a value that the history will not have. */
  constructor(by: Monitoring, settings: MonitorSettings, trend: Trend, { state }: WatchedFit) {
    const { monitor } = settings;
    const values = monitored(state, monitor);
    if (values === undefined) {
      const { loss: _, ...metrics } = state.validation?.scores ?? {};
      const names = Object.keys(metrics).map((name) => `"validation.metrics.${name}"`);
      const expected = ['"loss"', '"validation.loss"', ...names].join(" or ");
      throw new ConfigError(`${by}.monitor`, `${expected}, which this fit's history has`, describe(monitor));
    }
    this.#state = state;
    this.#settings = settings;
    this.#trend = trend;
    this.#seen = values.length;
  }

  /** Whether this epoch's value is the best so far; undefined where there is none. */
  isBest(epoch: number): boolean | undefined {
    const values = monitored(this.#state, this.#settings.monitor) ?? [];
    if (values.length === this.#seen) return undefined;
    this.#seen = values.length;
    const value = values[values.length - 1] ?? Number.NaN;
    const trend = this.#trend;
    if (!this.#isBetter(value)) {
      trend.waited++;
      return false;
    }
    trend.bestEpoch = epoch;
    trend.bestValue = value;
    trend.waited = 0;
    return true;
  }

  /** A value that isn't finite never is. */
  #isBetter(value: number): boolean {
    const { bestEpoch, bestValue } = this.#trend;
    const { mode, minDelta } = this.#settings;
    if (bestEpoch === 0) return Number.isFinite(value);
    return (mode === "max" ? value - bestValue : bestValue - value) > minDelta && Number.isFinite(value);
  }

  /** Whether so many values came without a better one as patience allows. */
  get isOver(): boolean {
    return this.#trend.waited >= Math.max(1, this.#settings.patience);
  }
}

/** The values of a monitor so far. */
function monitored(
  { loss, validation }: WatchedFit["state"],
  monitor: string,
): readonly number[] | undefined {
  if (monitor === "loss") return loss;
  const { loss: ofLoss, ...metrics } = validation?.scores ?? {};
  if (monitor === "validation.loss") return ofLoss;
  const name = monitor.slice("validation.metrics.".length);
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}
