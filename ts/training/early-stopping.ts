import { checkBoolean, readOptions } from "../config/validation.js";
import { Monitor, type MonitorOptions, NO_TREND, resolveMonitor } from "./monitor.js";
import type { Observer, Watch, WatchedFit } from "./observer.js";
import type { EarlyStoppingSettings, StoppingState } from "./watch-state.js";

/** When {@link Network.fit} ends before its last epoch, and with which weights. */
export interface EarlyStopping extends MonitorOptions {
  /** Whether the network ends with the best epoch's parameters, however training ends. Default true. */
  readonly restoreBest?: boolean;
}

/** Checks the options and fills in the defaults. Raises ConfigError. */
export function resolveEarlyStopping(options: unknown): EarlyStoppingSettings {
  const given = readOptions("earlyStopping", "earlyStopping", options as EarlyStopping);
  const { restoreBest = true } = given;
  return {
    ...resolveMonitor("earlyStopping", given),
    restoreBest: checkBoolean("earlyStopping.restoreBest", restoreBest),
  };
}

/** Stops a fit. `before`: its state in a fit that is taken up again. */
export function earlyStopping(settings: EarlyStoppingSettings, before: StoppingState | undefined): Watch {
  return (fit) => new EarlyStoppingObserver(settings, before, fit);
}

class EarlyStoppingObserver implements Observer {
  readonly watchesSteps = false;
  readonly #fit: WatchedFit;
  readonly #state: StoppingState;
  readonly #monitor: Monitor;

  constructor(settings: EarlyStoppingSettings, before: StoppingState | undefined, fit: WatchedFit) {
    this.#fit = fit;
    this.#state = before ?? { settings, ...NO_TREND, best: undefined };
    this.#monitor = new Monitor("earlyStopping", settings, this.#state, fit);
    fit.state.stopping = this.#state;
  }

  async epoch(epoch: number): Promise<void> {
    if (!this.#monitor.isBest(epoch) || !this.#state.settings.restoreBest) return;
    const { layers } = this.#fit.trainee;
    this.#state.best = {
      parameters: layers.readByRows(layers.parameters),
      statistics: layers.statistics.read(),
    };
  }

  get isOver(): boolean {
    return this.#monitor.isOver;
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
