// Options: each is used or refused, read once, and read before the network's state is looked at.
import { describe, expect, it } from "vitest";
import {
  adam,
  browserStore,
  ConfigError,
  createNetwork,
  type FitOptions,
  gradientCheck,
  gradientDescent,
  loadNetwork,
  Matrix,
  miniBatches,
  momentum,
  type Network,
  ResourceError,
  resumeTraining,
  StateError,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore } from "./files/small-files.js";
import { made, small } from "./made.js";

const x = [
  [1, 2, 3, 4],
  [0, -1, 0.5, 2],
  [3, 1, -2, 0],
];
const y = [1, 0, 1];

async function errorOf(call: () => unknown): Promise<unknown> {
  return (async () => call())().then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("dropoutMasks", () => {
  /** W₁ [[1],[1]], W₂ [[3,3]]: with both hidden units dropped the logit is 0. */
  async function two(): Promise<Network> {
    const network = made(await createNetwork({ layerDims: [1, 2, 1], dtype: "float64" }));
    network.setParameters([
      { weights: [[1], [1]], biases: [0, 0] },
      { weights: [[3, 3]], biases: [0] },
    ]);
    return network;
  }
  const logLoss = (logit: number) => Math.log1p(Math.exp(-logit));

  it.each([
    [[0, 0], undefined, Math.LN2],
    [[0, 0], 1, Math.LN2],
    [[1, 0], undefined, logLoss(3)],
    [[1, 1], 1, logLoss(6)],
    [[1, 0], 0.5, logLoss(6)],
  ])("%j are applied with keepProb %s", async (mask, keepProb, loss) => {
    const options = { dropoutMasks: [new Matrix(mask, 1, 2)], ...(keepProb !== undefined && { keepProb }) };
    const network = await two();
    const { loss: ofGradients, gradients } = network.gradients([[1]], [1], options);
    expect(ofGradients).toBeCloseTo(loss, 14);
    const moved = await two();
    expect(
      moved.trainStep([[1]], [1], { ...options, optimizer: gradientDescent({ learningRate: 1 }) }),
    ).toBeCloseTo(loss, 14);
    const hidden = mask.map((kept) => kept / (keepProb ?? 1));
    const a = 1 / (1 + Math.exp(-3 * hidden.reduce((sum, value) => sum + value, 0)));
    const after = moved.parameters();
    for (const [i, value] of hidden.entries()) {
      // dW₂ = (a − y)·A₁ᵀ, dW₁ = (a − y)·W₂ᵀ ⊙ mask / keepProb · x, W ← W − dW
      expect(gradients[1]?.weights.data[i]).toBeCloseTo((a - 1) * value, 14);
      expect(gradients[0]?.weights.data[i]).toBeCloseTo((a - 1) * 3 * value, 14);
      expect(after[1]?.weights.data[i]).toBeCloseTo(3 - (a - 1) * value, 14);
    }
  });

  it.each([["nonsense"], [null], [[]], [[new Matrix([0, 0, 0], 1, 3)]], [[new Matrix([0, 2], 1, 2)]]])(
    "%j are refused, with keepProb 1 too",
    async (dropoutMasks) => {
      const network = await two();
      for (const given of [{}, { keepProb: 1 }, { keepProb: 0.5 }]) {
        const options = { ...given, dropoutMasks } as never;
        const step = { ...given, dropoutMasks, optimizer: adam() } as never;
        expect(await errorOf(() => network.gradients([[1]], [1], options))).toHaveProperty(
          "path",
          expect.stringContaining("dropoutMasks"),
        );
        expect(await errorOf(() => network.trainStep([[1]], [1], step))).toHaveProperty(
          "path",
          expect.stringContaining("dropoutMasks"),
        );
      }
      expect(network.steps).toBe(0);
    },
  );
});

describe("what would be unused is refused:", () => {
  it.each<[string, string, () => unknown]>([
    [
      "onCheckpoint without checkpoint",
      "checkpoint",
      async () => (await small()).fit(x, y, { epochs: 1, onCheckpoint: () => undefined }),
    ],
    ["a store beside bytes", "store", () => loadNetwork(new Uint8Array(9), { store: new MemoryStore() })],
    [
      "onRecovery beside bytes",
      "onRecovery",
      () => loadNetwork(new ArrayBuffer(9), { onRecovery: () => undefined }),
    ],
    ["a database that is no name", "database", () => browserStore({ database: 5 } as never)],
    [
      "warnings that are no boolean",
      "warnings",
      async () => (await small()).fit(x, y, { epochs: 1, warnings: "no" } as never),
    ],
  ])("%s", async (_, path, call) => {
    expect(await errorOf(call)).toMatchObject({ code: "ERR_CONFIG", path });
  });

  it("null is no value of any option", async () => {
    const network = await small();
    const nulls: [string, (options: never) => unknown][] = [
      ["hiddenActivation", (options) => createNetwork(Object.assign({ layerDims: [4, 1] }, options))],
      ["outputActivation", (options) => createNetwork(Object.assign({ layerDims: [4, 1] }, options))],
      ["loss", (options) => createNetwork(Object.assign({ layerDims: [4, 1] }, options))],
      ["initialization", (options) => createNetwork(Object.assign({ layerDims: [4, 1] }, options))],
      ["seed", (options) => createNetwork(Object.assign({ layerDims: [4, 1] }, options))],
      ["dtype", (options) => createNetwork(Object.assign({ layerDims: [4, 1] }, options))],
      ["threads", (options) => createNetwork(Object.assign({ layerDims: [4, 1] }, options))],
      ...["optimizer", "l1", "l2", "keepProb", "signal", "onEpoch", "onStep", "checkpoint", "warnings"].map(
        (name): [string, (options: never) => unknown] => [
          name,
          (options) => network.fit(x, y, Object.assign({ epochs: 1 }, options)),
        ],
      ),
      ["l1", (options) => network.trainStep(x, y, Object.assign({ optimizer: adam() }, options))],
      ["l1", (options) => network.gradients(x, y, options)],
      ["l1", (options) => gradientCheck(network, x, y, options)],
      ["l2", (options) => network.trainStep(x, y, Object.assign({ optimizer: adam() }, options))],
      ["keepProb", (options) => network.gradients(x, y, options)],
      ["epsilon", (options) => gradientCheck(network, x, y, options)],
      ["seed", (options) => miniBatches(x, y, options)],
      ["learningRate", (options) => adam(options)],
      ["beta", (options) => momentum(options)],
      ["keep", (options) => network.save("never-written", options)],
    ];
    for (const [name, call] of nulls) {
      expect(await errorOf(() => call({ [name]: null } as never)), name).toMatchObject({
        code: "ERR_CONFIG",
        path: name,
      });
    }
    expect(network.steps).toBe(0);
  });
});

describe("an object of options may be", () => {
  class Defaults {
    batchSize = 2;
    get epochs() {
      return 3;
    }
    l2 = 0.1;
  }
  const plain = { epochs: 3, batchSize: 2, l2: 0.1 };

  it.each<[string, FitOptions]>([
    ["an instance of a class", new Defaults()],
    ["one that inherits another", Object.assign(Object.create({ epochs: 3, l2: 0.1 }), { batchSize: 2 })],
    ["one without a prototype", Object.assign(Object.create(null), plain)],
    ["a Proxy", new Proxy(plain, {})],
    ["a Proxy that makes them up", new Proxy({} as FitOptions, { get: (_, key) => Reflect.get(plain, key) })],
    ["frozen", Object.freeze({ ...plain })],
  ])("%s: fit", async (_, options) => {
    const [network, twin] = [await small(), await small()];
    expect((await network.fit(x, y, options)).steps).toBe(6);
    await twin.fit(x, y, plain);
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("the same for createNetwork, loadNetwork and resumeTraining", async () => {
    const config = { layerDims: [4, 5, 1], seed: 3 };
    for (const options of [
      Object.create(config),
      Object.assign(Object.create(null), config),
      new Proxy(config, {}),
    ]) {
      const network = made(await createNetwork(options as { layerDims: number[] }));
      expect(network.config).toMatchObject(config);
      made(await loadNetwork(network.toBytes(), options));
      const other = Object.create({ layerDims: [4, 6, 1] });
      expect(await errorOf(() => loadNetwork(network.toBytes(), other))).toMatchObject({ path: "layerDims" });
      const store = new MemoryStore();
      await network.fit(x, y, { epochs: 1, checkpoint: { path: "-", store } });
      made((await resumeTraining("-", x, y, Object.create({ store, epochs: 1 }))).network);
      expect(
        await errorOf(() => resumeTraining("-", x, y, Object.create({ store, epochs: 2 }))),
      ).toMatchObject({ path: "epochs" });
    }
  });

  it("an inherited unknown name is refused as an own one is, and what every object inherits isn't", async () => {
    for (const make of [
      () => createNetwork(Object.create({ layerDims: [4, 1], layerdims: 3 })),
      async () => (await small()).fit(x, y, Object.create({ epochs: 1, layerdims: 3 })),
    ]) {
      expect(await errorOf(make)).toMatchObject({ code: "ERR_CONFIG", path: "options.layerdims" });
    }
    Object.defineProperty(Object.prototype, "polluted", { value: 1, enumerable: true, configurable: true });
    try {
      await (await small()).fit(x, y, { epochs: 1 });
    } finally {
      Reflect.deleteProperty(Object.prototype, "polluted");
    }
    expect(
      await errorOf(() => createNetwork(JSON.parse('{"layerDims":[4,1],"__proto__":{"seed":1}}'))),
    ).toMatchObject({ path: "options.__proto__" });
  });
});

describe("options are read once, before the state is looked at", () => {
  it("each property once", async () => {
    const reads = new Map<string, number>();
    const counted = <Options extends object>(options: Options): Options =>
      new Proxy(options, {
        get: (target, key) => {
          reads.set(String(key), (reads.get(String(key)) ?? 0) + 1);
          return Reflect.get(target, key);
        },
      });
    const network = made(
      await createNetwork(counted({ layerDims: [4, 5, 1], seed: 1, dtype: "float64" as const })),
    );
    const store = new MemoryStore();
    await network.fit(
      x,
      y,
      counted({ epochs: 2, batchSize: 2, l2: 0, keepProb: 1, checkpoint: counted({ path: "-", store }) }),
    );
    network.trainStep(x, y, counted({ optimizer: adam() }));
    network.gradients(x, y, counted({ l2: 0 }));
    await network.save("-", counted({ store }));
    made(await loadNetwork("-", counted({ store, seed: 1 })));
    adam(counted({ learningRate: 1 }));
    gradientCheck(network, x, y, counted({ l2: 0, epsilon: 1e-5 }));
    await miniBatches(x, y, counted({ batchSize: 2 }));
    const most = new Map(
      [...reads].filter(([name]) =>
        ["epochs", "batchSize", "path", "layerDims", "learningRate"].includes(name),
      ),
    );
    expect(Object.fromEntries(most)).toEqual({
      epochs: 1,
      batchSize: 2,
      path: 1,
      layerDims: 2,
      learningRate: 1,
    });
  });

  it("a getter that begins a fit: one fit runs, the outer is refused, and the lock is given back", async () => {
    const [network, twin] = [await small(), await small()];
    let inner: Promise<unknown> | undefined;
    const options = {
      get epochs() {
        inner ??= network.fit(x, y, { epochs: 1 });
        return 2;
      },
    };
    expect(await errorOf(() => network.fit(x, y, options))).toBeInstanceOf(StateError);
    await inner;
    await twin.fit(x, y, { epochs: 1 });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
    await network.fit(x, y, { epochs: 1 });
  });

  type Given = { get: () => number };
  const calls: [string, (network: Network, given: Given) => unknown][] = [
    [
      "fit",
      (network, { get }) =>
        network.fit(x, y, {
          get epochs() {
            return get();
          },
        }),
    ],
    [
      "fit by a Proxy",
      (network, { get }) =>
        network.fit(
          x,
          y,
          new Proxy({} as FitOptions, { get: (_, key) => (key === "epochs" ? get() : undefined) }),
        ),
    ],
    [
      "trainStep",
      (network, { get }) =>
        network.trainStep(x, y, {
          optimizer: adam(),
          get l2() {
            return get();
          },
        }),
    ],
    [
      "gradients",
      (network, { get }) =>
        network.gradients(x, y, {
          get l2() {
            return get();
          },
        }),
    ],
    [
      "trainStep's data",
      (network, { get }) =>
        network.trainStep([...x.slice(0, 2), Object.defineProperty([3, 1, -2, 0], 0, { get })], y, {
          optimizer: adam(),
        }),
    ],
    [
      "setParameters",
      (network, { get }) =>
        network.setParameters(
          network.parameters().map((layer) => ({
            ...layer,
            get biases() {
              get();
              return layer.biases;
            },
          })),
        ),
    ],
  ];

  it.each(calls)("%s: a getter that disposes", async (_, call) => {
    const network = await small();
    const get = () => {
      network.dispose();
      return 1;
    };
    expect(await errorOf(() => call(network, { get }))).toBeInstanceOf(StateError);
  });

  it.each(calls)("%s: a getter that begins a fit", async (_, call) => {
    const [network, twin] = [await small(), await small()];
    let inner: Promise<unknown> | undefined;
    const get = () => {
      inner ??= network.fit(x, y, { epochs: 2 });
      return 1;
    };
    expect(await errorOf(() => call(network, { get }))).toBeInstanceOf(StateError);
    await inner;
    await twin.fit(x, y, { epochs: 2 });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it.each(calls)("%s: a getter that throws leaves nothing locked", async (_, call) => {
    const network = await small();
    const mistake = new Error("a mistake of the caller's");
    const get = () => {
      throw mistake;
    };
    expect(await errorOf(() => call(network, { get }))).toBe(mistake);
    expect(network.steps).toBe(0);
    await network.fit(x, y, { epochs: 1 });
    expect(network.steps).toBe(1);
  });

  it.each([
    ["predict", (network: Network, rows: number[][]) => network.predict(rows)],
    ["evaluate", (network: Network, rows: number[][]) => network.evaluate(rows, y)],
  ])("%s: data whose getter disposes", async (_, call) => {
    const network = await small();
    const get = () => {
      network.dispose();
      return 1;
    };
    const rows = [...x.slice(0, 2), Object.defineProperty([3, 1, -2, 0], 0, { get })];
    expect(await errorOf(() => call(network, rows))).toBeInstanceOf(StateError);
  });
});

describe("ranges in messages are true at both ends", () => {
  it.each([2 ** 53, -1, 0.5, Number.NaN])("seed %d", async (seed) => {
    const error = await errorOf(() => createNetwork({ layerDims: [4, 1], seed }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain("an integer in [0, 2^53)");
    const batches = await errorOf(() => miniBatches(x, y, { seed }));
    expect(String(batches)).toContain("an integer in [0, 2^53)");
  });

  it.each([2 ** 53, 0, 1.5])("batchSize %d", async (batchSize) => {
    const error = await errorOf(async () => (await small()).fit(x, y, { epochs: 1, batchSize }));
    expect(String(error)).toContain("an integer in [1, 2^53)");
  });

  it("the greatest seed is one", async () => {
    made(await createNetwork({ layerDims: [4, 1], seed: 2 ** 53 - 1 }));
  });
});

describe("very many layers", () => {
  it.each([
    ["130,000", () => new Array<number>(130_000).fill(1)],
    ["a million", () => new Uint8Array(1_000_000).fill(1)],
    ["four thousand million holes", () => new Array<number>(2 ** 32 - 1)],
  ])("%s are refused in words", async (_, layerDims) => {
    const error = await errorOf(() => createNetwork({ layerDims: layerDims() as number[] }));
    expect(error).toMatchObject({ code: "ERR_CONFIG", path: "layerDims" });
    expect(String(error)).toContain("at most 10000 widths");
    expect(String(error).length).toBeLessThan(300);
  });

  it("10,000 train and predict", async () => {
    const network = made(await createNetwork({ layerDims: new Array<number>(10_000).fill(1), threads: 1 }));
    await network.fit([[1]], [1], { epochs: 2, keepProb: 0.9, warnings: false });
    expect(network.predict([[1]]).rows).toBe(1);
    expect(network.evaluate([[1]], [1]).loss).toBeGreaterThan(0);
  });

  it("too wide for memory is a ResourceError of some hundred letters", async () => {
    const error = await errorOf(() => createNetwork({ layerDims: new Array<number>(10_000).fill(60_000) }));
    expect(error).toBeInstanceOf(ResourceError);
    expect(String(error).length).toBeLessThan(500);
  });
});

describe("evaluate on the border", () => {
  it("counts p = 1/2 as 0, where Math.round would make it 1", async () => {
    const network = made(await createNetwork({ layerDims: [1, 1] }));
    network.setParameters([{ weights: [[0]], biases: [0] }]);
    expect([...network.predict([[7]]).data]).toEqual([0.5]);
    expect(network.evaluate([[7]], [0]).accuracy).toBe(1);
    expect(network.evaluate([[7]], [1]).accuracy).toBe(0);
    expect(network.evaluate([[7], [7]], [0, 1])).toEqual({ loss: Math.LN2, accuracy: 0.5 });
  });

  it("takes the first of classes that are as likely", async () => {
    const network = made(await createNetwork({ layerDims: [1, 3], outputActivation: "softmax" }));
    network.setParameters([{ weights: [[0], [0], [0]], biases: [-1, 2, 2] }]);
    const accuracies = [0, 1, 2].map((label) => network.evaluate([[1]], [label]).accuracy);
    expect(accuracies).toEqual([0, 1, 0]);
  });
});
