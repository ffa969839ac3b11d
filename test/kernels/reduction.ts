import { EDGES, EPSILON, expectNear, expectSame, numbers, type Setting, withMemory } from "./memory.js";

const LENGTHS = [...EDGES, 63, 64, 65, 257, 1000, 4099];

/** Σ w² in float64, max |x| and a bound on it, and no NaN. */
export function reductionsFollowPlainLoops(setting: Setting): void {
  for (const length of LENGTHS) {
    const block = numbers(setting.dtype, length, 7);
    const got = reductions(setting, block);
    let [sum, magnitudes, largest] = [0, 0, 0];
    for (const x of block) {
      sum += x * x;
      magnitudes += Math.abs(x);
      largest = Math.max(largest, Math.abs(x));
    }
    expectNear(got.sum, sum, length * 2 ** -52 * sum, () => `Σ w² of ${length}`);
    expectSame([got.largest, got.nonFinite], [largest, -1], `max |x| and no NaN of ${length}`);
    const most = magnitudes * (1 + length * EPSILON[setting.dtype]);
    expectSame([Number(got.bound >= largest && got.bound <= most)], [1], `a bound on |x| of ${length}`);
  }
}

/** One NaN or infinity is found at every place of every length. */
export function nonFiniteNumbersAreFoundAnywhere(setting: Setting): void {
  for (const length of EDGES)
    for (let place = 0; place < length; place++)
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const block = numbers(setting.dtype, length, 7);
        block[place] = bad;
        const { largest, bound, nonFinite } = reductions(setting, block);
        const expected = [Math.abs(bad), Math.abs(bad), place];
        expectSame([largest, bound, nonFinite], expected, `${bad} at ${place} of ${length}`);
      }
}

function reductions(setting: Setting, block: Float64Array) {
  const { length } = block;
  return withMemory(setting, (memory) => {
    const offset = memory.input(block);
    return {
      sum: memory.kernels.sumOfSquares(offset, length),
      largest: memory.kernels.largestMagnitude(offset, length),
      bound: memory.kernels.magnitudeBound(offset, length, memory.threads),
      nonFinite: memory.kernels.firstNonFinite(offset, length),
    };
  });
}
