/// <reference types="vite/types/importMeta.d.ts" />
import { describe, expect, it } from "vitest";
import { UPDATE_RULES } from "../ts/catalog/optimizers.js";
import { SCHEDULE_NAMES } from "../ts/catalog/schedules.js";
import {
  adam,
  ConfigError,
  cosine,
  createNetwork,
  exponential,
  gradientDescent,
  Matrix,
  momentum,
  type Network,
  type Optimizer,
  oneCycle,
  piecewise,
  polynomial,
  type Schedule,
  step,
} from "../ts/index.js";
import { makeOptimizer } from "../ts/training/make-optimizer.js";
import { entryError, hashOf } from "./closeness.js";
import golden from "./golden/schedules/rates.json" with { type: "json" };
import { made, small } from "./made.js";
import { Random } from "./random-cases.js";

const random = new Random(6);
const m = 40;
const x = Matrix.from(random.rows(m, 4));
const y = Array.from({ length: m }, () => random.below(2));

const CASES = golden as unknown as { schedule: Schedule; rates: number[] }[];

/** The rates of so many epochs of one step each. */
async function ratesOf(learningRate: Schedule, epochs: number): Promise<number[]> {
  const network = await small();
  const optimizer = gradientDescent({ learningRate });
  return (await network.fit(x, y, { epochs, batchSize: m, optimizer })).learningRate;
}

describe("rates are those of the formulas in 50 digits (golden/schedules/make.py):", () => {
  it.each(CASES)("$schedule", async ({ schedule, rates }) => {
    expect(entryError(await ratesOf(schedule, rates.length), rates)).toBeLessThan(1e-14);
  });

  it("of every schedule", () => {
    expect(new Set(CASES.map(({ schedule }) => schedule.type))).toEqual(new Set(SCHEDULE_NAMES));
  });
});

const SCHEDULE = cosine({ from: 0.05, to: 0.001, steps: 9, warmup: 3 });

describe.each(UPDATE_RULES)("%s", (rule) => {
  const make = (learningRate: number | Schedule) => makeOptimizer(rule, { learningRate });

  it("takes each update at the rate of its step", async () => {
    // The first update from the same start and state is proportional to the rate, so piecewise rates tell them apart.
    const parameters = async (optimizer: Optimizer) => {
      const network = await small({ dtype: "float64" });
      await network.fit(x, y, { epochs: 3, batchSize: 8, optimizer });
      return hashOf(network.parameters());
    };
    const same = await parameters(make(piecewise({ rates: [0.01, 0.01], steps: [7] })));
    expect(same).toBe(await parameters(make(0.01)));
    const later = await parameters(make(piecewise({ rates: [0.01, 0.02], steps: [14] })));
    expect(later).not.toBe(same);
    expect(await parameters(make(piecewise({ rates: [0.01, 0.02], steps: [15] })))).toBe(same);
    expect(await parameters(make(piecewise({ rates: [0.02, 0.01], steps: [1] })))).not.toBe(same);
  });

  it("goes on from one call to the next, by fit and by trainStep, to the bit", async () => {
    const [one, other] = [await small(), await small()];
    const [first, second] = [make(SCHEDULE), make(SCHEDULE)];
    const whole = await one.fit(x, y, { epochs: 12, batchSize: m, optimizer: first });
    const begin = await other.fit(x, y, { epochs: 5, batchSize: m, optimizer: second });
    for (let i = 0; i < 4; i++) other.trainStep(x, y, { optimizer: second });
    const end = await other.fit(x, y, { epochs: 3, batchSize: m, optimizer: second });
    expect(hashOf(other.parameters())).toBe(hashOf(one.parameters()));
    const { learningRate } = whole;
    expect([...begin.learningRate, ...learningRate.slice(5, 9), ...end.learningRate]).toEqual(learningRate);
    expect([learningRate[0], learningRate[3], learningRate[11]]).toEqual([0, 0.05, 0.001]);
  });
});

describe("an epoch", () => {
  it("is its steps in the fit at hand: history has the rate of its last", async () => {
    const network = await small();
    const learningRate = step({ from: 0.08, factor: 0.5, epochs: 2 });
    const optimizer = adam({ learningRate });
    const options = { batchSize: 16, optimizer }; // 3 steps an epoch
    expect((await network.fit(x, y, { ...options, epochs: 5 })).learningRate).toEqual([
      0.08, 0.08, 0.04, 0.04, 0.02,
    ]);
    expect((await network.fit(x, y, { ...options, epochs: 2 })).learningRate).toEqual([0.02, 0.01]);
  });

  it("may be cut: lengths are rounded to steps", async () => {
    const network = await small();
    const learningRate = piecewise({ rates: [0.1, 0.2], epochs: [0.5] }); // 2 of 4 steps
    const rates: number[] = [];
    for (let i = 0; i < 4; i++) {
      const optimizer = gradientDescent({ learningRate });
      const history = await network.fit(x, y, { epochs: 1, batchSize: 10, optimizer });
      rates.push(...history.learningRate);
    }
    expect(rates).toEqual([0.2, 0.2, 0.2, 0.2]);
  });

  it("has a rate in history for a constant too, and none that wasn't finished", async () => {
    const network = await small();
    const stop = new AbortController();
    const options = {
      epochs: 3,
      batchSize: 16,
      optimizer: adam({ learningRate: 0.25 }),
      signal: stop.signal,
    };
    let steps = 0;
    const onStep = () => void (++steps === 7 && stop.abort());
    expect((await network.fit(x, y, { ...options, onStep })).learningRate).toEqual([0.25, 0.25]);
    expect((await network.fit(x, y, { epochs: 0 })).learningRate).toEqual([]);
  });

  it("is unknown to trainStep, which says so, and nothing has changed", async () => {
    const network = await small();
    const optimizer = adam({ learningRate: cosine({ from: 0.1, epochs: 3 }) });
    const before = hashOf(network.parameters());
    expect(() => network.trainStep(x, y, { optimizer })).toThrow(
      "optimizer.learningRate.epochs: expected cosine's length in steps, since trainStep knows no epochs, got 3 epochs",
    );
    expect([hashOf(network.parameters()), optimizer.steps]).toEqual([before, 0]);
    await network.fit(x, y, { epochs: 3, optimizer });
    expect(() => network.trainStep(x, y, { optimizer })).toThrow(ConfigError);
  });
});

describe("data", () => {
  it("is plain, frozen, has every option, and makes the same again", () => {
    expect(cosine({ from: 0.1, epochs: 5 })).toEqual({
      ...{
        type: "cosine",
        from: 0.1,
        to: 0,
        warmup: 0,
        restarts: 0,
        lengthFactor: 1,
        peakFactor: 1,
        epochs: 5,
      },
    });
    expect(oneCycle({ peak: 0.5, steps: 10 })).toEqual({
      ...{ type: "oneCycle", peak: 0.5, from: 0.02, to: 0.02 / 1e4, rise: 0.3, steps: 10 },
    });
    const all = [
      SCHEDULE,
      polynomial({ from: 1, epochs: 2 }),
      exponential({ from: 1, factor: 0.5, epochs: 1.5 }),
      step({ from: 1, steps: 2 }),
      oneCycle({ peak: 1, epochs: 2 }),
      piecewise({ rates: [1, 2], epochs: [3] }),
    ];
    for (const schedule of all) {
      expect(Object.isFrozen(schedule)).toBe(true);
      const read: Schedule = JSON.parse(JSON.stringify(schedule));
      const optimizer = momentum({ learningRate: read });
      expect(JSON.stringify(optimizer.learningRate)).toBe(JSON.stringify(schedule));
    }
    const { rates } = piecewise({ rates: [1, 2], epochs: [3] }) as { rates: readonly number[] };
    expect(Object.isFrozen(rates)).toBe(true);
  });

  it("has a highest rate, by which an optimizer is refused that a dtype can't compute with", async () => {
    const network = await small();
    const optimizer = adam({ learningRate: exponential({ from: 1e300, factor: 0.5, steps: 1 }) });
    expect(optimizer.hyperparameters.learningRate).toBe(1e300);
    expect(() => network.trainStep(x, y, { optimizer })).toThrow("learningRate: expected a number up to");
  });
});

describe("refused with its place:", () => {
  const cases: [() => unknown, string, string][] = [
    [() => cosine({ from: 0.1 } as never), "epochs", "its length, in either epochs or steps"],
    [
      () => cosine({ from: 0.1, epochs: 1, steps: 1 } as never),
      "epochs",
      "its length, in either epochs or steps",
    ],
    [() => cosine({ from: 0.1, steps: 0 }), "steps", "an integer in [1, 2^53)"],
    [() => cosine({ from: 0.1, steps: 1.5 }), "steps", "an integer in [1, 2^53)"],
    [() => cosine({ from: 0.1, epochs: 0 }), "epochs", "a finite number > 0"],
    [() => cosine({ from: 0.1, epochs: Number.NaN }), "epochs", "a finite number > 0"],
    [() => cosine({ from: 0, epochs: 1 }), "from", "a finite number > 0"],
    [() => cosine({ from: Number.POSITIVE_INFINITY, epochs: 1 }), "from", "a finite number > 0"],
    [() => cosine({ epochs: 1 } as never), "from", "a finite number > 0"],
    [() => cosine({ from: 0.1, to: -1, epochs: 1 }), "to", "a finite number >= 0"],
    [() => cosine({ from: 0.1, warmup: 5, epochs: 5 }), "warmup", "less than epochs, 5"],
    [() => cosine({ from: 0.1, warmup: -1, epochs: 5 }), "warmup", "a finite number >= 0"],
    [() => cosine({ from: 0.1, restarts: 0.5, epochs: 5 }), "restarts", "an integer >= 0"],
    [() => cosine({ from: 0.1, lengthFactor: 1.5, epochs: 5 }), "lengthFactor", "an integer >= 1"],
    [() => cosine({ from: 0.1, peakFactor: 2, epochs: 5 }), "peakFactor", "a number in (0, 1]"],
    [() => step({ from: 0.1, factor: 0, epochs: 5 }), "factor", "a number in (0, 1]"],
    [() => exponential({ from: 0.1, epochs: 5 } as never), "factor", "a number in (0, 1]"],
    [() => polynomial({ from: 0.1, power: 0, epochs: 5 }), "power", "a finite number > 0"],
    [() => oneCycle({ peak: 0.1, rise: 1, epochs: 5 }), "rise", "a number in (0, 1)"],
    [() => piecewise({ rates: [0.1], epochs: [1] }), "rates", "an array of 2"],
    [() => piecewise({ rates: [0.1, 0], epochs: [1] }), "rates[1]", "a finite number > 0"],
    [() => piecewise({ rates: [1, 1, 1], steps: [2, 2] }), "steps[1]", "more than the one before, 2"],
    [() => piecewise({ rates: [1], steps: 1 } as never), "steps", "an array of steps"],
    [() => cosine(0.1 as never), "cosine", "an object with options"],
    [() => cosine(null as never), "cosine", "an object with options"],
    [
      () => cosine({ from: 0.1, epochs: 1, warmupSteps: 1 } as never),
      "cosine.warmupSteps",
      "a known option (did you mean warmup?)",
    ],
    [
      () => step({ from: 0.1, epochs: 1, gamma: 1 } as never),
      "step.gamma",
      "a known option (did you mean factor?)",
    ],
    [
      () => adam({ learningRate: { type: "cosin", from: 1, epochs: 1 } as never }),
      "learningRate.type",
      '"cosine" or "polynomial" or "exponential" or "step" or "oneCycle" or "piecewise" (did you mean "cosine"?)',
    ],
    [
      () => adam({ learningRate: { type: "cosine", from: -1, epochs: 1 } }),
      "learningRate.from",
      "a finite number > 0",
    ],
    [
      () => adam({ learningRate: { type: "cosine", from: 1, epochs: 1, too: 1 } as never }),
      "learningRate.too",
      "a known option (did you mean to?)",
    ],
    [
      () => adam({ learningRate: "cosine" as never }),
      "learningRate",
      "a finite number > 0, or a schedule such as cosine({ from: 0.01, epochs: 20 })",
    ],
    [() => adam({ learningRate: -1 }), "learningRate", "a finite number > 0"],
  ];

  it.each(cases)("%#", (call, path, expected) => {
    let error: unknown;
    try {
      call();
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path, expected });
  });

  it("a warm-up that a first training doesn't reach the end of, before anything changes", async () => {
    const network = await small();
    const train = (optimizer: Optimizer, epochs: number) =>
      network.fit(x, y, { epochs, batchSize: 10, optimizer });
    const optimizer = adam({ learningRate: cosine({ from: 0.1, epochs: 9, warmup: 2 }) });
    await expect(train(optimizer, 2)).rejects.toMatchObject({
      code: "ERR_CONFIG",
      path: "optimizer.learningRate.warmup",
      expected: "a warm-up of fewer than this training's 8 steps",
      got: "one of 8",
    });
    expect([network.steps, optimizer.steps]).toEqual([0, 0]);
    await train(optimizer, 3);
    await train(optimizer, 1);
    expect(optimizer.steps).toBe(16);
  });
});

it("the same bits on any number of threads, and in steps taken together or one by one", async () => {
  const hashes = [];
  const look: (Network | undefined)[] = [];
  for (const [threads, onStep] of [[1], [2], [1, () => void look.push(undefined)]] as const) {
    const network = made(await createNetwork({ layerDims: [4, 300, 200, 1], seed: 3, threads }));
    const optimizer = adam({ learningRate: oneCycle({ peak: 0.01, epochs: 3 }) });
    const options = { epochs: 3, batchSize: 3, optimizer, ...(onStep === undefined ? {} : { onStep }) };
    const { learningRate } = await network.fit(x, y, options);
    hashes.push(JSON.stringify([hashOf(network.parameters()), learningRate]));
  }
  expect(new Set(hashes).size).toBe(1);
});
