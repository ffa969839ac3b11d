// What fitScaling, scaling and networks with one refuse, and that nothing has changed then.
import { describe, expect, it } from "vitest";
import {
  ConfigError,
  createNetwork,
  DataError,
  dense,
  fitScaling,
  type LayersOptions,
  Matrix,
  residual,
  ShapeError,
  scaling,
} from "../../ts/index.js";
import { hashOf } from "../closeness.js";

const x = [
  [1, 20],
  [2, 40],
  [4, 50],
];
const layer = fitScaling("standard", x);
const linear = { method: "standard", center: [0, 0], scale: [1, 1] } as const;

describe("fitScaling refuses", () => {
  it.each([
    ["an unknown method", "standart", x, {}, ConfigError, 'method: expected "standard" or "minMax" or'],
    ["with the nearest name", "minmax", x, {}, ConfigError, '(did you mean "minMax"?), got "minmax"'],
    ["a name of every object", "toString", x, {}, ConfigError, "method"],
    ["an unknown option", "standard", x, { clip: 3 }, ConfigError, "options.clip"],
    [
      "a soft clip of 0",
      "standard",
      x,
      { softClip: 0 },
      ConfigError,
      "softClip: expected a finite number > 0, got 0",
    ],
    ["no x", "standard", undefined, {}, ShapeError, "x: expected"],
    ["no rows", "robust", [], {}, ShapeError, "x: expected at least one example (row), got 0 rows"],
    ["no columns", "minMax", [[], []], {}, ShapeError, "x: expected at least one column, got none"],
    ["ragged rows", "minMax", [[1, 2], [1]], {}, ShapeError, "x[1]: expected 2 numbers like row 0, got 1"],
    [
      "NaN",
      "quantileNormal",
      [
        [1, 2],
        [1, Number.NaN],
      ],
      {},
      DataError,
      "x[1][1]: expected finite numbers, got NaN (1 such in all)",
    ],
    [
      "infinity",
      "standard",
      new Matrix([1, -Infinity], 1, 2),
      {},
      DataError,
      "x.data[1]: expected finite numbers, got -Infinity",
    ],
    ["a text", "standard", [["1"]], {}, DataError, "x[0][0]: expected a number"],
    [
      "a range beyond all numbers",
      "minMax",
      [
        [1, 1e308],
        [1, -1e308],
      ],
      {},
      DataError,
      "x, column 1: expected numbers whose range is finite",
    ],
  ] as const)("%s", (_, method, data, options, kind, message) => {
    const run = () => fitScaling(method as never, data as never, options as never);
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });
});

describe("scaling refuses", () => {
  it.each([
    ["no method", {}, "method"],
    [
      "numbers of another method",
      { ...linear, quantiles: [[1], [2]] },
      'quantiles: expected none beside "standard"',
    ],
    ["a scale of 0", { ...linear, scale: [1, 0] }, "scale[1]: expected a finite number > 0, got 0"],
    ["a scale of NaN", { ...linear, scale: [Number.NaN, 1] }, "scale[0]"],
    [
      "an infinite center",
      { ...linear, center: [Infinity, 1] },
      "center[0]: expected a finite number, got Infinity",
    ],
    ["fewer scales", { ...linear, scale: [1] }, "scale: expected an array of 2 numbers"],
    ["none", { ...linear, center: [], scale: [] }, "center"],
    [
      "no center",
      { method: "robust", scale: [1] },
      "center: expected an array of numbers, at least one, got undefined",
    ],
    ["a text", { ...linear, center: "12" }, "center"],
    ["an unknown name", { ...linear, centre: [1] }, "options.centre: expected"],
    [
      "quantiles that fall",
      { method: "quantileNormal", quantiles: [[1, 3, 2]] },
      "quantiles[0][2]: expected at least 3",
    ],
    [
      "columns of other lengths",
      { method: "quantileNormal", quantiles: [[1, 2], [1]] },
      "quantiles[1]: expected an array of 2",
    ],
    ["numbers in place of columns", { method: "quantileNormal", quantiles: [1, 2] }, "quantiles[0]"],
    [
      "more than 1000",
      { method: "quantileNormal", quantiles: [Array.from({ length: 1001 }, (_, i) => i)] },
      "quantiles[0]: expected at most 1000",
    ],
    ["an infinite range", { method: "quantileNormal", quantiles: [[-1e308, 1e308]] }, "quantiles[0]"],
  ])("%s", (_, options, message) => {
    const run = () => scaling(options as never);
    expect(run).toThrow(ConfigError);
    expect(run).toThrow(message);
  });
});

describe("a network refuses", () => {
  it.each([
    [
      "scaling behind another layer",
      2,
      [dense(2), layer, dense(1)],
      "layers[1]: expected scaling as the first layer alone",
    ],
    ["two of them", 2, [layer, layer, dense(1)], "layers[1]: expected scaling as the first layer alone"],
    [
      "one in a residual layer",
      2,
      [residual([layer, dense(2)]), dense(1)],
      "layers[0].layers[0]: expected scaling as",
    ],
    ["nothing but one", 2, [layer], "layers: expected at least one dense layer, got none"],
    [
      "one of other columns",
      3,
      [layer, dense(1)],
      "layers[0]: expected scaling of 3 columns, as many as inputs, got of 2",
    ],
    [
      "plain data with a fault",
      2,
      [{ ...layer, scale: [1, -1] }, dense(1)],
      "layers[0].scale[1]: expected a finite number > 0",
    ],
  ] as const)("%s", async (_, inputs, layers, message) => {
    const options = { inputs, layers, threads: 1 } as LayersOptions;
    await expect(createNetwork(options)).rejects.toThrow(ConfigError);
    await expect(createNetwork(options)).rejects.toThrow(message);
  });

  it("x of another width or with NaN, and then goes on as before", async () => {
    using network = await createNetwork({ inputs: 2, layers: [layer, dense(1)], threads: 1 });
    const before = hashOf(network.parameters());
    const predicted = network.predict(x);
    expect(() => network.predict([[1, 2, 3]])).toThrow(ShapeError);
    expect(() => network.predict([[1, Number.NaN]])).toThrow(DataError);
    await expect(network.fit([[1, Number.NaN]], [1], { epochs: 1 })).rejects.toThrow(DataError);
    expect(hashOf(network.parameters())).toBe(before);
    expect(network.predict(x)).toEqual(predicted);
  });
});
