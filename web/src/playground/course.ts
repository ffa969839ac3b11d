import { shortNumber, wholeNumber } from "../numbers.js";
import { type Milestone, milestone } from "./replay.js";
import type { Best, Ending } from "./session.js";

/** Where a training stopped. */
export interface Stop {
  readonly epoch: number;
  readonly fingerprint: string | undefined;
  /** Why, where nobody asked for it. */
  readonly ending: Ending | undefined;
  /** The epoch whose weights are back. */
  readonly restored: Best | undefined;
}

/** How far a network's training has come, where it goes, and what is to be said of it. */
export class Course {
  /** Epochs that each training has. */
  readonly #epochs: number;
  /** What the opened link promises. */
  readonly #promised: Milestone | undefined;
  #reached: Milestone | undefined;
  #epoch = 0;
  /** The epoch at which the training under way began. */
  #first = 0;
  /** Whether the training came to its own end: what follows is another. */
  #isEnded = false;

  constructor(epochs: number, promised: Milestone | undefined) {
    this.#epochs = epochs;
    this.#promised = promised;
  }

  /** An epoch was seen. */
  at(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Training begins or goes on; returns the epoch that it goes to: the link's, else the training's last. */
  begin(): number {
    const goal = this.#goal;
    if (this.#isEnded) this.#first = this.#epoch;
    this.#isEnded = false;
    return goal;
  }

  get #goal(): number {
    const promised = this.#promised?.epoch ?? 0;
    if (promised > this.#epoch) return promised;
    return (this.#isEnded ? this.#epoch : this.#first) + this.#epochs;
  }

  stopped({ epoch, fingerprint, ending }: Stop): void {
    this.#epoch = epoch;
    this.#isEnded = ending !== undefined;
    // A replay goes through the ends of trainings.
    while (epoch > this.#first + this.#epochs) this.#first += this.#epochs;
    this.#reached = fingerprint === undefined || epoch === 0 ? undefined : milestone(epoch, fingerprint);
  }

  /** Whether the run that the link promises went on where this stopped by itself. */
  get goesOn(): boolean {
    return this.#isEnded && this.#epoch < (this.#promised?.epoch ?? 0);
  }

  /** What a link to it holds: where it stopped last, else what the opened link did. */
  get milestone(): Milestone | undefined {
    return this.#reached ?? this.#promised;
  }

  /** What Start does next. */
  get startText(): string {
    if (this.#epoch === 0) return "Start";
    const more = this.#goal - this.#epoch;
    return more === this.#epochs ? `Train ${shortNumber(more)} more` : "Resume";
  }

  /** Of the opened link; undefined where it holds no run. */
  get promise(): string | undefined {
    if (this.#promised === undefined) return undefined;
    const { epoch, fingerprint } = this.#promised;
    return `This link holds a run of ${epochsOf(epoch)} (fingerprint ${fingerprint}). Start replays it.`;
  }

  /** Of the last stop. */
  report({ epoch, ending, restored }: Stop): string {
    const how = ending === undefined ? "Paused" : ending === "epochs" ? "Finished" : "Stopped early";
    const back = restored === undefined ? "" : `, back at the best, epoch ${wholeNumber(restored.epoch)}`;
    return `${how} after ${epochsOf(epoch)}${back}.${this.#verdict}`;
  }

  /** Whether a replay became what the link promised. */
  get #verdict(): string {
    if (this.#promised === undefined || this.#reached?.epoch !== this.#promised.epoch) return "";
    return this.#reached.fingerprint === this.#promised.fingerprint
      ? " Replayed to the bit: the fingerprint is the link’s."
      : ` The fingerprint isn’t the link’s (${this.#promised.fingerprint}).`;
  }
}

function epochsOf(count: number): string {
  return `${wholeNumber(count)} ${count === 1 ? "epoch" : "epochs"}`;
}
