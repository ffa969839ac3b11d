/**
 * What a promise gives, or undefined where the signal aborts before: then nobody waits for it any more, and what it gives or
 * how it is rejected is nobody's business.
 */
export function arrived<Value>(
  promise: PromiseLike<Value>,
  signal: AbortSignal | undefined,
): Promise<{ readonly value: Value } | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    const end = () => signal?.removeEventListener("abort", stop);
    promise.then(
      (value) => {
        end();
        resolve({ value });
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
