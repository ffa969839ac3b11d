import type { StudyProgress, Trial } from "@layerwise/cluster";
import { number } from "../report/number.js";
import { duration, type Saying } from "./saying.js";
import { canMove, columnsOf } from "./width.js";

/** Shows how a study gets on: some lines that change in a terminal, else a line now and then. */
export interface StudyBoard {
  show(progress: StudyProgress): void;
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
  if (quiet) return { show: () => {}, rest: () => {} };
  if (json) return new EveryWhile(1, (progress) => saying.result("progress", plain(progress), ""));
  if (canMove(output)) return new LiveLines(output);
  return new EveryWhile(5, (progress) => saying.say(linesOf(progress).join("; ")));
}

class EveryWhile implements StudyBoard {
  readonly #seconds: number;
  readonly #say: (progress: StudyProgress) => void;
  #next = performance.now();

  constructor(seconds: number, say: (progress: StudyProgress) => void) {
    this.#seconds = seconds;
    this.#say = say;
    this.#next += 1000 * seconds;
  }

  show(progress: StudyProgress): void {
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + 1000 * this.#seconds;
    this.#say(progress);
  }

  rest(): void {}
}

class LiveLines implements StudyBoard {
  readonly #output: NodeJS.WriteStream;
  #lines = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  show(progress: StudyProgress): void {
    const width = columnsOf(this.#output) ?? 80;
    const lines = linesOf(progress).map((line) =>
      line.length < width ? line : `${line.slice(0, width - 2)}…`,
    );
    const up = this.#lines === 0 ? "" : `\x1b[${this.#lines}A`;
    this.#output.write(`${up}\x1b[J${lines.join("\n")}\n`);
    this.#lines = lines.length;
  }

  rest(): void {
    this.#lines = 0;
  }
}

function linesOf({ best, done, failed, running, planned, seconds, secondsLeft }: StudyProgress): string[] {
  const of = planned === undefined ? "" : ` of ${number(planned)}`;
  const left = secondsLeft === undefined ? "" : `, about ${duration(secondsLeft)} left`;
  return [
    best === undefined ? "best: none yet" : `best: ${bestText(best)}`,
    `trainings: ${number(done)}${of} done, ${number(running)} running, ${number(failed)} failed`,
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
