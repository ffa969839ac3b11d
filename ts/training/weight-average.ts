import { checkInteger, checkNumber, readOptions } from "../config/validation.js";
import type { Examples } from "../data/examples.js";
import type { Program } from "../engine/engine.js";
import type { Operation } from "../engine/operations.js";
import { ConfigError } from "../errors/errors.js";
import { Averages } from "../model/averages.js";
import type { Observer, Watch, WatchedFit } from "./observer.js";
import type { Reading } from "./reading.js";
import type { AverageSettings, AverageState } from "./watch-state.js";

/** Which average of its weights a network ends {@link Network.fit} with. */
export type WeightAverage =
  /** a ← decay·a + (1 − decay)·w after each update, decay in (0, 1); after the first one a is w. */
  | { readonly decay: number }
  /** The mean of the weights at the ends of the epochs from this one on: an integer >= 1. */
  | { readonly fromEpoch: number };

/** Checks the option. Raises ConfigError. */
export function resolveWeightAverage(options: unknown, epochs: number | undefined): AverageSettings {
  const given = readOptions(
    "weightAverage",
    "weightAverage",
    options as { decay?: number; fromEpoch?: number },
  );
  const { decay, fromEpoch } = given;
  if ((decay === undefined) === (fromEpoch === undefined)) {
    const got = decay === undefined ? "neither" : "both";
    throw new ConfigError("weightAverage", "either { decay } or { fromEpoch }", got);
  }
  if (fromEpoch === undefined) {
    const isShare = (value: number) => value > 0 && value < 1;
    return { decay: checkNumber("weightAverage.decay", decay, "a number in (0, 1)", isShare) };
  }
  // Beyond the last one there would be nothing to average.
  return {
    fromEpoch: checkInteger("weightAverage.fromEpoch", fromEpoch, 1, epochs || Number.MAX_SAFE_INTEGER),
  };
}

/**
 * Averages the weights and running statistics. From the end of an epoch's last step until its report the network is the
 * average, for validation and callbacks, and at the end of the fit; else it is what is trained. `before`: its state in a
 * fit that is taken up again.
 */
export function weightAverage(settings: AverageSettings, before: AverageState | undefined): Watch {
  return (fit) => new AverageObserver(settings, before, fit);
}

class AverageObserver implements Observer {
  readonly watchesSteps = false;
  readonly #fit: WatchedFit;
  readonly #settings: AverageSettings;
  readonly #before: AverageState | undefined;
  #averages: Averages | undefined;
  #average: Program | undefined;
  #swap: Program | undefined;
  #isSwapped = false;

  constructor(settings: AverageSettings, before: AverageState | undefined, fit: WatchedFit) {
    this.#fit = fit;
    this.#settings = settings;
    this.#before = before;
  }

  *begin(examples: Examples): Generator<void, Examples> {
    this.#begin();
    yield;
    return examples;
  }

  async beginRead(reading: Reading): Promise<Reading> {
    this.#begin();
    return reading;
  }

  /** Has its memory before the first step. */
  #begin(): void {
    const { trainee, state } = this.#fit;
    const { engine, dtype } = trainee.layers;
    const averages = new Averages(trainee.layers);
    this.#averages = averages;
    if (this.#before !== undefined && this.#before.count > 0) {
      averages.write(this.#before.read(), this.#before.count);
    }
    state.average = {
      settings: this.#settings,
      get count() {
        return averages.count;
      },
      read: () => averages.read(),
    };
    this.#average = engine.program(dtype, averages.averagePass(0));
    this.#swap = engine.program(dtype, averages.swapPass());
  }

  get operations(): readonly Operation[] {
    const { decay } = this.#settings;
    return decay === undefined ? [] : (this.#averages?.averagePass(decay) ?? []);
  }

  async epoch(epoch: number): Promise<void> {
    const { fromEpoch } = this.#settings;
    if (fromEpoch !== undefined && epoch >= fromEpoch) this.#average?.run(0, 0, 0);
    if (this.#averages !== undefined && this.#averages.count > 0) this.#exchange();
  }

  look(): undefined {
    if (this.#isSwapped) this.#exchange();
  }

  #exchange(): void {
    this.#swap?.run(0, 0, 0);
    this.#isSwapped = !this.#isSwapped;
  }

  close(): void {
    const averages = this.#averages;
    if (averages === undefined) return;
    const { engine } = this.#fit.trainee.layers;
    if (!this.#isSwapped && engine.readable && averages.count > 0) averages.apply();
    this.#average?.release();
    this.#swap?.release();
    averages.release();
  }
}
