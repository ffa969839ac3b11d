import { describe, expect, it } from "vitest";
import {
  activation,
  adam,
  batchNorm,
  createNetwork,
  dense,
  gradientCheck,
  gradientDescent,
  type Layer,
  loadNetwork,
  momentum,
  NumericError,
  residual,
  ShapeError,
} from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { rejection, thrown } from "../files/small-files.js";

const RULES = { adam, momentum, gradientDescent };

const x = [
  [1, 2],
  [3, -4],
  [-5, 6],
];
const y = [0.5, -0.5, 1];

/** Every number that a step may change. */
function stateOf(
  network: Awaited<ReturnType<typeof makeNetwork>>,
  optimizer: ReturnType<typeof adam>,
): unknown {
  const { layers, progress } = network.trainee;
  const moments = optimizer.moments.map((moment) => moment.read());
  const blocks = [layers.parameters.read(), layers.statistics.read()];
  return structuredClone({ blocks, moments, progress, state: optimizer.state, steps: optimizer.steps });
}

const makeNetwork = (layers: readonly Layer[], dtype: "float32" | "float64" = "float32") =>
  createNetwork({ inputs: 2, layers, loss: "meanSquaredError", seed: 3, dtype, threads: 1 });

interface Bad {
  readonly what: string;
  readonly layers: readonly Layer[];
  readonly x: number[][];
  readonly layer: number;
  readonly dtype?: "float64";
}

const ends = [dense(3, { activation: "tanh" }), dense(1)];
const BAD: readonly Bad[] = [
  ...[1.2e19, 1e25, 1e30, 1e37].map((big) => ({
    what: `a variance of ${big}²`,
    layers: [batchNorm(), ...ends],
    x: [
      [big, 1],
      [-big, 2],
      [0, 3],
    ],
    layer: 1,
  })),
  {
    what: "a variance of 1e200² in float64",
    layers: [batchNorm(), ...ends],
    x: [
      [1e200, 1],
      [-1e200, 2],
      [0, 3],
    ],
    layer: 1,
    dtype: "float64",
  },
  {
    what: "a variance that the running one could not be made of, decay 0",
    layers: [batchNorm({ decay: 0 }), ...ends],
    x: [
      [1.8e19, 1],
      [-1.8e19, 2],
      [0, 3],
    ],
    layer: 1,
  },
  {
    what: "a mean that overflows",
    layers: [batchNorm(), ...ends],
    x: [
      [3e38, 1],
      [3e38, 2],
      [3e38, 3],
    ],
    layer: 1,
  },
  {
    what: "a variance in a residual layer, before a relu that could hide it",
    layers: [dense(2), residual([batchNorm(), activation("relu"), dense(2)]), ...ends],
    x: [
      [1e30, 1],
      [-1e30, 2],
      [0, 3],
    ],
    layer: 3,
  },
  {
    what: "a loss behind a batchNorm that is sound",
    layers: [batchNorm(), dense(1), activation("linear")],
    x,
    layer: 2,
  },
];

describe.each(Object.entries(RULES))("with %s", (_, rule) => {
  it.each(BAD)("$what ends a step, and nothing has changed", async ({ layers, x: bad, layer, dtype }) => {
    using network = await makeNetwork(layers, dtype);
    const optimizer = rule({ learningRate: 1e-3 });
    for (let step = 0; step < 3; step++) network.trainStep(x, y, { optimizer });
    const before = stateOf(network, optimizer);
    const targets = bad === x ? [3e38, -3e38, 3e38] : y;
    const error = thrown(() => network.trainStep(bad, targets, { optimizer }));
    expect(error).toBeInstanceOf(NumericError);
    expect(error).toMatchObject({ layer, step: 4 });
    expect(stateOf(network, optimizer)).toEqual(before);
    network.trainStep(x, y, { optimizer });
    expect(stateOf(network, optimizer)).not.toEqual(before);
  });

  it("a fit that fails keeps the statistics of the step before", async () => {
    const layers = [batchNorm(), ...ends];
    using network = await makeNetwork(layers);
    using other = await makeNetwork(layers);
    const optimizers = [rule({ learningRate: 1e-3 }), rule({ learningRate: 1e-3 })] as const;
    await network.fit(x, y, { epochs: 2, optimizer: optimizers[0], warnings: false });
    const fit = network.fit(
      [
        [1e30, 0],
        [-1e30, 1],
      ],
      [1, 2],
      { epochs: 1, optimizer: optimizers[0], warnings: false },
    );
    await expect(fit).rejects.toMatchObject({ code: "ERR_NUMERIC", layer: 1, step: 3 });
    await other.fit(x, y, { epochs: 2, optimizer: optimizers[1], warnings: false });
    expect(stateOf(network, optimizers[0])).toEqual(stateOf(other, optimizers[1]));
  });
});

describe("running statistics", () => {
  it("stay finite by the largest numbers that a step takes", async () => {
    using network = await makeNetwork([batchNorm({ decay: 0 }), ...ends]);
    const big = 7e18;
    for (let step = 0; step < 5; step++) {
      network.trainStep(
        [
          [big, 1],
          [-big, 2],
        ],
        [0, 1],
        { optimizer: adam() },
      );
    }
    const [norm] = network.parameters();
    expect(norm).toMatchObject({ runningVariance: expect.any(Float32Array) });
    using loaded = await loadNetwork(network.toBytes());
    expect(hashOf(loaded.parameters())).toBe(hashOf(network.parameters()));
  });

  it("are left alone by all that only looks", async () => {
    using network = await makeNetwork([batchNorm(), ...ends]);
    network.trainStep(x, y, { optimizer: adam() });
    const before = network.trainee.layers.statistics.read();
    network.gradients(x, y);
    network.predict(x);
    network.evaluate(x, y);
    gradientCheck(network, x, y);
    expect(network.trainee.layers.statistics.read()).toEqual(before);
  });
});

describe("a batch of one example", () => {
  const layers = [dense(3), batchNorm(), activation("relu"), dense(1)];
  const said =
    /batches of at least 2 examples \(another batchSize, or layerNorm in its place\), for the batchNorm that is layer 2, got (one|an epoch's last) of 1/;

  it("is refused by trainStep, gradients and gradientCheck", async () => {
    using network = await makeNetwork(layers);
    const optimizer = adam();
    const before = stateOf(network, optimizer);
    for (const call of [
      () => network.trainStep([[1, 2]], [1], { optimizer }),
      () => network.gradients([[1, 2]], [1]),
      () => gradientCheck(network, [[1, 2]], [1]),
    ]) {
      const error = thrown(call);
      expect(error).toBeInstanceOf(ShapeError);
      expect(error).toMatchObject({ message: expect.stringMatching(said) });
    }
    expect(stateOf(network, optimizer)).toEqual(before);
  });

  it.each([1, 2])(
    "is refused by fit, as every batch or as the last: batchSize %d of 3",
    async (batchSize) => {
      using network = await makeNetwork(layers);
      const optimizer = adam();
      const before = stateOf(network, optimizer);
      const error = await rejection(network.fit(x, y, { epochs: 1, batchSize, optimizer }));
      expect(error).toBeInstanceOf(ShapeError);
      expect(error).toMatchObject({ message: expect.stringMatching(said) });
      expect(stateOf(network, optimizer)).toEqual(before);
      await network.fit(x, y, { epochs: 1, batchSize: 3, optimizer, warnings: false });
    },
  );

  it("is predicted and evaluated, as it is among others", async () => {
    using network = await makeNetwork(layers);
    network.trainStep(x, y, { optimizer: adam() });
    const all = network.predict(x).data;
    expect(x.map((row) => network.predict([row]).data[0])).toEqual([...all]);
    expect(network.evaluate(x.slice(0, 1), y.slice(0, 1)).loss).toBeGreaterThan(0);
  });
});
