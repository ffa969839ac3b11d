import { type Batch, type Dataset, isRead, isStream, type Stream } from "../data/dataset.js";

/** The arguments of a call, data that are read among them lent: the first, and those of an option `validation`. */
export function lentArguments(args: readonly unknown[]): readonly unknown[] {
  return args.map((given, i) => {
    if (i === 0 && isRead(given)) return lent(given);
    if (i !== args.length - 1 || typeof given !== "object" || given === null) return given;
    if (!("validation" in given)) return given;
    const { validation } = given;
    if (typeof validation !== "object" || validation === null || !("data" in validation)) return given;
    const { data } = validation;
    return isRead(data) ? { ...given, validation: { ...validation, data: lent(data) } } : given;
  });
}

/**
 * Data that are read here, in the form in which a worker can ask for them: an iterator can't cross, but its functions can.
 */
function lent(data: Dataset | Stream): object {
  if (!isStream(data)) {
    return { length: data.length, read: (indices: Uint32Array) => data.read(indices) };
  }
  return { ...data, batches: async () => functionsOf(await data.batches()) };
}

function functionsOf(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given;
  const {
    [Symbol.asyncIterator]: later,
    [Symbol.iterator]: now,
  }: Partial<AsyncIterable<Batch> & Iterable<Batch>> = given;
  const open = later ?? now;
  if (typeof open !== "function") return given;
  const iterator = Reflect.apply(open, given, []) as Iterator<Batch>;
  return {
    next: async () => {
      const result = await iterator.next();
      return { ...result, value: await result.value };
    },
    return: () => iterator.return?.(),
  };
}
