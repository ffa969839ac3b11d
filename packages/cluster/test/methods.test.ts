// Search methods by themselves: golden values of other programs, and that a suggestion knows nothing of any order.
import { elementary } from "@layerwise/data";
import { expect, it } from "vitest";
import { halvingSearch } from "../ts/methods/halving.js";
import { gridConfigurations } from "../ts/methods/independent.js";
import { normalBelow } from "../ts/methods/parzen.js";
import { haltonPoint, sample } from "../ts/methods/points.js";
import type { Outcome, Search, Suggestion } from "../ts/methods/search.js";
import { sobolPoint } from "../ts/methods/sobol.js";
import { tpeSearch } from "../ts/methods/tpe.js";
import { Stream, stateOf, writeBlock } from "../ts/random/chacha8.js";
import type { Space } from "../ts/study/study.js";

it("ChaCha8 gives the key stream of the eSTREAM test vector of a key of zeros", () => {
  const block = new Uint32Array(16);
  writeBlock(block, stateOf(new Uint32Array(8)));
  const hex = Buffer.from(block.buffer).toString("hex");
  expect(hex.slice(0, 64)).toBe("3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e");
});

it("streams of other seeds, indices and parts differ, and numbers lie in [0, 1)", () => {
  const first = [
    new Stream(1, 0),
    new Stream(2, 0),
    new Stream(1, 1),
    new Stream(1, 0, 1),
    new Stream(1, 2 ** 32),
  ];
  expect(new Set(first.map((stream) => stream.uniform())).size).toBe(5);
  const stream = new Stream(3, 7);
  const numbers = Array.from({ length: 4000 }, () => stream.uniform());
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, x) => sum + x, 0) / 4000).toBeCloseTo(0.5, 1);
});

it("Sobol's points are those of scipy.stats.qmc.Sobol(scramble=False) 1.17.1", () => {
  const ks = [1, 2, 3, 6, 37, 1000, 1024];
  const golden: Readonly<Record<number, readonly number[]>> = {
    0: [0.5, 0.75, 0.25, 0.625, 0.921875, 0.2197265625, 0.00146484375],
    1: [0.5, 0.25, 0.75, 0.125, 0.640625, 0.0966796875, 0.37646484375],
    2: [0.5, 0.25, 0.75, 0.875, 0.578125, 0.5185546875, 0.44775390625],
    7: [0.5, 0.75, 0.25, 0.125, 0.796875, 0.8994140625, 0.58740234375],
    13: [0.5, 0.25, 0.75, 0.875, 0.859375, 0.3837890625, 0.33837890625],
    20: [0.5, 0.25, 0.75, 0.375, 0.953125, 0.5224609375, 0.52490234375],
    31: [0.5, 0.25, 0.75, 0.375, 0.140625, 0.1455078125, 0.96630859375],
  };
  for (const [d, values] of Object.entries(golden)) {
    expect(ks.map((k) => sobolPoint(Number(d), k) / 2 ** 32)).toEqual(values);
  }
});

it("Halton's points are those of scipy.stats.qmc.Halton(scramble=False) 1.17.1", () => {
  const golden: Readonly<Record<number, readonly number[]>> = {
    0: [0.5, 0.25, 0.3125, 0.0927734375],
    1: [0.3333333333333333, 0.6666666666666666, 0.37037037037037035, 0.3475080018289895],
    5: [0.07692307692307693, 0.15384615384615385, 0.7692307692307693, 0.9904415111515704],
    31: [0.007633587786259542, 0.015267175572519083, 0.07633587786259542, 0.6339956878969757],
  };
  for (const [d, values] of Object.entries(golden)) {
    [1, 2, 10, 1000].forEach((k, i) => {
      expect(haltonPoint(Number(d), k)).toBeCloseTo(values[i] ?? 0, 14);
    });
  }
});

it("the normal distribution is scipy.stats.norm.cdf's", () => {
  const golden = [
    [-3, 0.0013498980316300933],
    [-0.5, 0.3085375387259869],
    [0, 0.5],
    [0.1, 0.539827837277029],
    [1.96, 0.9750021048517795],
    [5, 0.9999997133484281],
  ] as const;
  for (const [z, p] of golden) expect(Math.abs(normalBelow(z) - p)).toBeLessThan(1e-14);
});

const space: Space = {
  rate: { from: 1e-4, to: 1e-1, scale: "log" },
  units: { from: 8, to: 64, scale: "log", integer: true },
  $depth: { choices: [1, 2] },
  second: { from: 2, to: 5, integer: true, when: { $depth: 2 } },
  kind: { choices: ["a", "b", ["c"]], when: { $depth: [1, 2] } },
};

it.each(["random", "sobol", "halton"] as const)(
  "%s keeps to the space, covers it and its conditions",
  (sampler) => {
    const all = Array.from({ length: 256 }, (_, k) => sample(sampler, space, 5, k));
    for (const { rate, units, $depth, second } of all) {
      expect(rate).toBeGreaterThanOrEqual(1e-4);
      expect(rate).toBeLessThanOrEqual(1e-1);
      expect(Number.isInteger(units) && Number(units) >= 8 && Number(units) <= 64).toBe(true);
      expect(second !== undefined).toBe($depth === 2);
    }
    expect(new Set(all.map(({ second }) => second))).toEqual(new Set([2, 3, 4, 5, undefined]));
    expect(new Set(all.map(({ kind }) => JSON.stringify(kind))).size).toBe(3);
    const low = all.filter(({ rate }) => Number(rate) < Math.sqrt(1e-5)).length; // half of a log scale
    expect(Math.abs(low - 128)).toBeLessThan(sampler === "random" ? 40 : 4);
    expect(sample(sampler, space, 5, 17)).toEqual(all[17]);
    expect(sample(sampler, space, 6, 17)).not.toEqual(all[17]);
  },
);

it("a grid has all combinations once, with what a condition leaves out", () => {
  const grid = gridConfigurations(
    {
      a: { from: 1, to: 100, scale: "log", points: 3 },
      b: { choices: [1, 2] },
      c: { from: 0, to: 1, integer: true, when: { b: 2 } },
    },
    1000,
  );
  expect(grid).toHaveLength(3 * 3);
  expect(grid?.map(({ a }) => a).slice(0, 9)).toEqual([1, 1, 1, 10, 10, 10, 100, 100, 100]);
  expect(grid?.[0]).toEqual({ a: 1, b: 1 });
  expect(gridConfigurations(space, 10)).toBeUndefined();
});

/** A search's stages one after the other, each outcome by a function. */
function searched(search: Search, of: (suggestion: Suggestion) => number | undefined): Outcome[] {
  const stages: Outcome[][] = [];
  for (let stage = 0; stage < search.stages; stage++) {
    const plan = search.plan(stage, {
      suggestions: (before) => stages[before] ?? [],
      outcomes: (before) => stages[before] ?? [],
    });
    stages.push(plan.map((suggestion) => ({ ...suggestion, value: of(suggestion) })));
  }
  return stages.flat();
}

it("hyperband's brackets are the paper's (R = 81, η = 3)", () => {
  const search = halvingSearch({
    factor: 3,
    rungs: 5,
    isHyperband: true,
    trials: undefined,
    configuration: (k) => ({ k }),
  });
  const all = searched(search, ({ trial }) => (trial % 7 === 3 ? undefined : trial));
  const sizes = (rung: number) => all.filter((one) => one.rung === rung).length;
  // Table 1 of Li et al. 2018, n by r: 81+27+9+3+1, 34+11+3+1, 15+5+1, 8+2, 5.
  expect([0, 1, 2, 3, 4].map(sizes)).toEqual([81, 27 + 34, 9 + 11 + 15, 3 + 3 + 5 + 8, 1 + 1 + 1 + 2 + 5]);
  expect(search.planned).toBe(all.length);
  // The best go on, failed ones never.
  const second = all.filter(({ rung }) => rung === 1).slice(0, 27);
  const whole = Array.from({ length: 81 }, (_, k) => k).filter((k) => k % 7 !== 3);
  expect(second.map(({ trial }) => trial)).toEqual(whole.slice(0, 27));
});

it("TPE finds better points than chance on a function with a choice, and looks at whole generations alone", () => {
  const of: Space = {
    x: { from: -5, to: 5 },
    y: { from: 0.01, to: 100, scale: "log" },
    kind: { choices: ["good", "fair", "bad"] },
  };
  const loss = ({ configuration: { x, y, kind } }: Suggestion) =>
    (Number(x) - 2) ** 2 + elementary.log(Number(y)) ** 2 + (kind === "good" ? 0 : kind === "fair" ? 1 : 4);
  const best = (values: readonly (number | undefined)[]) => Math.min(...values.map((value) => value ?? 99));
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const plan = { space: of, trials: 64, startup: 10, candidates: 24, generation: 4 };
  const byTpe = seeds.map((seed) =>
    best(searched(tpeSearch({ ...plan, seed }), loss).map(({ value }) => value)),
  );
  const byChance = seeds.map((seed) =>
    best(
      Array.from({ length: 64 }, (_, k) =>
        loss({ trial: k, rung: 0, configuration: sample("random", of, seed, k) }),
      ),
    ),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(byTpe)).toBeLessThan(0.5 * mean(byChance));
  // What the generation before came to doesn't matter, since it may still run.
  const search = tpeSearch({ ...plan, seed: 1 });
  const all = searched(search, loss);
  const stage = 8;
  const seen = (change: number) => ({
    suggestions: (before: number) => all.slice(4 * before, 4 * before + 4),
    outcomes: (before: number) =>
      all
        .slice(4 * before, 4 * before + 4)
        .map((one) => ({ ...one, value: before === change ? undefined : one.value })),
  });
  expect(search.plan(stage, seen(stage - 1))).toEqual(search.plan(stage, seen(-1)));
  expect(search.plan(stage, seen(stage - 2))).not.toEqual(search.plan(stage, seen(-1)));
});
