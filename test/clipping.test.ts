/// <reference types="vite/types/importMeta.d.ts" />
import { describe, expect, it } from "vitest";
import {
  adam,
  batchNorm,
  type ClipOptions,
  ConfigError,
  createNetwork,
  dense,
  type FitOptions,
  gradientCheck,
  gradientDescent,
  type LayerParameters,
  layerNorm,
  Matrix,
  momentum,
  NumericError,
  type StepOptions,
} from "../ts/index.js";
import { blocksError, entryError, hashOf } from "./closeness.js";
import { made, small } from "./made.js";
import { Random } from "./random-cases.js";

/** Weights and biases of each layer. */
type Parameters = readonly (readonly [number[][], number[]])[];

/** A training run by PyTorch in float64 (golden/clipping/make.py). */
interface Run {
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly clip: ClipOptions;
  readonly dims: number[];
  readonly l2: number;
  readonly x: number[][];
  readonly labels: number[];
  readonly parameters: Parameters;
  readonly losses: number[];
  readonly trained: Parameters;
}

const OPTIMIZERS = {
  gradientDescent: () => gradientDescent({ learningRate: 0.3 }),
  momentum: () => momentum({ learningRate: 0.3 }),
  adam: () => adam({ learningRate: 0.05 }),
};

const texts = import.meta.glob<string>("./golden/clipping/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});

const layersOf = (parameters: Parameters) => parameters.map(([weights, biases]) => ({ weights, biases }));

describe.each(Object.entries(texts))("%s", (_, text) => {
  const run: Run = JSON.parse(text);

  it.each([
    ["float64", 1e-9],
    ["float32", 1e-4],
  ] as const)("trains as in PyTorch in %s", async (dtype, reach) => {
    const { dims: layerDims, x, labels, l2, clip } = run;
    const network = made(await createNetwork({ layerDims, outputActivation: "softmax", dtype }));
    network.setParameters(layersOf(run.parameters));
    const optimizer = OPTIMIZERS[run.optimizer]();
    const losses = run.losses.map(() => network.trainStep(x, labels, { optimizer, l2, clip }));
    expect(entryError(losses, run.losses)).toBeLessThan(reach);
    expect(blocksError(network.parameters(), layersOf(run.trained))).toBeLessThan(reach);
  });
});

const random = new Random(5);
const m = 40;
const x = Matrix.from(random.rows(m, 4));
const y = Array.from({ length: m }, () => random.below(2));

/** All of it in one row. */
const flat = (layers: readonly LayerParameters[]) =>
  layers.flatMap(({ weights, biases }) => [...weights.data, ...biases]);

/** The step that gradient descent of rate 1 takes, which is the clipped gradient, to a rounding of the parameters. */
async function stepTaken(
  options: Omit<StepOptions, "optimizer">,
): Promise<{ step: number[]; gradient: number[] }> {
  const network = await small({ dtype: "float64" });
  const before = flat(network.parameters());
  const { clip: _, ...others } = options;
  const gradient = flat(network.gradients(x, y, others).gradients);
  network.trainStep(x, y, { ...options, optimizer: gradientDescent({ learningRate: 1 }) });
  const after = flat(network.parameters());
  return { step: after.map((w, i) => (before[i] ?? 0) - w), gradient };
}

const norm = (numbers: readonly number[]) => Math.sqrt(numbers.reduce((sum, g) => sum + g * g, 0));

describe("what reaches the update", () => {
  it("has the norm c where it was larger, L2's term included, and the same direction", async () => {
    for (const l2 of [0, 100]) {
      const { step, gradient } = await stepTaken({ l2, clip: { norm: 0.01 } });
      expect(norm(gradient)).toBeGreaterThan(0.02);
      expect(norm(step)).toBeCloseTo(0.01, 12);
      const factor = 0.01 / norm(gradient);
      for (const [i, g] of gradient.entries()) expect(step[i]).toBeCloseTo(g * factor, 14);
    }
  });

  it("has the norm c over all layers' parameters, norms' too", async () => {
    const layers = [
      dense(8, { activation: "relu" }),
      batchNorm(),
      dense(3, { activation: "tanh" }),
      layerNorm(),
      dense(1),
    ];
    using network = await createNetwork({ inputs: 4, layers, seed: 1, dtype: "float64" });
    const numbers = () => Array.from(network.trainee.layers.parameters.read());
    const before = numbers();
    const optimizer = gradientDescent({ learningRate: 1 });
    network.trainStep(x, y, { optimizer, clip: { norm: 0.01 } });
    expect(norm(numbers().map((w, i) => w - (before[i] ?? 0)))).toBeCloseTo(0.01, 12);
  });

  it("is cut by value first, and its norm is taken then", async () => {
    const clip = { value: 0.01, norm: 0.02 };
    const { step, gradient } = await stepTaken({ clip });
    const cut = gradient.map((g) => Math.min(0.01, Math.max(-0.01, g)));
    expect(norm(cut)).toBeGreaterThan(0.02);
    for (const [i, g] of cut.entries()) expect(step[i]).toBeCloseTo((g * 0.02) / norm(cut), 14);
  });

  it("is what it was, to the bit, where nothing is as large", async () => {
    const hashes = [];
    for (const clip of [undefined, { norm: 1e6 }, { value: 1e6 }, { norm: 1e300, value: 1e300 }]) {
      const network = await small();
      await network.fit(x, y, { epochs: 3, batchSize: 8, l2: 0.1, ...(clip === undefined ? {} : { clip }) });
      hashes.push(hashOf(network.parameters()));
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it("can be infinitely far away: 1e200 has a norm in float64, and 1e25 fits adam in float32", async () => {
    const double = made(await createNetwork({ layerDims: [1, 1], dtype: "float64" }));
    const single = made(await createNetwork({ layerDims: [1, 1] }));
    for (const network of [double, single]) network.setParameters([{ weights: [[0]], biases: [0] }]);
    double.trainStep([[1e200]], [1], {
      optimizer: gradientDescent({ learningRate: 0.5 }),
      clip: { norm: 2 },
    });
    expect(double.parameters()[0]?.weights.data[0]).toBeCloseTo(1, 14);
    const optimizer = adam({ learningRate: 0.5 });
    expect(() => single.trainStep([[1e25]], [1], { optimizer })).toThrow(NumericError);
    expect(() => single.trainStep([[1e25]], [1], { optimizer, clip: { norm: 1e30 } })).toThrow(
      "gradients up to",
    );
    single.trainStep([[1e25]], [1], { optimizer, clip: { norm: 2 } });
    expect(single.parameters()[0]?.weights.data[0]).toBeCloseTo(0.5, 6);
    expect(single.steps).toBe(1);
  });

  it("doesn't hide what isn't finite", async () => {
    const network = made(await createNetwork({ layerDims: [2, 1] }));
    const optimizer = adam();
    const before = hashOf(network.parameters());
    const bad = () => network.trainStep([[3e38, -3e38]], [1], { optimizer, clip: { norm: 1 }, l2: 1e38 });
    expect(bad).toThrow(NumericError);
    expect(hashOf(network.parameters())).toBe(before);
  });
});

describe("the same bits", () => {
  // Widths for panels, threads, and a tree of several levels.
  const layerDims = [300, 256, 64, 3];
  const inputs = Matrix.from(random.rows(96, 300));
  const labels = Array.from({ length: 96 }, () => random.below(3));
  const options: FitOptions = { epochs: 2, batchSize: 32, l2: 0.1, clip: { norm: 0.5, value: 0.02 } };
  const PINNED = {
    float32: "2fcf79acd725d60d1194f0c4832e2fe7ecc894dee5ef0543f3a1b7718db565b6",
    float64: "a4983b2c19a478b7fba35ebaa404c5e0857958ea5d339ea39c25660383df92d3",
  };

  it.each(["float32", "float64"] as const)("on any number of threads, in %s", async (dtype) => {
    for (const threads of [1, 2, 3]) {
      const network = made(
        await createNetwork({ layerDims, outputActivation: "softmax", seed: 3, dtype, threads }),
      );
      await network.fit(inputs, labels, { ...options, optimizer: adam() });
      expect(hashOf(network.parameters())).toBe(PINNED[dtype]);
    }
  });

  it("by trainStep as by fit, with limits that change from step to step", async () => {
    const [one, other] = [await small(), await small()];
    const [first, second] = [adam(), adam()];
    for (const clip of [{ norm: 0.1 }, { value: 0.001 }, { norm: 0.1, value: 0.001 }, { norm: 0.001 }]) {
      await one.fit(x, y, { epochs: 1, batchSize: m, optimizer: first, clip });
      other.trainStep(x, y, { optimizer: second, clip });
      expect(hashOf(other.parameters())).toBe(hashOf(one.parameters()));
    }
    await one.fit(x, y, { epochs: 1, batchSize: m, optimizer: first });
    other.trainStep(x, y, { optimizer: second });
    expect(hashOf(other.parameters())).toBe(hashOf(one.parameters()));
  });
});

describe("refused with its place:", () => {
  const cases: [unknown, string, string][] = [
    [1, "clip", "an object with options"],
    [null, "clip", "an object with options"],
    ["norm", "clip", "an object with options"],
    [{}, "clip", "a limit: { norm }, { value } or both"],
    [{ norm: undefined }, "clip", "a limit: { norm }, { value } or both"],
    [{ norm: 0 }, "clip.norm", "a finite number > 0"],
    [{ norm: -1 }, "clip.norm", "a finite number > 0"],
    [{ norm: Number.NaN }, "clip.norm", "a finite number > 0"],
    [{ norm: Number.POSITIVE_INFINITY }, "clip.norm", "a finite number > 0"],
    [{ norm: "1" }, "clip.norm", "a finite number > 0"],
    [{ norm: null }, "clip.norm", "a finite number > 0"],
    [{ value: 0 }, "clip.value", "a finite number > 0"],
    [{ norm: 1, value: -0 }, "clip.value", "a finite number > 0"],
    [{ norm: 1e-40 }, "clip.norm", "a number from 1.2e-38 in float32"],
    [{ value: 1e-40 }, "clip.value", "a number from 1.2e-38 in float32"],
    [{ Norm: 1 }, "clip.Norm", "a known option (did you mean norm?)"],
    [{ maxNorm: 1 }, "clip.maxNorm", "a known option (did you mean norm?)"],
    [
      { clipnorm: 1 },
      "clip.clipnorm",
      "a known option (did you mean norm?: clip: { norm }, of all gradients together)",
    ],
  ];

  it.each(cases)("%j", async (clip, path, expected) => {
    const network = await small();
    const before = hashOf(network.parameters());
    const optimizer = adam();
    const given = { clip: clip as ClipOptions };
    const errors = [
      await network.fit(x, y, { epochs: 1, optimizer, ...given }).catch((error: unknown) => error),
      await (async () => network.trainStep(x, y, { optimizer, ...given }))().catch((error: unknown) => error),
    ];
    for (const error of errors) {
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ path, expected });
    }
    expect([hashOf(network.parameters()), network.steps, optimizer.steps]).toEqual([before, 0, 0]);
    await network.fit(x, y, { epochs: 1, optimizer });
  });

  it("gradients and gradientCheck, which never clip", async () => {
    const network = await small({ dtype: "float64" });
    const clip = { clip: { norm: 1 } } as object;
    const calls = [() => network.gradients(x, y, clip), () => gradientCheck(network, x, y, clip)];
    for (const call of calls) {
      await expect((async () => call())()).rejects.toMatchObject({
        expected: "a known option (it belongs to fit({ clip }))",
      });
    }
  });
});
