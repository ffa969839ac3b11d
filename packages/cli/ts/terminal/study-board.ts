import type { StudyProgress, Trial } from "@layerwise/cluster";
import { number } from "../report/number.js";
import { duration, type Saying } from "./saying.js";
import { canMove, columnsOf } from "./width.js";

/** Shows how a study gets on: some lines that change in a terminal, else a line now and then. */
export interface StudyBoard {
  show(progress: StudyProgress): void;
  /** A sentence, above the lines that change from then on. */
  say(text: string): void;
  /** Leaves the last lines, so that others can follow. */
  rest(): void;
}

export interface BoardOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly saying: Saying;
  readonly output?: NodeJS.WriteStream;
}

export function boardOf({ json, quiet, saying, output = process.stderr }: BoardOptions): StudyBoard {
  const say = (text: string) => saying.say(text);
  if (quiet) return { show: () => {}, say, rest: () => {} };
  if (json) return new EveryWhile(1, say, (progress) => saying.result("progress", plain(progress), ""));
  if (canMove(output)) return new LiveLines(output, say);
  return new EveryWhile(5, say, (progress) => say(linesOf(progress).join("; ")));
}

class EveryWhile implements StudyBoard {
  readonly say: (text: string) => void;
  readonly #seconds: number;
  readonly #show: (progress: StudyProgress) => void;
  #next = performance.now();

  constructor(seconds: number, say: (text: string) => void, show: (progress: StudyProgress) => void) {
    this.say = say;
    this.#seconds = seconds;
    this.#show = show;
    this.#next += 1000 * seconds;
  }

  show(progress: StudyProgress): void {
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + 1000 * this.#seconds;
    this.#show(progress);
  }

  rest(): void {}
}

/** Between two pictures: more nobody sees, and a slow line would be behind. */
const MILLISECONDS_BETWEEN_PICTURES = 100;

class LiveLines implements StudyBoard {
  readonly #output: NodeJS.WriteStream;
  readonly #say: (text: string) => void;
  #lines = 0;
  #next = 0;
  /** What isn't shown yet. */
  #last: StudyProgress | undefined;

  constructor(output: NodeJS.WriteStream, say: (text: string) => void) {
    this.#output = output;
    this.#say = say;
  }

  show(progress: StudyProgress): void {
    this.#last = progress;
    if (performance.now() >= this.#next) this.#draw(progress);
  }

  say(text: string): void {
    this.rest();
    this.#say(text);
  }

  rest(): void {
    if (this.#last !== undefined) this.#draw(this.#last);
    this.#lines = 0;
  }

  #draw(progress: StudyProgress): void {
    this.#last = undefined;
    this.#next = performance.now() + MILLISECONDS_BETWEEN_PICTURES;
    const width = columnsOf(this.#output) ?? 80;
    const lines = linesOf(progress).map((line) =>
      line.length < width ? line : `${line.slice(0, width - 2)}…`,
    );
    const up = this.#lines === 0 ? "" : `\x1b[${this.#lines}A`;
    this.#output.write(`${up}\x1b[J${lines.join("\n")}\n`);
    this.#lines = lines.length;
  }
}

function linesOf({ best, done, failed, running, planned, seconds, secondsLeft }: StudyProgress): string[] {
  const of = planned === undefined ? "" : ` of ${number(planned)}`;
  const left = secondsLeft === undefined || secondsLeft === 0 ? "" : `, about ${duration(secondsLeft)} left`;
  return [
    best === undefined ? "best: none yet" : `best: ${bestText(best)}`,
    `${number(done)}${of} trained, ${number(failed)} failed, ${number(running)} running`,
    `time: ${duration(seconds)}${left}`,
  ];
}

export function bestText({ trial, value, configuration }: Trial): string {
  return `${number(value ?? Number.NaN)} by trial ${trial}: ${configurationText(configuration)}`;
}

export function configurationText(configuration: Trial["configuration"]): string {
  const parts = Object.entries(configuration).map(([name, value]) =>
    typeof value === "string" ? `${name} ${value}` : `${name} ${JSON.stringify(value)}`,
  );
  return parts.join(", ") || "no parameters";
}

function plain({ best, ...progress }: StudyProgress): object {
  return {
    ...progress,
    best:
      best === undefined ? null : { trial: best.trial, value: best.value, configuration: best.configuration },
  };
}
