// Networks that answer by numbers: linear outputs.
import { expect, expectTypeOf, it } from "vitest";
import {
  adam,
  createNetwork,
  DataError,
  loadNetwork,
  type Network,
  type NumberScores,
  resumeTraining,
} from "../ts/index.js";
import { MemoryStore } from "./files/small-files.js";

const x = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
const y = x.map(([a = 0, b = 0]) => [2 * a - b, a * b]);
const options = { layerDims: [2, 8, 2], outputActivation: "linear", seed: 3 } as const;

/** A network whose answers are x's rows. */
async function identity(dtype: "float32" | "float64" = "float64") {
  const network = await createNetwork({ layerDims: [2, 2], outputActivation: "linear", dtype });
  const weights = [
    [1, 0],
    [0, 1],
  ];
  network.setParameters([{ weights, biases: [0, 0] }]);
  return network;
}

it("the loss follows from a linear output, and is no other output's", async () => {
  using network = await createNetwork(options);
  expect(network.config.loss).toBe("meanSquaredError");
  const wrong = createNetwork({ layerDims: [2, 2], outputActivation: "softmax", loss: "meanSquaredError" });
  await expect(wrong).rejects.toThrow('expected "categoricalCrossEntropy" with outputActivation "softmax"');
  using stated = await createNetwork({ ...options, loss: { type: "meanSquaredError" } });
  expect(stated.config.loss).toBe("meanSquaredError"); // one form
});

it.each([
  [{ type: "meanSquaredErorr" }, 'loss.type: expected "meanSquaredError" or'],
  [{ type: "meanSquaredError", delta: 1 }, "loss.delta: expected only type"],
  [{}, "loss.type"],
  [["meanSquaredError"], "loss"],
  ["meanSqaredError", 'did you mean "meanSquaredError"?'],
])("a loss %j is refused", async (loss, message) => {
  await expect(createNetwork({ ...options, loss } as object as typeof options)).rejects.toThrow(message);
});

it("predicts numbers, and evaluates as scikit-learn does", async () => {
  using network = await identity();
  expect(network.predict([[1.5, -7]]).toArray()).toEqual([[1.5, -7]]);
  const targets = [
    [1, 2],
    [3, 5],
    [5, 2],
  ];
  // mean_squared_error, root_mean_squared_error, mean_absolute_error and r2_score of scikit-learn 1.7, uniform averages
  const answers = [
    [1, 0],
    [4, 5],
    [3, 3],
  ];
  const squared = [(0 + 1 + 4) / 3, (4 + 0 + 1) / 3];
  const scores = network.evaluate(answers, targets);
  expectTypeOf(scores).toExtend<NumberScores>();
  expect(scores.loss).toBeCloseTo((5 / 3 + 5 / 3) / 2, 14);
  expect(scores.rootMeanSquaredError).toBeCloseTo((Math.sqrt(5 / 3) + Math.sqrt(squared[1] ?? 0)) / 2, 14);
  expect(scores.meanAbsoluteError).toBeCloseTo((0 + 1 + 2 + 2 + 0 + 1) / 6, 14);
  expect(scores.r2).toBeCloseTo((1 - 5 / 8 + (1 - 5 / 6)) / 2, 14);
});

it("r2 of targets that are all the same is 1 for right answers and else 0; of one example NaN", async () => {
  using network = await identity();
  const of = (answers: number[][], targets: number[][]) => network.evaluate(answers, targets).r2;
  const same = [
    [2, 3],
    [2, 3],
  ];
  expect(of(same, same)).toBe(1);
  expect(
    of(
      [
        [2, 1],
        [2, 3],
      ],
      same,
    ),
  ).toBe(0.5);
  expect(of([[1, 2]], [[1, 2]])).toBeNaN();
  // The sum of ten times 0.1 is less than 1: their mean is rounded, and they don't vary.
  const tenths = Array.from({ length: 10 }, () => [0.1, 0.1]);
  expect(of(tenths, tenths)).toBe(1);
  expect(of([[2, 0.1], ...tenths.slice(1)], tenths)).toBe(0.5);
  const sampleWeight = tenths.map((_, i) => 0.1 * i);
  const options = { metrics: ["r2", "explainedVariance"], sampleWeight } as const;
  expect(network.evaluate(tenths, tenths, options)).toMatchObject({ r2: 1, explainedVariance: 1 });
});

it("many examples, in several pieces, have the scores of one piece", async () => {
  using network = await identity("float32");
  const many = Array.from({ length: 5000 }, (_, i) => [i % 7, i % 11]);
  const off = many.map(([a = 0, b = 0]) => [a + 1, b - 2]);
  const scores = network.evaluate(many, off);
  expect(scores).toMatchObject({ loss: 2.5, rootMeanSquaredError: 1.5, meanAbsoluteError: 1.5 });
});

it.each([
  ["float32", Number.NaN],
  ["float64", Number.POSITIVE_INFINITY],
  ["float32", 1e39],
] as const)("in %s a target %d is a DataError that names the loss", async (dtype, wrong) => {
  using network = await createNetwork({ ...options, dtype });
  const targets = y.map((row, i) => (i === 3 ? [0, wrong] : row));
  const fault = await network.fit(x, targets, { epochs: 1 }).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(DataError);
  expect(fault).toMatchObject({ path: "y[3][1]" });
  expect(String(fault)).toContain(
    `a finite number of the network's dtype, for meanSquaredError, got ${wrong}`,
  );
});

it("learns, and is the same from a file and a checkpoint", async () => {
  using network = await createNetwork(options);
  const store = new MemoryStore();
  const fit = { epochs: 40, optimizer: adam({ learningRate: 0.02 }), batchSize: 8 };
  const history = await network.fit(x, y, { ...fit, checkpoint: { path: "c", store, everySteps: 50 } });
  expect(history.loss.at(-1)).toBeLessThan(0.1 * (history.loss[0] ?? 0));
  const before = network.evaluate(x, y);
  expect(before.r2).toBeGreaterThan(0.8);

  using loaded = await loadNetwork<NumberScores>(network.toBytes());
  expectTypeOf(loaded).toEqualTypeOf<Network<NumberScores>>();
  expect(loaded.config).toEqual(network.config);
  expect(loaded.evaluate(x, y)).toEqual(before);
  const resumed = await resumeTraining<NumberScores>("c", x, y, { store });
  expect(resumed.network.evaluate(x, y)).toEqual(before);
  resumed.network.dispose();
});
