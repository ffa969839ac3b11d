// The learning rate range test: what it finds, and that it leaves no trace.
import { describe, expect, it } from "vitest";
import {
  adam,
  batchNorm,
  ConfigError,
  createNetwork,
  DataError,
  dense,
  findLearningRate,
  gradientDescent,
  type Layer,
  Matrix,
  momentum,
  type Network,
  NumericError,
  ShapeError,
  StateError,
  sgd,
} from "../ts/index.js";
import { entryError, hashOf } from "./closeness.js";
import { rejection } from "./files/small-files.js";
import { made } from "./made.js";

const wave = (i: number, k: number) => Math.sin(1 + i * k);
const x = Array.from({ length: 64 }, (_, i) => [wave(i, 1), wave(i, 2), wave(i, 3)]);
const y = x.map(([a = 0, b = 0]) => Number(a + b > 0));
const layers: Layer[] = [
  dense(8),
  batchNorm(),
  { type: "activation", activation: "relu" },
  { type: "dropout", keepProb: 0.7 },
  dense(1, { activation: "sigmoid" }),
];

async function network(more: object = {}) {
  return made(await createNetwork({ inputs: 3, layers, seed: 3, threads: 1, ...more }));
}

/** Network and optimizer go on as twins do, which nothing was asked of. */
async function leavesNoTrace(act: (one: Network, optimizer: ReturnType<typeof adam>) => Promise<unknown>) {
  const [one, twin] = [await network(), await network()];
  const [optimizer, other] = [adam(), adam()];
  await one.fit(x, y, { epochs: 2, optimizer });
  await twin.fit(x, y, { epochs: 2, optimizer: other });
  const bytes = one.toBytes();
  const found = await act(one as never, optimizer);
  expect(one.toBytes()).toEqual(bytes);
  expect(optimizer.state).toEqual(other.state);
  one.trainStep(x, y, { optimizer });
  twin.trainStep(x, y, { optimizer: other });
  await one.fit(x, y, { epochs: 1, optimizer });
  await twin.fit(x, y, { epochs: 1, optimizer: other });
  expect(hashOf(one.parameters())).toBe(hashOf(twin.parameters()));
  return found;
}

describe("leaves the network, its streams and the optimizer as they were, to the bit,", () => {
  it("at its end", async () => {
    const found = await leavesNoTrace((one, optimizer) => findLearningRate(one, x, y, { optimizer }));
    expect(found).toHaveProperty("suggestion");
  });

  it("after an error in the data, and a step that can't be taken", async () => {
    await leavesNoTrace((one) => rejection(findLearningRate(one, x.slice(1), y)));
    const wrong = x.map((row) => row.map(() => 3e38));
    const error = await leavesNoTrace((one) => rejection(findLearningRate(one, wrong, y)));
    expect(error).toBeInstanceOf(NumericError);
  });

  it("after an abort, with the curve so far", async () => {
    // So wide that its steps take far longer than the abort is away.
    const one = made(await createNetwork({ layerDims: [3, 400, 400, 1], seed: 5, threads: 1 }));
    const before = one.toBytes();
    const stop = new AbortController();
    setTimeout(() => stop.abort());
    const given = { signal: stop.signal, steps: 10_000, to: 1e-6, batchSize: 64 };
    const { rates, losses } = await findLearningRate(one, x, y, given);
    expect(one.toBytes()).toEqual(before);
    expect(rates.length).toBeLessThan(10_000);
    expect(losses).toHaveLength(rates.length);
    const never = await findLearningRate((await network()) as never, x, y, { signal: AbortSignal.abort() });
    expect(never).toEqual({ rates: [], losses: [], suggestion: undefined });
  });

  it("while a fit runs, of its last whole step", async () => {
    const [one, twin] = [await network(), await network()];
    const fit = { epochs: 3, batchSize: 16 };
    await one.fit(x, y, { ...fit, onEpoch: async () => void (await findLearningRate(one as never, x, y)) });
    await twin.fit(x, y, fit);
    expect(hashOf(one.parameters())).toBe(hashOf(twin.parameters()));
  });
});

describe("the curve", () => {
  it("has rates that grow by one factor, and the losses of these steps", async () => {
    const one = made(await createNetwork({ layerDims: [3, 4, 1], seed: 5, dtype: "float64" }));
    const given = { from: 1e-4, to: 1, steps: 9, batchSize: x.length };
    const { rates, losses } = await findLearningRate(one, x, y, {
      ...given,
      optimizer: sgd({ momentum: 0.5 }),
    });
    const expected = Array.from({ length: 9 }, (_, i) => 1e-4 * 1e4 ** (i / 8));
    expect(entryError(rates, expected)).toBeLessThan(1e-14);
    const twin = made(await createNetwork({ layerDims: [3, 4, 1], seed: 5, dtype: "float64" }));
    // u ← μ·u + g at every rate: what follows is one network by hand.
    let u = twin.parameters().map(() => [] as number[]);
    for (const [step, loss] of losses.entries()) {
      const found = twin.gradients(x, y);
      expect(found.loss).toBeCloseTo(loss, 12);
      const flat = (layers: typeof found.gradients) =>
        layers.map(({ weights, biases }) => [...weights.data, ...biases]);
      const g = flat(found.gradients);
      u = g.map((row, l) => row.map((value, i) => 0.5 * (u[l]?.[i] ?? 0) + value));
      const next = flat(twin.parameters()).map((row, l) =>
        row.map((w, i) => w - (rates[step] ?? 0) * (u[l]?.[i] ?? 0)),
      );
      twin.setParameters(
        twin.parameters().map(({ weights: { rows, cols } }, l) => ({
          weights: new Matrix(Float64Array.from(next[l]?.slice(0, rows * cols) ?? []), rows, cols),
          biases: next[l]?.slice(rows * cols) ?? [],
        })),
      );
    }
  });

  it("ends where the loss diverges, and suggests a rate that trains, below it", async () => {
    for (const [optimizer, least, most] of [
      [gradientDescent(), 1e-3, 20],
      [momentum(), 1e-3, 20],
      [adam(), 1e-5, 1],
      ["adamW", 1e-5, 1],
    ] as const) {
      const given = { layerDims: [3, 32, 32, 1], hiddenActivation: "tanh", seed: 2 } as const;
      const one = made(await createNetwork(given));
      const { suggestion = 0, rates } = await findLearningRate(one, x, y, { optimizer, to: 100 });
      expect(suggestion).toBeGreaterThan(least);
      expect(suggestion).toBeLessThan(most);
      expect(rates).toContain(suggestion);
    }
    const fast = made(await createNetwork({ layerDims: [3, 1], outputActivation: "linear", seed: 1 }));
    const { rates, losses } = await findLearningRate(fast, x, y, { optimizer: "gradientDescent", to: 1e6 });
    expect(rates.length).toBeLessThan(100);
    expect(losses.at(-1)).toBeGreaterThan(losses[0] ?? 0);
  });

  it("has no suggestion where the loss never fell", async () => {
    const one = made(await createNetwork({ layerDims: [3, 1], initialization: "zeros", seed: 1 }));
    const still = x.map(() => [0, 0, 0]);
    const half = still.map((_, i) => i % 2);
    const { suggestion, losses } = await findLearningRate(one, still, half, { batchSize: 64 });
    expect(new Set(losses).size).toBe(1);
    expect(suggestion).toBeUndefined();
  });

  it("is the same on any number of threads, and one that begins where training was", async () => {
    const curves = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const one = made(await createNetwork({ layerDims: [3, 300, 300, 1], seed: 5, threads }));
        return findLearningRate(one, x, y, { steps: 20 });
      }),
    );
    expect(curves[1]).toEqual(curves[0]);
    expect(curves[2]).toEqual(curves[0]);
  });

  it("may fall below 0, as the Poisson loss does", async () => {
    const one = made(
      await createNetwork({ layerDims: [3, 8, 1], outputActivation: "linear", loss: "poisson", seed: 1 }),
    );
    const counts = x.map(([a = 0]) => Math.round(40 + 10 * a));
    const { losses } = await findLearningRate(one, x, counts);
    expect(Math.min(...losses)).toBeLessThan(0);
    expect(losses.length).toBeGreaterThan(50);
  });
});

describe("refuses, and nothing has changed,", () => {
  it.each<[object, string]>([
    [{ from: 0 }, "from"],
    [{ from: -1 }, "from"],
    [{ from: Number.NaN }, "from"],
    [{ to: 1e-7 }, "to"],
    [{ from: 20 }, "to"],
    [{ to: Number.POSITIVE_INFINITY }, "to"],
    [{ to: 1e37 }, "to"],
    [{ steps: 1 }, "steps"],
    [{ steps: 2.5 }, "steps"],
    [{ steps: 1e9 }, "steps"],
    [{ batchSize: 0 }, "batchSize"],
    [{ optimizer: "adm" }, "optimizer"],
    [{ optimizer: { type: "adamW", weightDecay: 1 } }, "optimizer.weightDecay"],
    [{ l2: -1 }, "l2"],
    [{ signal: 1 }, "signal"],
    [{ epochs: 3 }, "options.epochs"],
    [{ numIt: 3 }, "options.numIt"],
  ])("%j", async (given, path) => {
    await leavesNoTrace(async (one) => {
      const error = await rejection(findLearningRate(one, x, y, given as never));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ path });
    });
  });

  it("what is no network, one that was disposed of, and bad data", async () => {
    expect(await rejection(findLearningRate({} as never, x, y))).toMatchObject({ path: "network" });
    const gone = await createNetwork({ layerDims: [3, 1] });
    gone.dispose();
    expect(await rejection(findLearningRate(gone, x, y))).toBeInstanceOf(StateError);
    const one = made(await createNetwork({ layerDims: [3, 1] }));
    expect(await rejection(findLearningRate(one, [[1, 2]], [1]))).toBeInstanceOf(ShapeError);
    expect(
      await rejection(
        findLearningRate(
          one,
          x,
          y.map(() => 2),
        ),
      ),
    ).toBeInstanceOf(DataError);
  });
});
