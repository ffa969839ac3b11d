import { atOnce } from "../platform/breath.js";
import { Optimizer } from "../training/optimizer.js";
import type { Packed } from "./messages.js";
import { pack, type Sender } from "./pack.js";

/** What a link to a worker does for the loans of its calls. */
export interface Lender {
  /** Keeps a value under a new id. */
  keep(value: unknown, loan: Loan): number;
  drop(id: number): void;
  /** The id of an optimizer, which is the same at each call. Raises StateError for another network's. */
  optimizerId(optimizer: Optimizer): number;
  abort(signal: number, reason: () => Packed): void;
}

/**
 * What one call's arguments leave on the caller's side, and the worker knows by ids: functions, signals, optimizers,
 * and what comes back as itself. Ends with the call.
 */
export class Loan implements Sender {
  readonly givesAway = false;
  readonly optimizers: Optimizer[] = [];
  readonly #lender: Lender;
  readonly #endings: (() => void)[] = [];

  constructor(lender: Lender) {
    this.#lender = lender;
  }

  refer(value: object): Packed {
    if (Optimizer.is(value)) {
      const { rule, hyperparameters, learningRate } = value;
      const id = this.#lender.optimizerId(value);
      this.optimizers.push(value);
      return { kind: "optimizer", id, rule, hyperparameters, learningRate };
    }
    return isSignal(value) ? this.#referSignal(value) : undefined;
  }

  referFunction(value: (...args: unknown[]) => unknown, self: object | undefined): Packed {
    return { kind: "function", id: this.#keep((...args: unknown[]) => Reflect.apply(value, self, args)) };
  }

  /** A copy that comes back as the value itself, if at all. */
  packKept(value: unknown): Packed {
    const copy = atOnce(pack(value, this)).packed;
    if (typeof value !== "object" || value === null) return copy;
    return { kind: "kept", id: this.#keep(value), copy };
  }

  end(): void {
    for (const ending of this.#endings.splice(0)) ending();
  }

  #keep(value: unknown): number {
    const id = this.#lender.keep(value, this);
    this.#endings.push(() => this.#lender.drop(id));
    return id;
  }

  #referSignal(signal: AbortSignal): Packed {
    const id = this.#keep(signal);
    const { aborted } = signal;
    const onAbort = () => this.#lender.abort(id, () => this.packKept(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#endings.push(() => signal.removeEventListener("abort", onAbort));
    return { kind: "signal", id, aborted, reason: aborted ? this.packKept(signal.reason) : undefined };
  }
}

/** An AbortSignal of any realm. */
export function isSignal(value: object): value is AbortSignal {
  return "aborted" in value && "addEventListener" in value && typeof value.addEventListener === "function";
}
