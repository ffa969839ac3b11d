import { NOT_NEGATIVE } from "../catalog/ranges.js";
import { checkNumber, readOptions } from "../config/validation.js";
import { ConfigError } from "../errors/errors.js";
import { Monitor, type MonitorOptions, NO_TREND, resolveMonitor } from "./monitor.js";
import type { Observer, Watch, WatchedFit } from "./observer.js";
import type { PlateauSettings, PlateauState } from "./watch-state.js";

/** When {@link Network.fit} goes on with a lower learning rate. */
export interface ReduceOnPlateau extends MonitorOptions {
  /** What the rate is multiplied by, in (0, 1). Default 0.1. */
  readonly factor?: number;
  /** The lowest rate that it is reduced to: >= 0, and below the optimizer's own. Default 0. */
  readonly lowest?: number;
}

/** Checks the options and fills in the defaults. Raises ConfigError. */
export function resolveReduceOnPlateau(options: unknown): PlateauSettings {
  const given = readOptions("reduceOnPlateau", "reduceOnPlateau", options as ReduceOnPlateau);
  const { factor = 0.1, lowest = 0 } = given;
  const isShare = (value: number) => value > 0 && value < 1;
  return {
    ...resolveMonitor("reduceOnPlateau", given),
    factor: checkNumber("reduceOnPlateau.factor", factor, "a number in (0, 1)", isShare),
    lowest: checkNumber("reduceOnPlateau.lowest", lowest, ...NOT_NEGATIVE),
  };
}

/**
 * Multiplies the learning rate by `factor` from the next step on, where the monitor got no better for `patience` epochs,
 * and then waits as long again. `before`: its state in a fit that is taken up again.
 */
export function reduceOnPlateau(settings: PlateauSettings, before: PlateauState | undefined): Watch {
  return (fit) => new PlateauObserver(settings, before, fit);
}

class PlateauObserver implements Observer {
  readonly watchesSteps = false;
  readonly #fit: WatchedFit;
  readonly #state: PlateauState;
  readonly #monitor: Monitor;

  constructor(settings: PlateauSettings, before: PlateauState | undefined, fit: WatchedFit) {
    const { learningRate } = fit.settings.optimizer.hyperparameters;
    if (settings.lowest >= learningRate) {
      const expected = `a number below the optimizer's learningRate, ${learningRate}`;
      throw new ConfigError("reduceOnPlateau.lowest", expected, `${settings.lowest}`);
    }
    this.#fit = fit;
    this.#state = before ?? { settings, ...NO_TREND };
    this.#monitor = new Monitor("reduceOnPlateau", settings, this.#state, fit);
    fit.state.plateau = this.#state;
  }

  async epoch(epoch: number): Promise<void> {
    if (this.#monitor.isBest(epoch) !== false || !this.#monitor.isOver) return;
    this.#state.waited = 0;
    const { state, settings } = this.#fit;
    const { factor, lowest } = this.#state.settings;
    const rate = state.learningRate[state.learningRate.length - 1] ?? 0;
    if (rate > lowest) settings.optimizer.reduceRate(Math.max(factor, lowest / rate), lowest);
  }
}
