/** What came out of an instance's code: `error` is undefined until something did, and then for ever that. */
export interface Trap {
  error: unknown;
}

/**
 * The exports of an instance, every function among them guarded: what comes out of one ends the instance. Nothing but
 * a trap can: no kernel throws, and none calls JavaScript. The end of JavaScript's stack is one too (a RangeError):
 * whether it was met at the kernel's door or half-way, with data and stack pointer left as they were, can't be told.
 * @param ended - what to throw for the call that trapped (`first`) and for every call after it
 */
export function guarded<Exports extends object>(
  exports: Exports,
  trap: Trap,
  ended: (first: boolean) => Error,
): Exports {
  const guard =
    (kernel: (...numbers: readonly number[]) => unknown) =>
    (...numbers: readonly number[]) => {
      if (trap.error !== undefined) throw ended(false);
      try {
        return kernel(...numbers);
      } catch (error) {
        trap.error = error; // Before any call: at the end of the stack the next may fail.
        throw ended(true);
      }
    };
  const entries = Object.entries(exports).map(([name, value]) => [
    name,
    typeof value === "function" ? guard(value) : value,
  ]);
  return Object.fromEntries(entries) as Exports;
}
