import { Presets, SingleBar } from "cli-progress";
import type { EpochReport, StepReport } from "layerwise";
import type { Terminal } from "../report/terminal.js";

/** Shows how training gets on. */
export interface Progress {
  step(report: StepReport): void;
  epoch(report: EpochReport): void;
  /** To be called at the end, also after an error. */
  stop(): void;
}

/** A bar an epoch in a terminal, a line an epoch elsewhere. */
export function showProgress(terminal: Terminal, epochs: number): Progress {
  return terminal.isTTY === true ? new ProgressBar(terminal, epochs) : new ProgressLines(terminal, epochs);
}

/** The present epoch so far. */
class Epoch {
  readonly #start = performance.now();
  #examples = 0;
  #weightedLoss = 0;

  add({ loss, examples }: StepReport): void {
    this.#examples += examples;
    this.#weightedLoss += loss * examples;
  }

  get loss(): number {
    return this.#weightedLoss / this.#examples;
  }

  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  get speed(): string {
    return Math.round(this.#examples / this.seconds).toLocaleString("en-US");
  }
}

class ProgressBar implements Progress {
  readonly #bar: SingleBar;
  readonly #epochs: number;
  #epoch = new Epoch();

  constructor(terminal: Terminal, epochs: number) {
    this.#epochs = epochs;
    const format = "epoch {epoch}  {bar}  {value}/{total}  {speed} examples/s  loss {loss}";
    // gracefulExit off: Ctrl-C ends the training, not the process.
    const options = { format, stream: terminal, barsize: 24, gracefulExit: false };
    this.#bar = new SingleBar(options, Presets.shades_classic);
  }

  step(report: StepReport): void {
    const { epoch, step, stepsPerEpoch } = report;
    this.#epoch.add(report);
    const shown = {
      epoch: `${epoch}/${this.#epochs}`,
      speed: this.#epoch.speed.padStart(7),
      loss: this.#epoch.loss.toFixed(4),
    };
    if (step === 1) this.#bar.start(stepsPerEpoch, 1, shown);
    else this.#bar.update(step, shown);
  }

  epoch(): void {
    this.stop();
    this.#epoch = new Epoch();
  }

  stop(): void {
    if (this.#bar.isActive) this.#bar.stop();
  }
}

class ProgressLines implements Progress {
  readonly #terminal: Terminal;
  readonly #epochs: number;
  #epoch = new Epoch();

  constructor(terminal: Terminal, epochs: number) {
    this.#terminal = terminal;
    this.#epochs = epochs;
  }

  step(report: StepReport): void {
    this.#epoch.add(report);
  }

  epoch({ epoch, loss }: EpochReport): void {
    const { speed, seconds } = this.#epoch;
    const line = `epoch ${epoch}/${this.#epochs}  loss ${loss.toFixed(4)}  ${speed} examples/s  ${seconds.toFixed(1)} s`;
    this.#terminal.write(`${line}\n`);
    this.#epoch = new Epoch();
  }

  stop(): void {}
}
