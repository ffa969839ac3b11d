// Labels between 0 and 1, smoothed ones, and classes by the sign of a number.
import { describe, expect, it } from "vitest";
import {
  adam,
  binaryCrossEntropy,
  categoricalCrossEntropy,
  createNetwork,
  DataError,
  type Loss,
  Matrix,
  ShapeError,
} from "../ts/index.js";

/** A network whose logits are its inputs. */
async function identity(outputActivation: "sigmoid" | "softmax" | "linear", loss: Loss, width = 3) {
  const options = { layerDims: [width, width], outputActivation, loss, dtype: "float64" };
  const network = await createNetwork(options as { layerDims: number[] });
  const rows = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => Number(i === j)),
  );
  network.setParameters([{ weights: rows, biases: new Array(width).fill(0) }]);
  return network;
}

const soft = {
  binary: binaryCrossEntropy({ softLabels: true }),
  rows: categoricalCrossEntropy({ softLabels: true }),
};

describe("soft labels", () => {
  it("that are 0 or 1 are the plain labels", async () => {
    const x = [
      [1, -2, 0.5],
      [0.3, 0.2, -4],
    ];
    const hot = [
      [0, 1, 0],
      [1, 0, 0],
    ];
    for (const [output, loss, bits] of [
      ["sigmoid", soft.binary, hot],
      ["softmax", soft.rows, Uint8Array.of(1, 0)],
    ] as const) {
      using plain = await identity(
        output,
        output === "sigmoid" ? "binaryCrossEntropy" : "categoricalCrossEntropy",
      );
      using network = await identity(output, loss);
      const [expected, got] = [plain.evaluate(x, bits), network.evaluate(x, hot)];
      expect(got.loss).toBeCloseTo(expected.loss, 14);
      expect(got.accuracy).toBe(expected.accuracy);
    }
  });

  it("count as right by their larger side, and a row by its largest share", async () => {
    using units = await identity("sigmoid", soft.binary);
    const y = [[0.6, 0.5, 0.1]];
    expect(units.evaluate([[1, 1, -1]], y).accuracy).toBeCloseTo(2 / 3, 15);
    using rows = await identity("softmax", soft.rows);
    const shares = [
      [0.2, 0.5, 0.3],
      [0.4, 0.4, 0.2],
    ];
    const logits = [
      [0, 2, 1],
      [1, 2, 0],
    ];
    expect(rows.evaluate(logits, shares).accuracy).toBe(0.5);
  });

  it.each([
    [
      "sigmoid",
      soft.binary,
      [[0.5, 1.1, 0]],
      "y[0][1]: expected a number in [0, 1], for binaryCrossEntropy, got 1.1",
    ],
    ["sigmoid", soft.binary, [[0.5, -0.1, 0]], "y[0][1]: expected a number in [0, 1]"],
    ["sigmoid", soft.binary, [[Number.NaN, 0, 0]], "y[0][0]: expected a number in [0, 1]"],
    [
      "softmax",
      soft.rows,
      [[0.5, 0.6, -0.1]],
      "y[0][2]: expected a number in [0, 1], for categoricalCrossEntropy",
    ],
    ["softmax", soft.rows, [[0.5, 0.4, 0.2]], "y[0]: expected a row of shares that sum to 1 (within 1e-6)"],
    ["sigmoid", "binaryCrossEntropy", [[0.5, 1, 0]], "y[0][0]: expected 0 or 1, for binaryCrossEntropy"],
    ["softmax", "categoricalCrossEntropy", [[0.5, 0.5, 0]], "y[0]: expected a one-hot row"],
    ["linear", "hinge", [[1, -1, 0]], "y[0][1]: expected 0 or 1, for hinge, got -1"],
  ] as const)("of %s, %j: %j is refused", async (output, loss, y, message) => {
    using network = await identity(output, loss);
    const rows = y.map((row) => [...row]);
    const fault = await network.fit([[1, 2, 3]], rows, { epochs: 1 }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(DataError);
    expect(String(fault)).toContain(message);
    expect(() => network.evaluate([[1, 2, 3]], rows)).toThrow(message);
  });

  it("of a softmax are rows, not class indices", async () => {
    using network = await identity("softmax", soft.rows);
    expect(() => network.evaluate([[1, 2, 3]], [1])).toThrow(ShapeError);
  });

  it("may be float32, whose thirds sum to 1 nearly", async () => {
    using network = await identity("softmax", soft.rows);
    const y = new Matrix(Float32Array.of(1 / 3, 1 / 3, 1 / 3), 1, 3);
    expect(network.evaluate([[0, 0, 0]], y).loss).toBeCloseTo(Math.log(3), 6);
  });

  it("are gathered in mini-batches, and teach a network what it shall answer", async () => {
    using network = await identity("softmax", soft.rows);
    const x = Array.from({ length: 30 }, (_, i) => [
      Number(i % 3 === 0),
      Number(i % 3 === 1),
      Number(i % 3 === 2),
    ]);
    const taught = [
      [0.7, 0.2, 0.1],
      [0.1, 0.1, 0.8],
      [0.3, 0.4, 0.3],
    ];
    const y = x.map((_, i) => taught[i % 3] ?? []);
    await network.fit(x, y, { epochs: 300, batchSize: 10, optimizer: adam({ learningRate: 0.05 }) });
    const answers = network.predict(x.slice(0, 3)).toArray();
    for (const [i, row] of answers.entries())
      for (const [j, p] of row.entries()) expect(p).toBeCloseTo(taught[i]?.[j] ?? 0, 3);
  });
});

it("a positive weight costs a missed 1 as often as it says", async () => {
  using plain = await identity("sigmoid", "binaryCrossEntropy", 1);
  using weighted = await identity("sigmoid", binaryCrossEntropy({ positiveWeight: 5 }), 1);
  expect(weighted.evaluate([[0.3]], [1]).loss).toBeCloseTo(5 * plain.evaluate([[0.3]], [1]).loss, 14);
  expect(weighted.evaluate([[0.3]], [0]).loss).toBeCloseTo(plain.evaluate([[0.3]], [0]).loss, 14);
});

it("hinge is right by the sign of its answer", async () => {
  using network = await identity("linear", "hinge");
  const scores = network.evaluate([[0.1, -3, 0]], [[1, 0, 1]]);
  expect(scores.loss).toBeCloseTo((0.9 + 0 + 1) / 3, 15);
  expect(scores.accuracy).toBeCloseTo(2 / 3, 15);
  expect(network.predict([[0.1, -3, 0]]).toArray()).toEqual([[0.1, -3, 0]]);
});

describe("metrics", () => {
  it("take soft labels for the classes that accuracy takes them for", async () => {
    using units = await identity("sigmoid", soft.binary, 1);
    const x = [[1], [-1], [2], [-0.5]];
    const asked = { metrics: ["accuracy", "precision", "recall"] } as const;
    const scores = units.evaluate(x, [0.9, 0.2, 0.4, 0.7], asked);
    expect(scores).toMatchObject({ accuracy: 0.5, precision: 0.5, recall: 0.5 });
    using rows = await identity("softmax", soft.rows);
    const logits = [
      [0, 2, 1],
      [1, 2, 0],
    ];
    const shares = [
      [0.2, 0.5, 0.3],
      [0.4, 0.4, 0.2],
    ];
    const { confusionMatrix } = rows.evaluate(logits, shares, { metrics: ["confusionMatrix"] });
    expect(confusionMatrix).toEqual([
      [0, 1, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
  });

  it("of probabilities are refused where there are none, as under hinge", async () => {
    using network = await identity("linear", "hinge", 1);
    const [x, y] = [
      [[1], [-1], [0.5]],
      [1, 0, 0],
    ];
    expect(network.evaluate(x, y, { metrics: ["rocAuc", "confusionMatrix"] })).toMatchObject({ rocAuc: 1 });
    expect(() => network.evaluate(x, y, { metrics: ["logLoss"] })).toThrow(
      "metrics[0]: expected a metric that takes no probabilities",
    );
  });

  it("of poisson are those of the counts", async () => {
    using network = await identity("linear", "poisson", 1);
    const scores = network.evaluate([[0], [0]], [1, 3], { metrics: ["meanSquaredError"] });
    expect(scores.meanSquaredError).toBeCloseTo(2, 12);
  });
});
