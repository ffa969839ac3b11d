// No accepted step leaves a number that isn't finite, whatever the hyperparameters, the gradients and the weights.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { namesOf, OPTIMIZERS, UPDATE_RULES } from "../ts/catalog/optimizers.js";
import {
  adam,
  ConfigError,
  createNetwork,
  type Dtype,
  gradientDescent,
  momentum,
  type Network,
  NumericError,
  type Optimizer,
  StateError,
} from "../ts/index.js";
import { makeOptimizer } from "../ts/training/make-optimizer.js";
import { hashOf } from "./closeness.js";
import { made } from "./made.js";

const LARGEST = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE };

const power = (least: number, most: number) =>
  fc.double({ min: least, max: most, noNaN: true }).map((exponent) => 10 ** exponent);
/** Up to the largest number below 1. */
const decay = fc.oneof(
  fc.constantFrom(0, 1e-300, 0.5, 0.9, 0.95, 0.999, 1 - 2 ** -53, 1 - 2 ** -24, 1 - 2 ** -25, 1 - 2 ** -52),
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  power(-16, -0.1).map((rest) => Math.max(0, Math.min(1 - 2 ** -53, 1 - rest))),
);
const learningRate = fc.oneof(fc.constantFrom(1e-3, 1, 1e-320), power(-60, 60));
const epsilon = fc.oneof(fc.constantFrom(1e-8, 1e-30, Number.MAX_VALUE), power(-60, 30), power(-307, 300));

const weightDecay = fc.oneof(fc.constant(0), power(-60, 60));

const VALUES: Readonly<Record<string, fc.Arbitrary<number | boolean>>> = {
  ...{ learningRate, epsilon, weightDecay, momentumDecay: weightDecay },
  ...{ beta: decay, beta1: decay, beta2: decay, decay, momentum: decay },
  ...{ nesterov: fc.boolean(), centered: fc.boolean() },
};

const optimizers = fc.oneof(
  ...UPDATE_RULES.map((rule) => {
    const names = namesOf<readonly { readonly name: string }[]>(OPTIMIZERS[rule].hyperparameters);
    const values = names.map((name) => [name, VALUES[name] ?? fc.constant(Number.NaN)]);
    return fc
      .record<Record<string, number | boolean>>(Object.fromEntries(values))
      .filter(({ nesterov = false, beta, momentum = beta }) => !(nesterov && momentum === 0))
      .map((options) => ({ rule, make: () => makeOptimizer(rule, options) }));
  }),
);

/** A gradient as a multiple of the limit: runs of one, then of others. Small ones have squares that underflow. */
const share = fc.oneof(fc.constantFrom(0, 1, -1), power(-60, 0), fc.double({ min: -1, max: 1, noNaN: true }));
const run = fc.record({ share, steps: fc.constantFrom(1, 1, 2, 5, 30) });
const runs = fc.array(run, { minLength: 1, maxLength: 5 });

/** Sets all weights, then takes the steps of one update after another; false where the optimizer is refused. */
function staysFinite(network: Network, optimizer: Optimizer, series: readonly Run[][]): boolean {
  const { layers } = network.trainee;
  try {
    optimizer.attach(layers);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return false;
  }
  const largest = LARGEST[layers.dtype];
  const weights = layers.newNumbers(layers.parameterCount).map((_, i) => (i % 2 === 0 ? largest : -largest));
  layers.parameters.write(weights);
  const shares = series.map((parts) => parts.flatMap(({ share, steps }) => Array(steps).fill(share)));
  const longest = Math.max(...shares.map((ofOne) => ofOne.length));
  const limit = optimizer.gradientLimit;
  const program = layers.engine.program(layers.dtype, optimizer.operations(layers, undefined));
  for (let step = 0; step < longest; step++) {
    const g = layers.newNumbers(layers.parameterCount);
    for (let i = 0; i < g.length; i++) {
      g[i] = (shares[i % shares.length]?.[step] ?? 0) * limit;
      // In float32 the limit may be rounded up.
      if (Math.abs(g[i] ?? 0) > limit) g[i] = 0;
    }
    layers.gradients.write(g);
    program.run(0, 0, 0);
    for (const block of [layers.parameters, ...optimizer.moments]) {
      if (!layers.engine.isFinite(block)) {
        throw new Error(`not finite at step ${step + 1} with gradients up to ${limit}`);
      }
    }
  }
  program.release();
  return true;
}

interface Run {
  readonly share: number;
  readonly steps: number;
}

describe.each(["float32", "float64"] as const satisfies readonly Dtype[])("in %s", (dtype) => {
  it("gradients up to the limit, in any order, leave parameters and moments finite", async () => {
    const network = made(await createNetwork({ layerDims: [7, 1], dtype, threads: 1 }));
    const { layers } = network.trainee;
    const accepted = new Map<string, number>();
    fc.assert(
      fc.property(optimizers, fc.array(runs, { minLength: 8, maxLength: 8 }), ({ rule, make }, series) => {
        try {
          if (staysFinite(network, make(), series)) accepted.set(rule, (accepted.get(rule) ?? 0) + 1);
        } finally {
          layers.moments.takeBack();
        }
      }),
      { numRuns: 1500 * UPDATE_RULES.length, seed: 7 },
    );
    for (const rule of UPDATE_RULES) expect(accepted.get(rule), rule).toBeGreaterThan(300);
  });
});

describe("hyperparameters at their ends:", () => {
  /** g of each step, as shares of the limit. */
  const cases: [what: string, dtype: Dtype, optimizer: () => Optimizer, gradients: number[]][] = [
    [
      "β₂ = 0 and a tiny ε",
      "float32",
      () => adam({ learningRate: 0.01, beta2: 0, epsilon: 1e-30 }),
      [1, 0, 0],
    ],
    [
      "a limit whose own computation would overflow",
      "float64",
      () => adam({ learningRate: 2 ** -57, beta1: 0.2, beta2: 0, epsilon: 2e-156 }),
      [1, 1, 0, 0],
    ],
    [
      "β₂ that float32 rounds to 0",
      "float32",
      () => adam({ learningRate: 1e20, beta1: 1e-31, beta2: 1e-60 }),
      [1, 0],
    ],
    [
      "squares that underflow, with large steps over a tiny ε",
      "float32",
      () => adam({ learningRate: 1e22, epsilon: 4e-37 }),
      [1e-20, 1e-30, 1e-38, 1e-19, 1e-37, 1e-39, 1e-18, 0, 0].flatMap((g) => [g, g, 0, 0, 0]),
    ],
    [
      "momentum with β almost 1",
      "float32",
      () => momentum({ learningRate: 1e20, beta: 1 - 2 ** -25 }),
      [1, 1, 1, -1],
    ],
  ];
  it.each(cases)("%s", async (_, dtype, create, gradients) => {
    const network = made(await createNetwork({ layerDims: [3, 1], dtype, threads: 1 }));
    const series = gradients.map((share) => ({ share, steps: 1 }));
    expect(staysFinite(network, create(), [series])).toBe(true);
  });

  it("a first step of Adam that float32 can't form is refused", async () => {
    const network = made(await createNetwork({ layerDims: [3, 1] }));
    const optimizer = adam({ learningRate: 2 ** 90, beta1: 1 - 2 ** -53, beta2: 0 });
    expect(() => network.trainStep([[0, 0, 0]], [1], { optimizer })).toThrow(ConfigError);
  });
});

describe("through trainStep", () => {
  it("1e12 and then 0 with β₂ = 0 and ε = 1e-30 is refused at its first step, and nothing changes", async () => {
    const network = made(await createNetwork({ layerDims: [1, 1] }));
    const optimizer = adam({ learningRate: 0.01, beta2: 0, epsilon: 1e-30 });
    const before = hashOf(network.parameters());
    const step = () => network.trainStep([[1e12]], [1], { optimizer });
    expect(step).toThrow(NumericError);
    expect(step).toThrow(/^layer 1, step 1: expected gradients up to /);
    expect([hashOf(network.parameters()), network.steps, optimizer.steps]).toEqual([before, 0, 0]);
    network.trainStep([[0]], [1], { optimizer });
    expect(network.steps).toBe(1);
  });

  test.each([1e-8, 1e-12, 1e-16])(
    "Adam's usual ε = %d limits no gradient whose square is finite",
    (epsilon) => {
      for (const dtype of ["float32", "float64"] as const) {
        const limit = adam({ epsilon }).largestGradient(dtype);
        expect(limit).toBeGreaterThan(dtype === "float32" ? 1.79e19 : 1.29e154);
      }
    },
  );

  it("a loss so large that an epoch's sum would overflow is refused", async () => {
    const network = made(await createNetwork({ layerDims: [1, 1], dtype: "float64" }));
    network.setParameters([{ weights: [[1e300]], biases: [0] }]);
    await expect(network.fit([[-1]], [1], { epochs: 1, optimizer: gradientDescent() })).rejects.toThrow(
      "a loss up to 1.0e+292",
    );
    expect(network.steps).toBe(0);
  });

  it("a step that can't be counted is refused before anything changes", async () => {
    const network = made(await createNetwork({ layerDims: [1, 1] }));
    const optimizer = adam();
    const before = hashOf(network.parameters());
    const { progress } = network.trainee;
    progress.steps = Number.MAX_SAFE_INTEGER;
    expect(() => network.trainStep([[1]], [1], { optimizer })).toThrow(StateError);
    progress.steps = 5;
    progress.epoch = Number.MAX_SAFE_INTEGER;
    await expect(network.fit([[1]], [1], { epochs: 1, optimizer })).rejects.toThrow(
      "at most 9007199254740991 epochs",
    );
    expect([hashOf(network.parameters()), network.steps, optimizer.steps]).toEqual([before, 5, 0]);
    network.trainStep([[1]], [1], { optimizer });
  });
});
