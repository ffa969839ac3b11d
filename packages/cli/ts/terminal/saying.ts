import { SingleBar } from "cli-progress";
import { canMove, columnsOf, fitting, wrapped } from "./width.js";

/** What is shown while a training goes on. */
export interface Progress {
  /** What `epoch` counts. Default "epoch". */
  readonly unit?: "epoch" | "round";
  readonly network: number;
  readonly networks: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly validationLoss: number | undefined;
  readonly examplesPerSecond: number;
}

/** Where the command's words go: people read a terminal, programs lines of JSON. */
export interface Saying {
  /** A sentence for people. */
  say(text: string): void;
  /** A result, by its kind: for programs as a line of JSON, for people as this text. */
  result(kind: string, data: object, text: string): void;
  progress(progress: Progress): void;
  /** Ends what is moving. */
  rest(): void;
}

export interface SayingOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly output?: NodeJS.WriteStream;
  readonly errors?: NodeJS.WriteStream;
}

/** By the options, and by whether anybody looks. */
export function sayingOf({
  json,
  quiet,
  output = process.stdout,
  errors = process.stderr,
}: SayingOptions): Saying {
  if (quiet) return SILENT;
  if (json) return new JsonLines(output);
  return canMove(errors) ? new TerminalBar(output, errors) : new PlainLines(output, errors);
}

const SILENT: Saying = { say: () => {}, result: () => {}, progress: () => {}, rest: () => {} };

class JsonLines implements Saying {
  readonly #output: NodeJS.WriteStream;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  say(text: string): void {
    this.#line({ type: "note", text });
  }

  result(type: string, data: object): void {
    this.#line({ type, ...data });
  }

  progress(progress: Progress): void {
    const { unit = "epoch", ...rest } = progress;
    this.#line({ type: unit, ...rest });
  }

  rest(): void {}

  #line(data: object): void {
    this.#output.write(`${JSON.stringify(data)}\n`);
  }
}

/** Where nobody looks: a line now and then. */
class PlainLines implements Saying {
  readonly #output: NodeJS.WriteStream;
  readonly #errors: NodeJS.WriteStream;
  #next = 0;

  constructor(output: NodeJS.WriteStream, errors: NodeJS.WriteStream) {
    this.#output = output;
    this.#errors = errors;
  }

  say(text: string): void {
    this.#errors.write(`${wrapped(text, columnsOf(this.#errors))}\n`);
  }

  result(_type: string, _data: object, text: string): void {
    this.#output.write(`${text}\n`);
  }

  progress(progress: Progress): void {
    const now = performance.now();
    const isFirst = progress.epoch === 1;
    if (!isFirst && now < this.#next) return;
    this.#next = now + SECONDS_BETWEEN_LINES * 1000;
    const { network, networks, epoch, epochs, unit = "epoch" } = progress;
    const which = networks === 1 ? "" : `network ${network + 1}/${networks}, `;
    this.say(`${which}${unit} ${epoch}/${epochs}, ${losses(progress)}, ${speed(progress)} examples/s`);
  }

  rest(): void {}
}

const SECONDS_BETWEEN_LINES = 5;

/** Says how far a work without a bar is, where it takes long enough. */
export function sayNowAndThen(
  saying: Saying,
  text: (done: number, of: number) => string,
): (done: number, of: number) => void {
  let last = performance.now();
  return (done, of) => {
    const now = performance.now();
    if (now < last + SECONDS_BETWEEN_LINES * 1000) return;
    last = now;
    saying.say(text(done, of));
  };
}

const BAR = "█".repeat(15);

/** A bar with the time that is left at most: training may end before its last epoch. */
class TerminalBar implements Saying {
  readonly #output: NodeJS.WriteStream;
  readonly #errors: NodeJS.WriteStream;
  readonly #bar: SingleBar;
  #isMoving = false;
  /** The network whose epochs are shown, its first one here, and when that was over. */
  #shown = { network: -1, epoch: 0, time: 0 };

  constructor(output: NodeJS.WriteStream, errors: NodeJS.WriteStream) {
    this.#output = output;
    this.#errors = errors;
    // gracefulExit off: Ctrl-C ends the training, not the process.
    this.#bar = new SingleBar({
      format: (_options, { progress, value, total }, { which, ...said }) => {
        const bar = BAR.slice(0, Math.round(progress * BAR.length)).padEnd(BAR.length, "░");
        const parts = [`${which} ${bar} ${value}/${total}`, said.losses, said.left, said.speed];
        return fitting(parts, columnsOf(errors) ?? 80);
      },
      stream: errors,
      gracefulExit: false,
      hideCursor: true,
      clearOnComplete: true,
    });
  }

  say(text: string): void {
    this.rest();
    this.#errors.write(`${wrapped(text, columnsOf(this.#errors))}\n`);
  }

  result(_type: string, _data: object, text: string): void {
    this.rest();
    this.#output.write(`${text}\n`);
  }

  progress(progress: Progress): void {
    const { network, networks, epoch, epochs, unit = "epoch" } = progress;
    if (this.#shown.network !== network) {
      this.rest();
      this.#shown = { network, epoch, time: performance.now() };
    }
    const taken = epoch - this.#shown.epoch;
    const perEpoch = (performance.now() - this.#shown.time) / Math.max(1, taken) / 1000;
    const shown = {
      which: networks === 1 ? unit : `network ${network + 1}/${networks}`,
      losses: losses(progress),
      speed: `${speed(progress)} examples/s`,
      left: taken === 0 ? "" : `at most ${duration(perEpoch * (epochs - epoch))} left`,
    };
    if (this.#isMoving) this.#bar.update(epoch, shown);
    else this.#bar.start(epochs, epoch, shown);
    this.#isMoving = true;
  }

  rest(): void {
    if (this.#isMoving) this.#bar.stop();
    this.#isMoving = false;
  }
}

function losses({ loss, validationLoss }: Progress): string {
  const validation = validationLoss === undefined ? "" : `, validation ${validationLoss.toFixed(4)}`;
  return `loss ${loss.toFixed(4)}${validation}`;
}

function speed({ examplesPerSecond }: Progress): string {
  return new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(
    examplesPerSecond,
  );
}

export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
