// Optimizers come and go: their moments take one block of a network's memory, and each goes on where it was.
import { describe, expect, it, vi } from "vitest";
import { sharedInstance } from "../ts/engine/wasm/builds.js";
import {
  adam,
  ConfigError,
  createNetwork,
  type FitOptions,
  gradientCheck,
  gradientDescent,
  Matrix,
  momentum,
  type Network,
  NumericError,
  ResourceError,
  resumeTraining,
  StateError,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { instanceOf } from "./instance.js";
import { made, small } from "./made.js";
import { Random } from "./random-cases.js";
import { VARIANTS } from "./update-rules.js";

const random = new Random(4);
const x = Matrix.from(random.rows(12, 4));
const y = Array.from({ length: 12 }, () => random.below(2));

const another = (i: number) => VARIANTS[i % VARIANTS.length]?.make() ?? adam();

/** Calls that give a network an optimizer that nobody uses again. */
const attachments: [name: string, call: (network: Network, i: number) => unknown][] = [
  ["fit with its own", (network) => network.fit(x, y, { epochs: 1 })],
  ["fit with a new one", (network, i) => network.fit(x, y, { epochs: 1, optimizer: another(i) })],
  [
    "fit with a data set in wasm memory",
    (network) => network.fit(x, y, { epochs: 4, batchSize: 5, keepProb: 0.5 }),
  ],
  ["trainStep with a new one", (network, i) => network.trainStep(x, y, { optimizer: another(i) })],
  ["fit that throws in a callback", (network) => failing(network.fit(x, y, throwing))],
  ["fit that isn't finite", (network) => failing(network.fit(x, y, { epochs: 1, l2: 1e308 }))],
  [
    "fit that is stopped at once",
    (network) => network.fit(x, y, { epochs: 1, optimizer: adam(), signal: AbortSignal.abort() }),
  ],
  ["fit that is stopped on its way", (network) => network.fit(x, y, stoppedByItself())],
  [
    "an optimizer that is refused",
    (network) => failing(network.fit(x, y, { epochs: 1, optimizer: adam({ epsilon: 1e-50 }) })),
  ],
  ["gradients", (network) => network.gradients(x, y)],
  ["predict and evaluate", (network) => [network.predict(x), network.evaluate(x, y)]],
  ["toBytes", (network) => network.toBytes()],
];

const throwing: FitOptions = {
  epochs: 1,
  onStep: () => {
    throw new Error("a callback's own");
  },
};

function stoppedByItself(): FitOptions {
  const stop = new AbortController();
  return { epochs: 9, optimizer: momentum(), signal: stop.signal, onStep: () => stop.abort() };
}

async function failing(fit: Promise<unknown>): Promise<void> {
  await expect(fit).rejects.toThrow();
}

describe("memory is flat over any number of", () => {
  it.each(attachments)("calls of %s", async (_, call) => {
    // Moments of this network are 19 KB and its memory some MB, in pages of 64 KB: what 200 calls leave would show.
    const network = made(await createNetwork({ layerDims: [4, 800, 1], threads: 1, seed: 2 }));
    const instance = await instanceOf(network);
    for (let i = 0; i < 6; i++) await call(network, i);
    const bytes = instance.memoryBytes;
    for (let i = 0; i < 200; i++) await call(network, i);
    expect(instance.memoryBytes).toBe(bytes);
  });
});

it("gradientCheck gives back all that it takes, also where it throws", async () => {
  const network = await small({ engine: "wasm" });
  const instances = [await instanceOf(network), await sharedInstance("float64")]; // It computes in float64.
  const allocations = instances.map((instance) => vi.spyOn(instance, "allocate"));
  const releases = instances.map((instance) => vi.spyOn(instance, "release"));
  gradientCheck(network, x, y, { keepProb: 0.5 });
  network.setParameters([
    { weights: new Matrix(new Float32Array(20).fill(3e38), 5, 4), biases: new Float32Array(5) },
    { weights: new Matrix(new Float32Array(5).fill(3e38), 1, 5), biases: [0] },
  ]);
  expect(() => gradientCheck(network, [[1e200, 1e200, 1e200, 1e200]], [0], { l2: 1e300 })).toThrow(
    NumericError,
  );
  const counts = (spies: readonly { readonly mock: { readonly calls: readonly unknown[] } }[]) =>
    spies.map(({ mock }) => mock.calls.length);
  expect(Math.max(...counts(allocations))).toBeGreaterThan(3);
  expect(counts(releases)).toEqual(counts(allocations));
  for (const spy of [...allocations, ...releases]) spy.mockRestore();
});

describe("an optimizer goes on to the bit after others", () => {
  for (const dtype of ["float32", "float64"] as const) {
    // 8 hidden units: W_1 and its moments lie in panels.
    const create = async () => made(await createNetwork({ layerDims: [4, 8, 1], dtype, seed: 3 }));
    it.each(VARIANTS)(`$name in ${dtype}`, async ({ make }) => {
      const [network, twin] = [await create(), await create()];
      const [optimizer, twinOptimizer] = [make(), make()];
      for (let i = 0; i < 6; i++) {
        network.trainStep(x, y, { optimizer });
        twin.trainStep(x, y, { optimizer: twinOptimizer });
        const before = network.parameters();
        await network.fit(x, y, { epochs: 2, batchSize: 5 });
        for (const other of VARIANTS) network.trainStep(x, y, { optimizer: other.make() });
        network.setParameters(before);
        expect([hashOf(network.parameters()), optimizer.state]).toEqual([
          hashOf(twin.parameters()),
          twinOptimizer.state,
        ]);
      }
    });
  }

  it("in a fit that takes checkpoints", async () => {
    const files = new Map<string, Uint8Array>();
    const store = {
      read: async (name: string) => files.get(name),
      write: async (name: string, bytes: Uint8Array) => void files.set(name, bytes.slice()),
    };
    const [network, twin] = [await small(), await small()];
    const optimizer = adam();
    await network.fit(x, y, { epochs: 1, optimizer });
    await network.fit(x, y, { epochs: 1, optimizer: momentum() });
    await network
      .fit(x, y, {
        epochs: 3,
        batchSize: 5,
        optimizer,
        checkpoint: { path: "a", store, everySteps: 4, keep: 0 },
        onCheckpoint: ({ steps }) => {
          if (steps === 6) throw new Error("stopped");
        },
      })
      .catch(() => undefined);
    const resumed = await resumeTraining("a", x, y, { store });
    made(resumed.network);
    const twinOptimizer = adam();
    await twin.fit(x, y, { epochs: 1, optimizer: twinOptimizer });
    await twin.fit(x, y, { epochs: 1, optimizer: momentum() });
    await twin.fit(x, y, { epochs: 3, batchSize: 5, optimizer: twinOptimizer });
    expect(hashOf(resumed.network.parameters())).toBe(hashOf(twin.parameters()));
    expect(resumed.optimizer.state).toEqual(twinOptimizer.state);
  });

  it("but not in another network, and not after dispose", async () => {
    const [network, other] = [await small(), await small()];
    const optimizer = adam();
    network.trainStep(x, y, { optimizer });
    network.trainStep(x, y, { optimizer: momentum() });
    expect(() => other.trainStep(x, y, { optimizer })).toThrow(StateError);
    network.dispose();
    expect(() => other.trainStep(x, y, { optimizer })).toThrow("one with 1 steps");
    expect(() => network.trainStep(x, y, { optimizer })).toThrow(StateError);
  });
});

describe("where there is no room for another's moments", () => {
  it("the former keeps its own and goes on", async () => {
    const [network, twin] = [await small({ engine: "wasm" }), await small()];
    const [optimizer, twinOptimizer] = [adam(), adam()];
    network.trainStep(x, y, { optimizer });
    const refuse = vi.spyOn(await instanceOf(network), "allocate").mockImplementationOnce((bytes, what) => {
      throw new ResourceError(what, `${bytes} bytes of WebAssembly memory`, "no room");
    });
    expect(() => network.trainStep(x, y, { optimizer: momentum() })).toThrow(ResourceError);
    refuse.mockRestore();
    network.trainStep(x, y, { optimizer });
    for (let i = 0; i < 2; i++) twin.trainStep(x, y, { optimizer: twinOptimizer });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });
});

describe("what a network or an optimizer is can't be written to:", () => {
  const throws = (target: object, key: string, value: unknown) =>
    expect(() => Object.assign(target, { [key]: value }), key).toThrow(TypeError);

  it("an optimizer's rule and hyperparameters", () => {
    const optimizer = gradientDescent();
    throws(optimizer, "rule", "adam");
    throws(optimizer, "hyperparameters", { learningRate: Number.NaN });
    throws(optimizer.hyperparameters, "learningRate", Number.NaN);
    throws(optimizer, "steps", 5);
    throws(optimizer, "attach", () => undefined);
    expect(optimizer).toMatchObject({ rule: "gradientDescent", learningRate: 0.0075, steps: 0 });
  });

  it("a network's configuration, runtime and state", async () => {
    const network = await small();
    throws(network, "config", { ...network.config, layerDims: [1, 1] });
    throws(network.config, "layerDims", [1, 1]);
    throws(network.config.layerDims, "0", 1);
    throws(network.runtime, "threads", 64);
    throws(network, "trainee", {});
    throws(network.trainee, "layers", {});
    throws(network.trainee.seeds, "shuffle", Number.NaN);
    throws(network, "predict", () => undefined);
    expect(network.predict(x).rows).toBe(12);
  });

  it("a matrix's size and block, though not its numbers", () => {
    const matrix = new Matrix([1, 2], 1, 2);
    throws(matrix, "rows", 1e9);
    throws(matrix, "cols", 1e9);
    throws(matrix, "data", new Float32Array(0));
    matrix.data[0] = 3;
    expect(matrix.toArray()).toEqual([[3, 2]]);
    class Named extends Matrix {
      readonly name = "a subclass may add fields";
    }
    expect(new Named([1], 1, 1).name).toMatch("fields");
  });

  it("a callback's report: what it does to it has no effect", async () => {
    const [network, twin] = [await small(), await small()];
    const spoil = (report: object) => {
      for (const key of Object.keys(report)) Object.assign(report, { [key]: Number.NaN });
    };
    const options = { epochs: 3, batchSize: 5 };
    const history = await network.fit(x, y, { ...options, onStep: spoil, onEpoch: spoil });
    expect(history).toEqual(await twin.fit(x, y, options));
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });
});

it.each([
  ["of Optimizer's prototype", () => Object.create(Object.getPrototypeOf(adam()))],
  ["behind a proxy", () => new Proxy(adam(), {})],
  ["copied", () => ({ ...adam() })],
  ["null", () => null],
])("an optimizer that is none, %s, is refused by name", async (_, forged) => {
  const network = await small();
  expect(() => network.trainStep(x, y, { optimizer: forged() })).toThrow("an optimizer such as adam()");
  await expect(network.fit(x, y, { epochs: 1, optimizer: forged() })).rejects.toThrow(ConfigError);
});
