/** The event loop gets its turn at least this often, in milliseconds, where nothing else is said. */
export const LONGEST_WITHOUT = 40;

/** How many numbers a generator looks at or copies between two of its yields. */
export const CHUNK = 1 << 18;

/** Tells a long computation when to let the event loop run, and lets it. */
export class Breath {
  readonly #longest: number;
  #last = performance.now();

  /** @param longest - milliseconds that the event loop may have to wait */
  constructor(longest = LONGEST_WITHOUT) {
    this.#longest = longest;
  }

  due(): boolean {
    return performance.now() - this.#last >= this.#longest;
  }

  /** Timers, input and other work run before this resolves. */
  async take(): Promise<void> {
    await nextTurn();
    this.taken();
  }

  /** The event loop has just turned. */
  taken(): void {
    this.#last = performance.now();
  }
}

/**
 * Runs a generator to its end; the event loop gets its turns at its yields. A promise that it yields is waited for.
 */
export async function breathing<Result>(steps: Generator<unknown, Result>, breath: Breath): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (value !== undefined) {
      await value;
      breath.taken();
    } else if (breath.due()) await breath.take();
  }
}

/** Runs a generator to its end without a break. */
export function atOnce<Result>(steps: Generator<unknown, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A turn of the event loop, where it can be without the delay that browsers and Node put on setTimeout. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // Jest's jsdom has neither of the first two; in edge runtimes they are there and raise an error.
    if (!works(() => setImmediate(resolve)) && !works(() => postTo(resolve))) setTimeout(resolve);
  });
}

function postTo(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(undefined);
}

function works(schedule: () => unknown): boolean {
  try {
    schedule();
    return true;
  } catch {
    return false;
  }
}
