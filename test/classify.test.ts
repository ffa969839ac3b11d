// network.classify: classes as evaluate counts them.
import { expect, it } from "vitest";
import {
  ConfigError,
  createNetwork,
  DataError,
  Matrix,
  type NetworkOptions,
  StateError,
} from "../ts/index.js";

/** A network whose logits are its inputs. */
async function identity(options: Omit<NetworkOptions, "layerDims">) {
  const network = await createNetwork({ ...options, layerDims: [2, 2] });
  network.setParameters([
    {
      weights: Matrix.from([
        [1, 0],
        [0, 1],
      ]),
      biases: [0, 0],
    },
  ]);
  return network;
}

const x = [
  [1, 3],
  [2, 2],
  [-1, -4],
  [0, 1e-30],
];

it("gives the first likeliest class of a softmax", async () => {
  using network = await identity({ outputActivation: "softmax" });
  const classes = network.classify(x);
  expect(classes).toEqual(Uint32Array.of(1, 0, 0, 1));
  expect(network.evaluate(x, classes).accuracy).toBe(1);
});

it.each(["float32", "float64"] as const)(
  "gives 0 or 1 of each unit, as evaluate counts, in %s",
  async (dtype) => {
    for (const options of [{ dtype }, { dtype, outputActivation: "linear", loss: "hinge" }] as const) {
      using network = await identity(options);
      const classes = network.classify(x);
      expect(classes).toEqual(Uint32Array.of(1, 1, 1, 1, 0, 0, 0, 1));
      expect(network.evaluate(x, new Matrix(Float32Array.from(classes), 4, 2)).accuracy).toBe(1);
    }
  },
);

it("takes another threshold of sigmoid units", async () => {
  using network = await identity({ dtype: "float64" });
  const p = network.predict(x).data;
  for (const threshold of [0, 0.2, 0.5, 0.9, 1]) {
    const expected = Array.from(p, (value) => Number(value > threshold));
    if (threshold === 0.5) expected[7] = 1; // σ(1e-30) is 1/2, and z > 0
    expect([...network.classify(x, { threshold })]).toEqual(expected);
  }
});

it("of many examples, in several pieces, is that of one piece", async () => {
  using network = await identity({ outputActivation: "softmax" });
  const many = Array.from({ length: 3000 }, (_, i) => [i % 5, i % 7]);
  expect([...network.classify(many)]).toEqual(many.map(([a = 0, b = 0]) => Number(b > a)));
});

it("refuses what has no classes, no threshold, or is no option", async () => {
  using softmax = await identity({ outputActivation: "softmax" });
  using margins = await identity({ outputActivation: "linear", loss: "hinge" });
  using sigmoid = await identity({});
  using numbers = await identity({ outputActivation: "linear" });
  for (const [call, message] of [
    [() => numbers.classify(x), "of one that answers by numbers, take predict"],
    [
      () => softmax.classify(x, { threshold: 0.5 }),
      "threshold: expected none (a softmax's class is its likeliest",
    ],
    [() => margins.classify(x, { threshold: 0.5 }), "threshold: expected none (hinge's class is z > 0"],
    [() => sigmoid.classify(x, { threshold: 1.5 }), "threshold: expected a number in [0, 1], got 1.5"],
    [() => sigmoid.classify(x, { threshold: Number.NaN }), "threshold: expected a number in [0, 1]"],
    [() => sigmoid.classify(x, { treshold: 0.5 } as object), "did you mean threshold?"],
  ] as const) {
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  }
  expect(() => sigmoid.classify([[1, Number.NaN]])).toThrow(DataError);
  sigmoid.dispose();
  expect(() => sigmoid.classify(x)).toThrow(StateError);
});
