import { nextTurn } from "../platform/breath.js";

/**
 * Waits for what a callback of fit returned, if it is a promise, and only then; but no longer than until the signal
 * aborts and the event loop has had a turn. A promise that is rejected later is nobody's business any more.
 */
export function settled(returned: unknown, signal: AbortSignal | undefined): unknown {
  if (typeof returned !== "object" || returned === null || !("then" in returned)) return undefined;
  return signal === undefined ? returned : untilAborted(returned, signal);
}

function untilAborted(returned: object, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // With a turn in between, a callback that aborts and then fails at once is still heard.
    const stop = () => void nextTurn().then(resolve);
    const end = () => signal.removeEventListener("abort", stop);
    Promise.resolve(returned).then(
      () => {
        end();
        resolve();
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
