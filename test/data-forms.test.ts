// The forms in which data are taken, what is said of all others, and where an element's error points.
import { describe, expect, it } from "vitest";
import { createNetwork, gradientDescent, type LayerwiseError, Matrix, miniBatches } from "../ts/index.js";
import { small } from "./made.js";

const rows = [
  [1, 2, 3, 4],
  [0, -1, 0.5, 2],
  [3, 1, -2, 0],
];
const y = [1, 0, 1];
const nan = Number.NaN;

/** What `call` raises. */
function errorOf(call: () => unknown): LayerwiseError {
  try {
    call();
  } catch (error) {
    return error as LayerwiseError;
  }
  throw new Error("expected an error, none came");
}

const ARRAYS = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
];

describe("rows may be typed arrays", () => {
  it.each(ARRAYS.map((type) => [type.name, type] as const))("%s", async (_, Type) => {
    const network = await small();
    const whole = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ];
    const typed = whole.map((row) => Type.from(row));
    expect(network.predict(typed)).toEqual(network.predict(whole));
    expect(network.predict([Type.from([1, 2, 3, 4]), [5, 6, 7, 8]])).toEqual(network.predict(whole));
    expect(network.evaluate(typed, [Type.from([1]), Type.from([0])])).toEqual(
      network.evaluate(whole, [[1], [0]]),
    );
    expect(Matrix.from(typed).toArray()).toEqual(whole);
    expect((await miniBatches(typed, typed))[0]?.y.toArray()).toEqual(whole);
  });

  it("in weights and masks too", async () => {
    const network = await small();
    const parameters = network.parameters();
    const before = network.predict(rows);
    const typed = parameters.map(({ weights, biases }) => ({
      weights: weights.toArray().map((row) => Float32Array.from(row)),
      biases: Float64Array.from(biases),
    }));
    network.setParameters(typed);
    expect(network.predict(rows)).toEqual(before);
    const mask = rows.map(() => [1, 0, 1, 1, 0]);
    const gradients = (masks: unknown) =>
      network.gradients(rows, y, { keepProb: 0.5, dropoutMasks: masks as Matrix[] });
    const expected = gradients([Matrix.from(mask)]);
    expect(gradients([mask])).toEqual(expected);
    expect(gradients([mask.map((row) => Uint8Array.from(row))])).toEqual(expected);
  });
});

class DataFrame {
  readonly values = rows;
}

describe("x in another form: what it is, and what to do", () => {
  const forms: [name: string, x: unknown, path: string, got: RegExp][] = [
    ["one flat example", [1, 2, 3, 4], "x", /^an array of 4 numbers \(one example\? \[\[…\]\]/],
    ["a flat typed array", new Float32Array(4), "x", /^a Float32Array of 4 \(new Matrix\(data, rows, cols\)/],
    ["objects", [{ a: 1, b: 2 }], "x", /^an array of 1 objects .*data\.map\(\(\{ a, b \}\) => \[a, b\]\)/],
    ["objects behind a row", [[1, 2, 3, 4], { a: 1 }], "x[1]", /^an object/],
    ["class instances", [new Date(0)], "x", /^an array of 1 objects/],
    ["lines of text", ["1,2,3,4"], "x", /^an array of 1 strings .*split/],
    ["numbers in text", "1,2,3,4", "x", /"1,2,3,4"/],
    ["null rows", [null, [1, 2, 3, 4]], "x", /^an array of 2 that begins with null$/],
    ["three dimensions", [[[1], [2], [3], [4]]], "x[0][0]", /^an array of 1 \(4 such .*row\.flat/],
    [
      "columns",
      { a: [1], b: new Float32Array(1) },
      "x",
      /Array\.from\(data\.a, \(_, i\) => \[data\.a\[i\], data\.b\[i\]\]/,
    ],
    ["a data frame", new DataFrame(), "x", /^a DataFrame \(its \.values are rows\)/],
    ["a tensor", { dataSync: () => [], shape: [1, 4] }, "x", /^a tensor \(await tensor\.array\(\)/],
    [
      "an array with a shape",
      { data: new Float32Array(4), shape: [1, 4] },
      "x",
      /new Matrix\(data, \.\.\.shape/,
    ],
    ["another library's matrix", { to2DArray: () => rows }, "x", /to2DArray\(\) gives rows/],
    ["a promise", Promise.resolve(rows), "x", /^a promise \(await it\)/],
    ["a set", new Set(rows), "x", /^a Set \(an iterable: \[\.\.\.it\]/],
    ["a generator", (function* () {})(), "x", /an iterable/],
    [
      "big integers",
      [new BigInt64Array(4)],
      "x[0]",
      /^a BigInt64Array of 4 \(Float64Array\.from\(array, Number\)/,
    ],
    ["a DataView", new DataView(new ArrayBuffer(16)), "x", /^a DataView \(new Float32Array\(buffer\)/],
    ["a missing value", [[1, null, 3, 4]], "x[0][1]", /^null \(1 such in all; a missing value/],
    ["text", [[1, "2", 3, 4]], "x[0][1]", /^"2" \(1 such in all; Number\(…\)/],
    ["true", [[1, true, 3, 4]], "x[0][1]", /^true \(1 such in all; use 1 for true/],
    ["a number", 1, "x", /^1$/],
    ["undefined", undefined, "x", /^undefined$/],
  ];

  it.each(forms)("%s", async (_, x, path, got) => {
    const network = await small();
    for (const call of [
      () => network.predict(x as never),
      () => network.trainStep(x as never, y, { optimizer: gradientDescent() }),
    ]) {
      const error = errorOf(call);
      expect(error.code).toMatch(/^ERR_(SHAPE|DATA)$/);
      expect(error.path).toBe(path);
      expect(error.got).toMatch(got);
    }
  });

  it("a value that throws when it is looked at is refused all the same", async () => {
    const network = await small();
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(errorOf(() => network.predict(hostile as never)).code).toBe("ERR_SHAPE");
    expect(() => network.predict(proxy as never)).toThrow();
  });

  it("names of classes are answered with what to do", async () => {
    const network = await small();
    const error = errorOf(() => network.evaluate(rows, ["cat", "dog", "cat"] as never));
    expect(error.path).toBe("y[0]");
    expect(error.got).toMatch(/^"cat" \(3 such in all; .*names\.indexOf/);
  });
});

describe("an element's error points where its owner finds it", () => {
  const softmax = { layerDims: [4, 5, 3], outputActivation: "softmax" };
  const bad = [...rows.slice(0, 1), [0, nan, 0.5, 2], ...rows.slice(2)];
  const flat = Float32Array.from(bad.flat());
  const cases: [
    name: string,
    call: (network: Awaited<ReturnType<typeof small>>) => unknown,
    path: string,
    got: RegExp,
    options?: object,
  ][] = [
    ["x in rows", (n) => n.predict(bad), "x[1][1]", /^NaN \(1 such in all\)$/],
    ["x in typed rows", (n) => n.predict(bad.map((row) => Float32Array.from(row))), "x[1][1]", /^NaN/],
    [
      "x in a Matrix",
      (n) => n.predict(new Matrix(flat, 3, 4)),
      "x.data[5]",
      /^NaN at row 1, column 1 \(1 such/,
    ],
    [
      "x in float64",
      (n) => n.predict(new Matrix([1e39, 1, 1, 1], 1, 4)),
      "x.data[0]",
      /1e\+39, which overflows float32, at row 0, column 0/,
    ],
    ["a number missing in x", (n) => n.predict([[1, null, 3, 4]] as never), "x[0][1]", /^null/],
    ["y in an array", (n) => n.evaluate(rows, [1, 0, 2]), "y[2]", /^2 /],
    ["y in a typed array", (n) => n.evaluate(rows, Uint8Array.of(1, 7, 0)), "y[1]", /^7 /],
    ["y in rows", (n) => n.evaluate(rows, [[1], [0], [nan]]), "y[2][0]", /^NaN/],
    [
      "y in a Matrix",
      (n) => n.evaluate(rows, new Matrix([1, 0, 5], 3, 1)),
      "y.data[2]",
      /^5 at row 2, column 0/,
    ],
    [
      "a one-hot row",
      (n) =>
        n.evaluate(rows, [
          [1, 0, 0],
          [1, 1, 0],
          [0, 0, 1],
        ]),
      "y[1]",
      /^\[1, 1, 0\]/,
      softmax,
    ],
    [
      "a one-hot row of a Matrix",
      (n) => n.evaluate(rows, new Matrix([1, 0, 0, 0, 0, 0, 0, 0, 1], 3, 3)),
      "y.data[3]",
      /^\[0, 0, 0\] at row 1/,
      softmax,
    ],
    [
      "weights in rows",
      (n) =>
        n.setParameters(
          with2(n, (w) => w.toArray().map((row, i) => row.map((v, j) => (i === 1 && j === 2 ? nan : v)))),
        ),
      "parameters[0].weights[1][2]",
      /^NaN$/,
    ],
    [
      "weights in a Matrix",
      (n) =>
        n.setParameters(
          with2(
            n,
            (w) =>
              new Matrix(
                w.data.map((v, i) => (i === 6 ? nan : v)),
                w.rows,
                w.cols,
              ),
          ),
        ),
      "parameters[0].weights.data[6]",
      /^NaN at row 1, column 2$/,
    ],
    [
      "a mask in a Matrix",
      (n) =>
        n.gradients(rows, y, {
          keepProb: 0.5,
          dropoutMasks: [
            new Matrix(
              Float32Array.from({ length: 15 }, (_, i) => (i === 7 ? 2 : 1)),
              3,
              5,
            ),
          ],
        }),
      "dropoutMasks[0].data[7]",
      /^2 at row 1, column 2$/,
    ],
    [
      "a mask in rows",
      (n) =>
        n.gradients(rows, y, { keepProb: 0.5, dropoutMasks: [rows.map(() => [1, 1, 1, 1, 0.5])] as never }),
      "dropoutMasks[0][0][4]",
      /^0\.5$/,
    ],
  ];

  it.each(cases)("%s", async (_, call, path, got, options) => {
    const network = await small(options);
    const error = errorOf(() => call(network));
    expect(error.name).toBe("DataError");
    expect(error.path).toBe(path);
    expect(error.got).toMatch(got);
  });

  it("biases, and what Matrix.from is given", async () => {
    const network = await small();
    const [first, last] = network.parameters();
    if (first === undefined || last === undefined) throw new Error("two layers");
    const biases = [0, nan, 0, 0, 0];
    const error = errorOf(() => network.setParameters([{ ...first, biases }, last]));
    expect(error.path).toBe("parameters[0].biases[1]");
    expect(errorOf(() => Matrix.from([[1], ["2"]] as never)).path).toBe("rows[1][0]");
    expect(errorOf(() => Matrix.from([[1], [1, 2]])).path).toBe("rows[1]");
  });
});

/** The network's parameters with other weights in the first layer. */
function with2(network: Awaited<ReturnType<typeof small>>, change: (weights: Matrix) => Matrix | number[][]) {
  return network.parameters().map(({ weights, biases }, i) => ({
    weights: i === 0 ? change(weights) : weights,
    biases,
  }));
}

it("a Matrix whose fields are other than they were is refused, not believed", async () => {
  using network = await createNetwork({ layerDims: [2, 1] });
  const matrix = new Matrix([1, 2, 3], 1, 3);
  expect(() => Object.assign(matrix, { cols: 2 })).toThrow(TypeError);
  for (const field of [
    { rows: 1.5 },
    { data: [1, "2", 3] },
    { data: new Float32Array(3) },
    { cols: -2 },
    { rows: 2 },
  ]) {
    const forged = Object.assign(Object.create(Matrix.prototype), matrix, { cols: 2 }, field);
    expect(() => network.predict(forged)).toThrow(/^x/);
  }
});
