import { EDGES, expectNear, expectSame, read, type Setting, withMemory } from "./memory.js";

const LENGTHS = [...EDGES, 63, 64, 65, 257, 10_007];

/** Each of 0 … m − 1 once; the same for the same seed and epoch, and another order for another of either. */
export function ordersArePermutations(setting: Setting): void {
  for (const m of LENGTHS) {
    const order = shuffled(setting, m, 1, 1);
    const place = `the order of ${m}`;
    expectSame(
      order.slice().sort(),
      Array.from({ length: m }, (_, i) => i),
      place,
    );
    expectSame(shuffled(setting, m, 1, 1), order, `${place}, again`);
    if (m < 33) continue; // so few may come alike
    for (const [seed, epoch] of [
      [2, 1],
      [1, 2],
      [2 ** 53 - 1, 1],
    ] as const) {
      const other = shuffled(setting, m, seed, epoch);
      if (other.every((i, at) => i === order[at])) throw new Error(`${place}: alike for seed ${seed}`);
    }
  }
}

function shuffled(setting: Setting, m: number, seed: number, epoch: number): Uint32Array {
  return withMemory(setting, (memory) => {
    const order = memory.integers(new Uint32Array(m));
    memory.run(0, [{ op: "shuffle", order, m, seed, purpose: 1 }], { epoch });
    return order.read();
  });
}

/** Zeros and ones in the right proportion; a shorter mask is the beginning of a longer one. */
export function masksKeepTheirShare(setting: Setting): void {
  const longest = 10_007;
  for (const keepProb of [0.2, 0.5, 0.8, 1]) {
    const whole = masked(setting, longest, keepProb);
    let kept = 0;
    for (const unit of whole) {
      if (unit !== 0 && unit !== 1) throw new Error(`a mask holds ${unit}`);
      kept += unit;
    }
    // Four standard deviations of a binomial number.
    const bound = 4 * Math.sqrt(longest * keepProb * (1 - keepProb));
    expectNear(kept, longest * keepProb, bound, () => `units that ${keepProb} keeps`);
    for (const length of LENGTHS) {
      expectSame(masked(setting, length, keepProb), whole.slice(0, length), `a mask of ${length}`);
    }
  }
}

function masked(setting: Setting, length: number, keepProb: number) {
  return withMemory(setting, (memory) => {
    const mask = memory.output(length);
    const facts = { mask, width: 1, keepProb, seed: 3, layer: 1 };
    memory.run(length, [{ op: "dropoutMask", ...facts }], { epoch: 2, step: 1 });
    return read(mask);
  });
}
