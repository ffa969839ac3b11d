/** What a run beside JavaScript came to. */
type Outcome = { readonly value: number } | { readonly error: unknown };

/**
 * A run of a program on a thread of the addon's, while the event loop turns. The blocks that it works on are shut meanwhile:
 * who wants to read or write one of them waits for its end.
 */
export class AsideRun {
  readonly #gates: readonly Gate[];
  readonly #settle: () => number;
  readonly #after: ((value: number) => void) | undefined;
  #outcome: Outcome | undefined;

  /**
   * @param settle - waits for its end and says what it came to
   * @param after - called once with that, before anyone sees what the run has changed
   */
  constructor(gates: readonly Gate[], settle: () => number, after?: (value: number) => void) {
    this.#gates = gates;
    this.#settle = settle;
    this.#after = after;
    for (const gate of gates) gate.run = this;
  }

  /** Waits until it has ended. What it raised is for {@link AsideRun.value} alone. */
  end(): void {
    if (this.#outcome !== undefined) return;
    try {
      this.#outcome = { value: this.#settle() };
    } catch (error) {
      if (error instanceof RangeError) throw error; // The end of JavaScript's stack: it runs still.
      this.#outcome = { error };
    }
    for (const gate of this.#gates) gate.run = undefined;
    if ("value" in this.#outcome) this.#after?.(this.#outcome.value);
  }

  /** What it came to. Raises what it raised. */
  get value(): number {
    this.end();
    if (this.#outcome === undefined) throw new Error("it has ended");
    if ("error" in this.#outcome) throw this.#outcome.error;
    return this.#outcome.value;
  }
}

/** Whether a block's numbers can be used. */
export class Gate {
  /** What works on them on another thread. */
  run: AsideRun | undefined;

  /** Waits until nothing does. */
  pass(): void {
    if (this.run !== undefined) this.run.end();
  }
}
