import { type Batch, type Dataset, isStream, type Stream } from "../data/dataset.js";

/**
 * Data that are read here, in the form in which a worker can ask for them: an iterator can't cross, but its functions can.
 */
export function lent(data: Dataset | Stream): object {
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
