import { settled } from "../training/callback.js";
import type { EpochReport, History } from "../training/state.js";

/** What a fit is given so that it can be visited one epoch at a time. */
export interface Gate {
  /** In place of the caller's: it waits until the next epoch is asked for. */
  readonly onEpoch: (report: EpochReport) => unknown;
  /** Follows the caller's, and aborts when the visitor leaves. */
  readonly signal: AbortSignal;
}

/** Begins a fit that goes through the gate. */
export type Begin = (gate: Gate) => Promise<History>;

/** The options of fit that the gate takes the place of, as they were given. */
export interface Gated {
  readonly onEpoch?: ((report: EpochReport) => unknown) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A fit, one epoch at a time: `for await (const epoch of run)`. An epoch begins when it is asked for. To leave the loop ends
 * the fit as an abort would, at the end of the step.
 */
export class EpochRun implements AsyncIterableIterator<EpochReport> {
  readonly #visit: AsyncGenerator<EpochReport, void>;
  #history: History | undefined;

  /** @internal */
  constructor(begin: Begin, given: Gated) {
    this.#visit = visit(begin, given, (history) => {
      this.#history = history;
    });
  }

  /** What fit would have resolved to, once the loop has ended, however it ended; undefined until then. */
  get history(): History | undefined {
    return this.#history;
  }

  next(): Promise<IteratorResult<EpochReport, void>> {
    return this.#visit.next();
  }

  /** Ends the fit; resolves when it has ended. */
  return(): Promise<IteratorResult<EpochReport, void>> {
    return this.#visit.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function* visit(
  begin: Begin,
  { onEpoch, signal }: Gated,
  ended: (history: History) => void,
): AsyncGenerator<EpochReport, void> {
  const left = new AbortController();
  const follow = () => left.abort(signal?.reason);
  if (signal?.aborted) follow();
  else signal?.addEventListener("abort", follow, { once: true });
  let report: (report: EpochReport | undefined) => void = () => undefined;
  let goOn: () => void = () => undefined;
  const gate: Gate = {
    signal: left.signal,
    onEpoch: async (epoch) => {
      await settled(onEpoch?.(epoch), left.signal);
      const asked = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      report(epoch);
      await settled(asked, left.signal);
    },
  };
  let isOver = false;
  const reported = () =>
    new Promise<EpochReport | undefined>((resolve) => {
      report = resolve;
      if (isOver) resolve(undefined); // An abort ended it while nothing was asked for.
    });
  let next = reported();
  const fitted = begin(gate).then(ended);
  const end = () => {
    isOver = true;
    report(undefined);
  };
  fitted.then(end, end); // Its error is raised below.
  try {
    for (let epoch = await next; epoch !== undefined; epoch = await next) {
      yield epoch;
      next = reported();
      goOn();
    }
  } finally {
    left.abort();
    signal?.removeEventListener("abort", follow);
    await fitted;
  }
}
