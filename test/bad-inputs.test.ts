// The catalogue of bad input: what each gets, and that nothing has changed afterwards.
import { describe, expect, it } from "vitest";
import {
  adam,
  ConfigError,
  createNetwork,
  DataError,
  gradientCheck,
  gradientDescent,
  LayerwiseError,
  Matrix,
  momentum,
  type Network,
  ShapeError,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { instanceOf } from "./instance.js";
import { small } from "./made.js";

const CLASSES = { ConfigError, ShapeError, DataError };

type ErrorName = keyof typeof CLASSES;

const x = [
  [1, 2, 3, 4],
  [0, -1, 0.5, 2],
  [3, 1, -2, 0],
];
const y = [1, 0, 1];

/** The error that a call raises or rejects with. */
async function errorOf(call: () => unknown): Promise<LayerwiseError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LayerwiseError) return error;
    throw error;
  }
  throw new Error("expected an error, none came");
}

/** The error has this class and place, and says what was expected and what came. */
async function expectError(call: () => unknown, name: ErrorName, path: string, got?: RegExp): Promise<void> {
  const error = await errorOf(call);
  expect(error.name).toBe(name);
  expect(error).toBeInstanceOf(CLASSES[name]);
  expect(error.path).toBe(path);
  expect(error.message).toBe(`${error.path}: expected ${error.expected}, got ${error.got}`);
  expect(error.code).toMatch(/^ERR_[A-Z]+$/);
  if (got !== undefined) expect(error.got).toMatch(got);
}

/** The same, and network and optimizer are as before: the next steps give the bits they would have given. */
async function expectNothingChanged(
  call: (network: Network) => unknown,
  name: ErrorName,
  path: string,
  got?: RegExp,
): Promise<void> {
  const [network, twin] = [await small(), await small()];
  const [optimizer, twinOptimizer] = [adam(), adam()];
  const step = { optimizer, keepProb: 0.5 };
  const twinStep = { optimizer: twinOptimizer, keepProb: 0.5 };
  network.trainStep(x, y, step);
  twin.trainStep(x, y, twinStep);
  const { memoryBytes: before } = await instanceOf(network);
  await expectError(() => call(network), name, path, got);
  expect((await instanceOf(network)).memoryBytes).toBe(before);
  network.trainStep(x, y, step);
  twin.trainStep(x, y, twinStep);
  await network.fit(x, y, { epochs: 2, batchSize: 2, keepProb: 0.5 });
  await twin.fit(x, y, { epochs: 2, batchSize: 2, keepProb: 0.5 });
  expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
}

const hidden = { hiddenActivation: "relu" };
const configurations: [name: string, options: unknown, path: string, got?: RegExp][] = [
  ["1 layerDims missing", {}, "layerDims", /undefined/],
  ["2 only one layer", { layerDims: [4] }, "layerDims", /^1$/],
  ["3 width 0", { layerDims: [4, 0, 1] }, "layerDims[1]", /^0$/],
  ["4 width −1", { layerDims: [4, -1, 1] }, "layerDims[1]", /^-1$/],
  ["5 width 1.5", { layerDims: [4, 3, 1.5] }, "layerDims[2]", /^1\.5$/],
  ["6 width NaN", { layerDims: [Number.NaN, 1] }, "layerDims[0]", /NaN/],
  ["7 width 2³²", { layerDims: [4, 2 ** 32] }, "layerDims[1]", /4294967296/],
  ['8 width "3"', { layerDims: [4, "3", 1] }, "layerDims[1]", /"3"/],
  ["9 unknown activation", { layerDims: [4, 1], hiddenActivation: "rleu" }, "hiddenActivation", /"rleu"/],
  ["9 unknown initialization", { layerDims: [4, 1], initialization: "glorot" }, "initialization", /"glorot"/],
  ["10 __proto__ as a name", { layerDims: [4, 1], hiddenActivation: "__proto__" }, "hiddenActivation"],
  ["10 toString as a name", { layerDims: [4, 1], outputActivation: "toString" }, "outputActivation"],
  [
    "11 output and loss that don't fit",
    { layerDims: [4, 2], outputActivation: "softmax", loss: "binaryCrossEntropy" },
    "loss",
  ],
  ["11 softmax over one unit", { layerDims: [4, 1], outputActivation: "softmax" }, "layerDims[1]"],
  ["23 seed fractional", { layerDims: [4, 1], seed: 0.5 }, "seed"],
  ["23 seed negative", { layerDims: [4, 1], seed: -1 }, "seed"],
  ["23 seed > 2⁵³", { layerDims: [4, 1], seed: 2 ** 54 }, "seed"],
  ["24 a misspelt option", { layerDims: [4, 1], hiddenactivation: "relu" }, "options.hiddenactivation"],
  ["25 own __proto__", JSON.parse('{"layerDims":[4,1],"__proto__":{}}'), "options.__proto__"],
  ["26 threads 0", { layerDims: [4, 1], threads: 0 }, "threads"],
  ["26 threads 1.5", { layerDims: [4, 1], threads: 1.5 }, "threads"],
  ["dtype unknown", { layerDims: [4, 1], dtype: "float16", ...hidden }, "dtype"],
];

describe("createNetwork refuses with ConfigError", () => {
  it.each(configurations)("%s", async (_, options, path, got) => {
    await expectError(() => createNetwork(options as never), "ConfigError", path, got);
  });
});

describe("optimizers refuse with ConfigError", () => {
  it.each([
    ["12 learning rate 0", () => adam({ learningRate: 0 }), "learningRate"],
    ["12 learning rate −1", () => gradientDescent({ learningRate: -1 }), "learningRate"],
    ["13 learning rate NaN", () => momentum({ learningRate: Number.NaN }), "learningRate"],
    ["13 learning rate ∞", () => adam({ learningRate: Number.POSITIVE_INFINITY }), "learningRate"],
    ["14 β = 1", () => momentum({ beta: 1 }), "beta"],
    ["14 β₁ = 1", () => adam({ beta1: 1 }), "beta1"],
    ["15 β < 0", () => momentum({ beta: -0.1 }), "beta"],
    ["15 β₂ NaN", () => adam({ beta2: Number.NaN }), "beta2"],
    ["16 ε = 0", () => adam({ epsilon: 0 }), "epsilon"],
    ["24 a misspelt option", () => adam({ learningrate: 1 } as never), "adam.learningrate"],
  ])("%s", async (_, call, path) => {
    await expectError(call, "ConfigError", path);
  });

  it("says which option was meant", async () => {
    const error = await errorOf(() => adam({ learningrate: 1 } as never));
    expect(error.message).toContain("did you mean learningRate?");
  });
});

describe("fit refuses with ConfigError and changes nothing", () => {
  it.each([
    ["17 l2 < 0", { l2: -1 }, "l2"],
    ["17 l1 < 0", { l1: -1 }, "l1"],
    ["17 l1 NaN", { l1: Number.NaN }, "l1"],
    ["17 l1 ∞", { l1: Number.POSITIVE_INFINITY }, "l1"],
    ["17 l2 NaN", { l2: Number.NaN }, "l2"],
    ["18 keepProb 0", { keepProb: 0 }, "keepProb"],
    ["19 keepProb > 1", { keepProb: 1.1 }, "keepProb"],
    ["19 keepProb NaN", { keepProb: Number.NaN }, "keepProb"],
    ["20 batchSize 0", { batchSize: 0 }, "batchSize"],
    ["20 batchSize −1", { batchSize: -1 }, "batchSize"],
    ["20 batchSize NaN", { batchSize: Number.NaN }, "batchSize"],
    ["20 batchSize 1.5", { batchSize: 1.5 }, "batchSize"],
    ["79 epochs missing", { epochs: undefined }, "epochs"],
    ["22 epochs null", { epochs: null }, "epochs"],
    ["20 batchSize null", { batchSize: null }, "batchSize"],
    ["22 epochs NaN", { epochs: Number.NaN }, "epochs"],
    ["22 epochs negative", { epochs: -1 }, "epochs"],
    ["24 a misspelt option", { batchsize: 3 }, "options.batchsize"],
    ["25 own __proto__", JSON.parse('{"__proto__":1}'), "options.__proto__"],
    ["an optimizer that is none", { optimizer: "adamm" }, "optimizer"],
    ["a signal that is none", { signal: true }, "signal"],
    ["a callback that is none", { onEpoch: 1 }, "onEpoch"],
  ])("%s", async (_, options, path) => {
    await expectNothingChanged(
      (network) => network.fit(x, y, { epochs: 1, ...options } as never),
      "ConfigError",
      path,
    );
  });
});

describe("fit without epochs", () => {
  it.each([[], [undefined], [{}], [{ batchSize: 2 }]])(
    "79 says what to write: options %j",
    async (...given) => {
      const network = await small();
      const fit = network.fit as (...args: unknown[]) => Promise<unknown>;
      const error = await errorOf(() => fit.call(network, x, y, ...given));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.path).toBe("epochs");
      expect(error.message).toContain("such as fit(x, y, { epochs: 20 })");
      expect(network.steps).toBe(0);
    },
  );
});

const nan = Number.NaN;
const shapes: [name: string, inputs: unknown, labels: unknown, path: string, got?: RegExp][] = [
  ["27 x null", null, y, "x", /null/],
  ["29 y has other than m rows", x, [1, 0], "y", /2×1/],
  ["30 m = 0", [], [], "x", /0 rows/],
  ["31 x transposed", new Matrix(new Float32Array(12), 4, 3), y, "x", /4×3 .*one example a column it is 3/],
  ["32 ragged rows", [[1, 2, 3, 4], [1, 2, 3], x[2]], y, "x[1]", /^3$/],
  ["33 another width", [[1, 2, 3]], [1], "x", /1×3/],
];

const values: [name: string, inputs: unknown, labels: unknown, path: string, got?: RegExp][] = [
  ["35 NaN in x", [x[0], [1, nan, 3, nan], x[2]], y, "x[1][1]", /^NaN \(2 such/],
  ["36 ∞ in x", [x[0], x[1], [1, 2, 3, Number.NEGATIVE_INFINITY]], y, "x[2][3]", /-Infinity/],
  ["37 a float64 that overflows float32", [[1, 2, 1e39, 4], x[1], x[2]], y, "x[0][2]", /overflows float32/],
  ["38 label 2", x, [1, 2, 1], "y[1]", /^2 /],
  ["38 label 0.5", x, [0.5, 0.5, 1], "y[0]", /0\.5 \(2 such/],
  ["39 NaN label", x, [1, 0, nan], "y[2]", /NaN/],
  ["40 strings in x", [["1", 2, 3, 4], x[1], x[2]], y, "x[0][0]", /"1"/],
  ["40 strings in y", x, ["1", 0, 1], "y[0]", /"1"/],
  // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
  ["41 holes in x", [[1, , 3, 4], x[1], x[2]], y, "x[0][1]", /a hole/],
  ["42 BigInt64Array", x, new BigInt64Array(3), "y", /BigInt64Array of 3 .*Float64Array.from/],
  ["43 DataView", x, new DataView(new ArrayBuffer(3)), "y", /DataView/],
];

describe.each([
  ["ShapeError", shapes],
  ["DataError", values],
] as const)("data is refused with %s and nothing changes", (name, rows) => {
  it.each(rows)("%s (fit)", async (_, inputs, labels, path, got) => {
    const call = (network: Network) => network.fit(inputs as never, labels as never, { epochs: 1 });
    await expectNothingChanged(call, name, path, got);
  });

  it.each(rows)("%s (trainStep)", async (_, inputs, labels, path, got) => {
    const optimizer = adam();
    await expectNothingChanged(
      (network) => network.trainStep(inputs as never, labels as never, { optimizer }),
      name,
      path,
      got,
    );
    expect(optimizer.steps).toBe(0);
  });
});

describe("58 what WebAssembly can't hold", () => {
  it("is a ResourceError that names the limit, and nothing has grown", async () => {
    const network = await small({ layerDims: [784, 128, 1], engine: "wasm" });
    const { layers } = network.trainee;
    const instance = await instanceOf(network);
    const before = instance.memoryBytes;
    for (const rows of [600_000, 3e6, 6e8]) {
      expect(() => layers.trainingMemory(rows)).toThrow(
        /a training batch of \d+ examples: expected \d+ bytes .*, got a limit of 2147483584 bytes a block \(2 GiB\)/,
      );
    }
    expect(() => instance.allocate(2 ** 31, "a block")).toThrow("a limit of 2147483584 bytes");
    if (globalThis.process?.platform === "linux") {
      expect(() => instance.allocate(2 ** 31, "a block")).toThrow("the native engine (@layerwise/native)");
    }
    expect(instance.memoryBytes).toBe(before);
    network.trainStep([new Float32Array(784)], [1], { optimizer: adam() });
  });
});

describe("matrices and parameters", () => {
  it("28 data.length other than rows·cols is a ShapeError", async () => {
    await expectError(() => new Matrix([1, 2, 3], 2, 2), "ShapeError", "data.length", /3/);
  });

  it("34 setParameters with another count or shape is a ShapeError", async () => {
    await expectNothingChanged((network) => network.setParameters([]), "ShapeError", "parameters", /0/);
    const wrong = [
      { weights: [[1]], biases: [1] },
      { weights: [[1]], biases: [1] },
    ];
    await expectNothingChanged((n) => n.setParameters(wrong), "ShapeError", "parameters[0].weights", /1×1/);
  });

  it("setParameters with a NaN changes nothing, not even the layers before it", async () => {
    const [good, bad] = [await small(), await small()];
    const parameters = good.parameters();
    const [first, last] = parameters;
    if (first === undefined || last === undefined) throw new Error("two layers");
    last.weights.data[2] = nan;
    first.weights.data[0] = 42;
    await expectError(
      () => bad.setParameters(parameters),
      "DataError",
      "parameters[1].weights.data[2]",
      /NaN at row 0, column 2/,
    );
    expect(hashOf(bad.parameters())).toBe(hashOf(good.parameters()));
  });

  it("44 a detached buffer is a DataError", async () => {
    const data = new Float32Array(12);
    const matrix = new Matrix(data, 3, 4);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    await expectNothingChanged(
      (network) => network.fit(matrix, y, { epochs: 1 }),
      "DataError",
      "x",
      /detached/,
    );
  });

  it("45, 46 an offset into a buffer and a SharedArrayBuffer are accepted", async () => {
    const network = await small();
    const expected = network.predict(x).toArray();
    const flat = x.flat();
    const offset = new Float32Array(new ArrayBuffer(4 * 13), 4, 12);
    offset.set(flat);
    const shared = new Float32Array(new SharedArrayBuffer(4 * 12));
    shared.set(flat);
    expect(network.predict(new Matrix(offset, 3, 4)).toArray()).toEqual(expected);
    const copied = new Matrix(shared, 3, 4);
    shared.fill(0);
    expect(network.predict(copied).toArray()).toEqual(expected);
  });

  it("47 a constant or all-zero column is accepted and stays finite", async () => {
    const network = await small();
    const constant = x.map((row) => [0, 5, row[2] ?? 0, row[3] ?? 0]);
    const { loss } = await network.fit(constant, y, { epochs: 50 });
    expect(loss.every(Number.isFinite)).toBe(true);
  });

  it("21 batchSize > m is one batch of m; 22 epochs 0 does nothing", async () => {
    const [network, twin] = [await small(), await small()];
    expect(await network.fit(x, y, { epochs: 0 })).toEqual({
      loss: [],
      learningRate: [],
      steps: 0,
      stoppedBy: "epochs",
    });
    expect((await network.fit(x, y, { epochs: 1, batchSize: 1000 })).steps).toBe(1);
    await twin.fit(x, y, { epochs: 1, batchSize: 3 });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });
});

describe("weights are refused, and change nothing", () => {
  const calls: [name: string, call: (network: Network, weights: object) => unknown][] = [
    ["fit", (network, weights) => network.fit(x, y, { epochs: 1, batchSize: 2, ...weights })],
    ["trainStep", (network, weights) => network.trainStep(x, y, { optimizer: adam(), ...weights })],
    ["gradients", (network, weights) => network.gradients(x, y, weights)],
    ["evaluate", (network, weights) => network.evaluate(x, y, weights)],
    ["gradientCheck", (network, weights) => gradientCheck(network, x, y, weights)],
  ];
  const faults: [name: string, weights: object, is: ErrorName, path: string, got?: RegExp][] = [
    ["83 another length", { sampleWeight: [1, 1] }, "ShapeError", "sampleWeight", /^2$/],
    ["83 none", { sampleWeight: [] }, "ShapeError", "sampleWeight", /^0$/],
    ["83 null", { sampleWeight: null }, "ShapeError", "sampleWeight", /null/],
    ["83 one number", { sampleWeight: 1 }, "ShapeError", "sampleWeight", /1/],
    ["83 rows", { sampleWeight: [[1], [1], [1]] }, "DataError", "sampleWeight[0]"],
    ["87 negative", { sampleWeight: [1, -1, -2] }, "DataError", "sampleWeight[1]", /^-1 \(2 such in all\)$/],
    ["87 NaN", { sampleWeight: [1, 0, Number.NaN] }, "DataError", "sampleWeight[2]", /^NaN \(1 such/],
    ["87 ∞", { sampleWeight: [Number.POSITIVE_INFINITY, 1, 1] }, "DataError", "sampleWeight[0]", /^Infinity/],
    [
      "87 beyond float32",
      { sampleWeight: Float64Array.of(1, 1e39, 1) },
      "DataError",
      "sampleWeight[1]",
      /^1e\+39/,
    ],
    ["87 all 0", { sampleWeight: [0, 0, 0] }, "DataError", "sampleWeight", /3 of 0/],
    ["a hole", { sampleWeight: new Array(3) }, "DataError", "sampleWeight[0]", /hole/],
    ["strings", { sampleWeight: ["1", "1", "1"] }, "DataError", "sampleWeight[0]", /"1"/],
    ["bigints", { sampleWeight: new BigInt64Array(3) }, "DataError", "sampleWeight"],
    ["a class's length", { classWeight: [1, 1, 1] }, "ConfigError", "classWeight", /^3$/],
    ["a class negative", { classWeight: [1, -1] }, "ConfigError", "classWeight[1]", /-1/],
    ["a class NaN", { classWeight: [Number.NaN, 1] }, "ConfigError", "classWeight[0]", /NaN/],
    ["a class as text", { classWeight: ["1", 1] }, "ConfigError", "classWeight[0]", /"1"/],
    ["classes all 0", { classWeight: [0, 0] }, "ConfigError", "classWeight", /2 of 0/],
    ["another word", { classWeight: "balance" }, "ConfigError", "classWeight", /"balance"/],
    ["null for classes", { classWeight: null }, "ConfigError", "classWeight", /null/],
    ["classes as an object", { classWeight: { 0: 1, 1: 5 } }, "ConfigError", "classWeight", /object/],
    [
      "87 all 0 once classes count",
      { sampleWeight: [1, 0, 1], classWeight: [1, 0] },
      "DataError",
      "sampleWeight",
    ],
    ["a misspelt option", { sample_weight: [1, 1, 1] }, "ConfigError", "options.sample_weight"],
  ];

  it.each(calls)("%s", async (of, call) => {
    for (const [name, weights, is, path, got] of faults) {
      if (of === "gradientCheck" && name === "87 beyond float32") continue; // its copy is of float64
      await expectNothingChanged((network) => call(network, weights), is, path, got);
    }
  });

  it.each([
    ["x of validation", { x, y, sampleWeight: [1] }, "ShapeError", "validation.sampleWeight"],
    ["of validation, all 0", { x, y, sampleWeight: [0, 0, 0] }, "DataError", "validation.sampleWeight"],
    [
      "beside a fraction",
      { fraction: 0.5, sampleWeight: [1, 1, 1] },
      "ConfigError",
      "validation.sampleWeight",
    ],
    ["x beside a fraction", { fraction: 0.5, x, y }, "ConfigError", "validation.x"],
    ["a seed beside x", { x, y, seed: 3 }, "ConfigError", "validation.seed"],
  ] as const)("%s", async (_, validation, is, path) => {
    const fit = (network: Network) => network.fit(x, y, { epochs: 1, validation: validation as never });
    await expectNothingChanged(fit, is, path);
  });

  it("where one side of a fraction weighs nothing", async () => {
    const options = { epochs: 1, validation: { fraction: 0.3 } };
    for (const at of [0, 1, 2]) {
      const sampleWeight = [0, 1, 2].map((i) => Number(i === at));
      const fit = (network: Network) => network.fit(x, y, { ...options, sampleWeight });
      await expectNothingChanged(fit, "DataError", "sampleWeight");
    }
  });

  it.each([
    ["several sigmoid outputs", { layerDims: [4, 2] }, [[1, 0]], /each of 2 outputs/],
    ["numbers", { layerDims: [4, 1], outputActivation: "linear" }, [1], /meanSquaredError/],
    ["counts", { layerDims: [4, 1], outputActivation: "linear", loss: "poisson" }, [1], /poisson/],
    [
      "soft labels",
      {
        layerDims: [4, 2],
        outputActivation: "softmax",
        loss: { type: "categoricalCrossEntropy", softLabels: true },
      },
      [[0.5, 0.5]],
      /soft labels/,
    ],
    [
      "soft labels of one unit",
      { layerDims: [4, 1], loss: { type: "binaryCrossEntropy", softLabels: true } },
      [0.5],
      /soft labels/,
    ],
  ])("classWeight for %s", async (_, options, target, words) => {
    using network = await createNetwork(options as never);
    for (const classWeight of ["balanced", [1, 2]] as const) {
      const one = x.slice(0, 1);
      for (const call of [
        () => network.fit(one, target, { epochs: 1, classWeight }),
        () => network.trainStep(one, target, { optimizer: adam(), classWeight }),
        () => network.evaluate(one, target, { classWeight }),
      ]) {
        const error = await errorOf(call);
        expect(error).toMatchObject({ name: "ConfigError", path: "classWeight" });
        expect(error.expected).toMatch(words);
        expect(error.expected).toContain("sampleWeight");
      }
    }
  });
});
