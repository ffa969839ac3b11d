import { METRIC_NAMES, metricRow } from "../catalog/metrics.js";
import { NOT_NEGATIVE } from "../catalog/ranges.js";
import { checkBoolean, checkChoice, checkInteger, checkNumber, readOptions } from "../config/validation.js";
import { ConfigError, describe } from "../errors/errors.js";
import type { Observer, Watch, WatchedFit } from "./observer.js";
import type { EarlyStoppingSettings, StoppingState } from "./watch-state.js";

/** When {@link Network.fit} ends before its last epoch, and with which weights. */
export interface EarlyStopping {
  /**
   * What is watched, a path into the history: `"validation.loss"` (default), `"validation.metrics.accuracy"` and its like,
   * or `"loss"`, that of training.
   */
  readonly monitor?: string;
  /** Epochs (of those that are validated) without an improvement, after which it stops: an integer >= 0. Default 10. */
  readonly patience?: number;
  /** By how much a value must be better than the best so far to count: a number >= 0. Default 0. */
  readonly minDelta?: number;
  /** Whether less is better, or more. Default `"auto"`: more of metrics of which more is better. */
  readonly mode?: "auto" | "min" | "max";
  /** Whether the network ends with the best epoch's parameters, however training ends. Default true. */
  readonly restoreBest?: boolean;
}

/** Checks the options and fills in the defaults. Raises ConfigError. */
export function resolveEarlyStopping(options: unknown): EarlyStoppingSettings {
  const given = readOptions("earlyStopping", "earlyStopping", options as EarlyStopping);
  const {
    monitor = "validation.loss",
    patience = 10,
    minDelta = 0,
    mode = "auto",
    restoreBest = true,
  } = given;
  if (typeof monitor !== "string" || !/^(loss|validation\.loss|validation\.metrics\..+)$/.test(monitor)) {
    const expected = '"validation.loss", "validation.metrics.…" or "loss"';
    throw new ConfigError("earlyStopping.monitor", expected, describe(monitor));
  }
  return {
    monitor,
    patience: checkInteger("earlyStopping.patience", patience, 0, Number.MAX_SAFE_INTEGER),
    minDelta: checkNumber("earlyStopping.minDelta", minDelta, ...NOT_NEGATIVE),
    mode: modeOf(monitor, checkChoice("earlyStopping.mode", mode, ["auto", "min", "max"])),
    restoreBest: checkBoolean("earlyStopping.restoreBest", restoreBest),
  };
}

function modeOf(monitor: string, mode: "auto" | "min" | "max"): "min" | "max" {
  if (mode !== "auto") return mode;
  const name = METRIC_NAMES.find((metric) => `validation.metrics.${metric}` === monitor);
  if (name !== undefined) return metricRow(name).better === "more" ? "max" : "min";
  if (!monitor.startsWith("validation.metrics.")) return "min";
  throw new ConfigError("earlyStopping.mode", `"min" or "max", for ${monitor}`, '"auto"');
}

/** The values of a monitor so far. */
export function monitored(
  { loss, validation }: WatchedFit["state"],
  monitor: string,
): readonly number[] | undefined {
  if (monitor === "loss") return loss;
  return validation?.scores[monitor.replace(/^validation\.(metrics\.)?/, "")];
}

/** Stops a fit. `before`: its state in a fit that is taken up again. */
export function earlyStopping(settings: EarlyStoppingSettings, before: StoppingState | undefined): Watch {
  return (fit) => new EarlyStoppingObserver(settings, before, fit);
}

class EarlyStoppingObserver implements Observer {
  readonly watchesSteps = false;
  readonly #fit: WatchedFit;
  readonly #state: StoppingState;
  /** Values that it has seen. */
  #seen: number;

  constructor(settings: EarlyStoppingSettings, before: StoppingState | undefined, fit: WatchedFit) {
    this.#fit = fit;
    this.#state = before ?? { settings, bestEpoch: 0, bestValue: Number.NaN, waited: 0, best: undefined };
    fit.state.stopping = this.#state;
    this.#seen = monitored(fit.state, settings.monitor)?.length ?? 0;
  }

  async epoch(epoch: number): Promise<void> {
    const state = this.#state;
    const { monitor, mode, minDelta, restoreBest } = state.settings;
    const values = monitored(this.#fit.state, monitor) ?? [];
    if (values.length === this.#seen) return;
    this.#seen = values.length;
    const value = values[values.length - 1] ?? Number.NaN;
    const gain = mode === "max" ? value - state.bestValue : state.bestValue - value;
    if (state.bestEpoch > 0 && !(gain > minDelta)) {
      state.waited++;
      return;
    }
    state.bestEpoch = epoch;
    state.bestValue = value;
    state.waited = 0;
    const { layers } = this.#fit.trainee;
    if (restoreBest)
      state.best = { parameters: layers.readByRows(layers.parameters), statistics: layers.statistics.read() };
  }

  get isOver(): boolean {
    return this.#state.bestEpoch > 0 && this.#state.waited >= Math.max(1, this.#state.settings.patience);
  }

  close(): void {
    const { best } = this.#state;
    const { layers } = this.#fit.trainee;
    if (best === undefined || !layers.engine.readable) return;
    layers.parameters.write(best.parameters);
    layers.statistics.write(best.statistics);
    layers.intoPanels(layers.parameters);
  }
}
