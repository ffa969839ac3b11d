import type { WasmSpan } from "../../ts/engine/wasm/span.js";
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
    const found = [got.largest, got.nonFinite, Number(got.allFinite)];
    expectSame(found, [largest, -1, 1], `max |x| and no NaN of ${length}`);
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
        const { largest, bound, nonFinite, allFinite } = reductions(setting, block);
        const expected = [Math.abs(bad), Math.abs(bad), place, 0];
        expectSame(
          [largest, bound, nonFinite, Number(allFinite)],
          expected,
          `${bad} at ${place} of ${length}`,
        );
      }
}

function reductions(setting: Setting, values: Float64Array) {
  const { length } = values;
  const { exports } = setting.instance;
  const double = Number(setting.dtype === "float64");
  return withMemory(setting, (memory) => {
    const block = memory.input(values);
    const { offset } = block as WasmSpan;
    const l2 = {
      op: "penalty",
      l1: 0,
      l2: 2,
      rest: [
        [block, 1],
        [length, 1],
      ],
    } as const;
    // No magnitude is within this limit, so that it looks for the largest.
    const guard = { op: "gradientGuard", limit: -1, gradients: block, rest: [[0, length]] } as const;
    return {
      sum: memory.run(1, [l2]).loss,
      largest: memory.run(1, [guard]).magnitude,
      bound: exports.magnitude_bound(double, offset, length, setting.threads),
      nonFinite: exports.first_non_finite(double, offset, length),
      allFinite: memory.engine.isFinite(block),
    };
  });
}
