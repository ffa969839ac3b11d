// What users write for a loss: its name, data, or the function that makes the data.
import { expect, expectTypeOf, it } from "vitest";
import {
  adam,
  binaryCrossEntropy,
  type ClassScores,
  ConfigError,
  categoricalCrossEntropy,
  createNetwork,
  DataError,
  focal,
  huber,
  loadNetwork,
  type Network,
  type NumberScores,
  quantile,
} from "../ts/index.js";

const linear = { layerDims: [2, 2], outputActivation: "linear", dtype: "float64" } as const;

it("a function makes frozen data, with the defaults of what isn't given", async () => {
  expect(huber({ delta: 2 })).toEqual({ type: "huber", delta: 2 });
  expect(huber()).toEqual({ type: "huber", delta: 1 });
  expect(quantile({ quantile: 0.9 })).toEqual({ type: "quantile", quantile: 0.9 });
  expect(Object.isFrozen(huber())).toBe(true);
  using network = await createNetwork({ ...linear, loss: huber({ delta: 2 }) });
  expect(network.config.loss).toEqual({ type: "huber", delta: 2 });
  expect(Object.isFrozen(network.config.loss)).toBe(true);
  using plain = await createNetwork({ ...linear, loss: huber() });
  expect(plain.config.loss).toBe("huber");
});

it.each([
  [() => huber({ delta: 0 }), "delta: expected a finite number > 0, got 0"],
  [() => huber({ delta: Number.NaN }), "delta: expected a finite number > 0"],
  [() => huber({ delta: "1" } as object), "delta: expected a finite number > 0"],
  [() => huber({ delta: null } as object), "delta: expected a finite number > 0"],
  [() => huber({ dleta: 1 } as object), "did you mean delta?"],
  [() => huber(null as never), "options"],
  [() => huber(2 as never), "options: expected an object with options"],
  [() => quantile({ quantile: 1 }), "quantile: expected a number in (0, 1), got 1"],
  [() => quantile({ quantile: 0 }), "quantile: expected a number in (0, 1), got 0"],
  [() => binaryCrossEntropy({ labelSmoothing: 1 }), "labelSmoothing: expected a number in [0, 1), got 1"],
  [() => binaryCrossEntropy({ labelSmoothing: -0.1 }), "labelSmoothing: expected a number in [0, 1)"],
  [() => binaryCrossEntropy({ positiveWeight: 0 }), "positiveWeight: expected a finite number > 0, got 0"],
  [() => binaryCrossEntropy({ softLabels: 1 } as object), "softLabels: expected true or false, got 1"],
  [() => binaryCrossEntropy({ posWeight: 2 } as object), "did you mean positiveWeight?"],
  [() => categoricalCrossEntropy({ positiveWeight: 2 } as object), "options.positiveWeight"],
  [() => categoricalCrossEntropy({ label_smoothing: 0.1 } as object), "did you mean labelSmoothing?"],
  [() => focal({ gamma: -1 }), "gamma: expected a finite number >= 0, got -1"],
  [() => quantile({ tau: 0.5 } as never), "options.tau"],
])("%s is refused", (make, message) => {
  expect(make).toThrow(ConfigError);
  expect(make).toThrow(message);
});

it.each([
  [{ type: "huber", delta: -1 }, "loss.delta: expected a finite number > 0, got -1"],
  [{ type: "quantile", quantile: 1 }, "loss.quantile: expected a number in (0, 1), got 1"],
  [{ type: "huber", detla: 1 }, "loss.detla: expected only type, delta (did you mean delta?)"],
  [{ type: "focal", gamma: 1 }, 'loss: expected "meanSquaredError" or'],
  [{ type: "binaryCrossEntropy", softLabels: "yes" }, "loss.softLabels: expected true or false"],
  [{ type: "hubre" }, 'loss.type: expected "meanSquaredError"'],
  [{ delta: 1 }, "loss.type"],
  ["Huber", 'did you mean "huber"?'],
])("a loss %j is refused by createNetwork", async (loss, message) => {
  const making = createNetwork({ ...linear, loss } as object as typeof linear);
  await expect(making).rejects.toThrow(ConfigError);
  await expect(making).rejects.toThrow(message);
});

it("a loss that doesn't fit the output is refused with what does", async () => {
  const making = createNetwork({ layerDims: [2, 2], outputActivation: "softmax", loss: huber() as never });
  await expect(making).rejects.toThrow(
    'loss: expected "categoricalCrossEntropy" with outputActivation "softmax", got "huber"',
  );
});

it("a file keeps what is so and what isn't", async () => {
  const loss = categoricalCrossEntropy({ softLabels: true });
  expect(loss).toEqual({ type: "categoricalCrossEntropy", labelSmoothing: 0, softLabels: true });
  using network = await createNetwork({ layerDims: [2, 3], outputActivation: "softmax", loss });
  using loaded = await loadNetwork(network.toBytes());
  expect(loaded.config.loss).toEqual(loss);
  expect(categoricalCrossEntropy({ softLabels: false })).toMatchObject({ softLabels: false });
  using plain = await createNetwork({
    layerDims: [2, 3],
    outputActivation: "softmax",
    loss: categoricalCrossEntropy(),
  });
  expect(plain.config.loss).toBe("categoricalCrossEntropy");
});

it("a file keeps the parameters", async () => {
  using network = await createNetwork({ ...linear, loss: quantile({ quantile: 0.1 }) });
  using loaded = await loadNetwork<NumberScores>(network.toBytes());
  expect(loaded.config.loss).toEqual({ type: "quantile", quantile: 0.1 });
  const [x, y] = [[[1, 2]], [[3, 4]]];
  expect(loaded.gradients(x, y)).toEqual(network.gradients(x, y));
});

it("types follow the loss", async () => {
  using network = await createNetwork({ ...linear, loss: huber({ delta: 2 }) });
  expectTypeOf(network).toEqualTypeOf<Network<NumberScores>>();
  using counts = await createNetwork({ ...linear, loss: "poisson" });
  expectTypeOf(counts).toEqualTypeOf<Network<NumberScores>>();
  using margins = await createNetwork({ ...linear, loss: "hinge" });
  expectTypeOf(margins).toEqualTypeOf<Network<ClassScores>>();
  using soft = await createNetwork({ layerDims: [2, 2], loss: binaryCrossEntropy({ softLabels: true }) });
  expectTypeOf(soft).toEqualTypeOf<Network<ClassScores>>();
  using few = await createNetwork({ layerDims: [2, 1], loss: focal({ gamma: 1 }) });
  expectTypeOf(few).toEqualTypeOf<Network<ClassScores>>();
  using squares = await createNetwork({ layerDims: [2, 1], loss: "meanSquaredError" });
  expectTypeOf(squares).toEqualTypeOf<Network<NumberScores>>();
});

it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, -1e-50])("%d is no count", async (wrong) => {
  for (const dtype of ["float32", "float64"] as const) {
    using network = await createNetwork({ ...linear, dtype, loss: "poisson" });
    const fault = await network.fit([[1, 2]], [[1, wrong]], { epochs: 1 }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(DataError);
    expect(fault).toMatchObject({ path: "y[0][1]" });
    expect(String(fault)).toContain("a count: an integer >= 0 within the network's dtype, for poisson");
  }
});

it("poisson's errors are those of the counts, not of their logarithms", async () => {
  using network = await createNetwork({ ...linear, layerDims: [1, 1], loss: "poisson" });
  network.setParameters([{ weights: [[Math.LN2]], biases: [0] }]);
  const scores = network.evaluate([[0], [1], [2]], [1, 2, 7]);
  expect(network.predict([[2]]).data[0]).toBeCloseTo(2 * Math.LN2, 14);
  expect(scores.rootMeanSquaredError).toBeCloseTo(Math.sqrt(3), 12);
  expect(scores.meanAbsoluteError).toBeCloseTo(1, 12);
  expect(scores.loss).toBeCloseTo((1 + (2 - 2 * Math.LN2) + (4 - 14 * Math.LN2)) / 3, 12);
});

it("poisson learns the logarithms of the rates", async () => {
  using network = await createNetwork({ ...linear, layerDims: [1, 1], loss: "poisson" });
  const x = Array.from({ length: 400 }, (_, i) => [i % 2]);
  const y = x.map(([group = 0], i) => (group === 0 ? Number(i % 4 === 0) : 5 + (i % 4)));
  await network.fit(x, y, { epochs: 1000, batchSize: 400, optimizer: adam({ learningRate: 0.1 }) });
  const [low = 0, high = 0] = network.predict([[0], [1]]).data;
  expect(Math.exp(low)).toBeCloseTo(0.5, 3);
  expect(Math.exp(high)).toBeCloseTo(7, 3);
});
