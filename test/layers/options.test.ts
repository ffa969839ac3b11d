// Options of single layers: biases, penalties, what isn't trained, factors of the learning rate, bounds on norms.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { architectureOf } from "../../ts/config/architecture.js";
import {
  activation,
  adam,
  adamW,
  batchNorm,
  ConfigError,
  createNetwork,
  type Dtype,
  dense,
  dropout,
  gradientCheck,
  gradientDescent,
  type Layer,
  type LayerInput,
  layerNorm,
  loadNetwork,
  Matrix,
  residual,
  resumeTraining,
  ShapeError,
} from "../../ts/index.js";
import { NO_CLIP } from "../../ts/training/clip.js";
import { stepOperations } from "../../ts/training/step.js";
import { hashOf } from "../closeness.js";
import { MemoryStore, rejection, storeOf, thrown, x, y } from "../files/small-files.js";
import { Random } from "../random-cases.js";
import { expectSlopes, numbersOf, randomNetwork } from "./networks.js";

/** Every option somewhere, W_1 in panels. */
const all: readonly Layer[] = [
  dense(16, { activation: "tanh", bias: false, maxNorm: 0.8, learningRateFactor: 2, name: "first" }),
  batchNorm({ trainable: false }),
  dense(7, { activation: "silu", l1: 0.3, l2: 0, trainable: false }),
  residual([layerNorm({ learningRateFactor: 0.5 }), dense(7, { bias: false, l1: 0, l2: 0.2 })]),
  layerNorm({ trainable: false }),
  dense(1, { activation: "sigmoid", maxNorm: 1, learningRateFactor: 0.1 }),
];

const make = (layers: readonly LayerInput[] = all, more: object = {}) =>
  createNetwork({ inputs: 3, layers, seed: 5, threads: 1, ...more });

/** These layers, some with options. */
function withOptions(layers: readonly Layer[], random: Random): Layer[] {
  const maybe = (of: object) => (random.below(3) === 0 ? of : {});
  return layers.map((layer): Layer => {
    if (layer.type === "residual") return residual(withOptions(layer.layers, random));
    if (layer.type === "dropout" || layer.type === "activation" || layer.type === "scaling") return layer;
    const training = { ...maybe({ trainable: false }), ...maybe({ learningRateFactor: 0.5 }) };
    if (layer.type !== "dense") return { ...layer, ...training };
    const own = { ...maybe({ bias: false }), ...maybe({ l1: 0.2 }), ...maybe({ l2: 0.7 }) };
    return { ...layer, ...own, ...maybe({ maxNorm: 0.9 }), ...training };
  });
}

describe.each(Array.from({ length: 40 }, (_, seed) => seed))("random layers with options, %i", (seed) => {
  const { inputs, layers: plain, loss, x, targets } = randomNetwork(seed);
  const layers = withOptions(plain, new Random(seed));
  const create = (dtype: Dtype = "float64") =>
    createNetwork({ inputs, layers, loss, seed, dtype, threads: 1 });

  it("have the gradients that the loss has slopes", async () => {
    using network = await create();
    expectSlopes(gradientCheck(network, x, targets, seed % 2 === 0 ? {} : { l1: 0.3, l2: 0.5 }));
  });

  it("train what is trainable alone, to the bit what they do after a file", async () => {
    using network = await create();
    const before = network.parameters();
    await network.fit(x, targets, {
      epochs: 2,
      batchSize: 4,
      l1: 0.1,
      l2: 0.1,
      optimizer: adamW(),
      warnings: false,
    });
    const { parts } = architectureOf(network.config);
    const own = parts.flatMap((part) => ("at" in part ? [part] : []));
    const after = network.parameters();
    own.forEach(({ trainable }, i) => {
      if (!trainable) expect(after[i]).toEqual(before[i]);
    });
    using loaded = await loadNetwork(network.toBytes(), { threads: 1 });
    expect(loaded.config).toEqual(network.config);
    expect(loaded.toBytes()).toEqual(network.toBytes());
    const [one, other] = [network, loaded].map((it) =>
      it.trainStep(x, targets, { optimizer: adam(), l1: 0.2 }),
    );
    expect(one).toBe(other);
    expect(hashOf(loaded.parameters())).toBe(hashOf(network.parameters()));
  });
});

describe("a network without such options", () => {
  it("takes the steps that it took, by the same operations", async () => {
    using network = await make([
      dense(4, { activation: "relu" }),
      batchNorm(),
      dropout({ keepProb: 0.8 }),
      dense(1),
    ]);
    const { trainee } = network;
    const optimizer = adam();
    optimizer.attach(trainee.layers);
    const settings = { optimizer, l1: 0, l2: 0.1, keepProb: 1, clip: NO_CLIP };
    const operations = stepOperations(trainee, trainee.layers.trainingMemory(5), settings, undefined);
    expect(operations.map(({ op }) => op)).toEqual([
      ...["denseForward", "batchStatistics", "standardize", "scaleAndShift", "elementwise", "denseForward"],
      ...["loss", "penalty", "lossGuard"],
      ...[
        "weightGradient",
        "inputGradient",
        "elementwiseGradient",
        "scaleAndShiftGradient",
        "batchNormGradient",
      ],
      ...["elementwiseGradient", "weightGradient", "gradientGuard", "update", "runningStatistics"],
    ]);
    expect(operations.find(({ op }) => op === "update")).toMatchObject({ len: 29, first: 1, factor: 1 });
  });

  it("has a configuration without them, so that its files are those of before", () => {
    const given = { bias: true, trainable: true, learningRateFactor: 1 };
    expect(dense(2, given)).toEqual(dense(2));
    expect(JSON.stringify(dense(2, { ...given, l1: 0 }))).toBe(
      '{"type":"dense","units":2,"activation":"linear","initialization":"he","l1":0}',
    );
    const { bias: _, ...training } = given;
    expect(batchNorm(training)).toEqual(batchNorm());
    expect(layerNorm(training)).toEqual(layerNorm());
  });
});

describe("bias: false", () => {
  it("leaves biases out of parameters, their count, files and ONNX", async () => {
    using network = await make([dense(4, { activation: "relu", bias: false }), dense(1, { bias: false })]);
    expect(network.parameters().map((layer) => Object.keys(layer))).toEqual([["weights"], ["weights"]]);
    expect(network.summary()).toContain("total: 16 parameters");
    expect(network.trainee.layers.parameterCount).toBe(16);
    const header = new TextDecoder().decode(network.toBytes());
    expect(header).toContain('"0.weight"');
    expect(header).not.toContain('"0.bias"');
    expect(new TextDecoder("latin1").decode(network.toOnnx())).not.toContain("b1");
    expect([...network.predict([[0, 0, 0]]).data]).toEqual([0]);
  });

  it("takes weights alone, and refuses biases with the layer's name; nothing changes", async () => {
    using network = await make([dense(2, { bias: false, name: "a" }), dense(1)]);
    const before = hashOf(network.parameters());
    const [first, second] = network.parameters();
    if (first === undefined || second === undefined) throw new Error("no parameters");
    const refused = thrown(() => network.setParameters([{ ...first, biases: [0, 0] } as never, second]));
    expect(refused).toBeInstanceOf(ShapeError);
    expect(refused).toMatchObject({
      path: "parameters[0].biases",
      expected: 'none: layer 1 "a" has bias: false',
    });
    const missing = thrown(() => network.setParameters([first, { weights: [[1, 2]] } as never]));
    expect(missing).toMatchObject({ path: "parameters[1]", expected: "weights and biases of layer 2" });
    expect(hashOf(network.parameters())).toBe(before);
    network.setParameters([
      {
        weights: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      second,
    ]);
    const [set] = network.parameters();
    if (set === undefined || !("weights" in set)) throw new Error("no weights");
    expect([Object.keys(set), [...set.weights.data]]).toEqual([["weights"], [1, 2, 3, 4, 5, 6]]);
  });
});

describe("a penalty", () => {
  it("of the layer stands in the place of the call's, 0 too", async () => {
    const layers = [dense(4, { l1: 0.3, l2: 0 }), dense(1)];
    using network = await make(layers, { dtype: "float64" });
    const [first, second] = network.parameters();
    if (!(first && second && "weights" in first && "weights" in second)) throw new Error("no weights");
    const sum = ({ data }: Matrix, of: (w: number) => number) =>
      Array.from(data).reduce((total, w) => total + of(w), 0);
    const plain = network.gradients(
      x,
      x.map(() => 0),
      {},
    ).loss;
    const { loss } = network.gradients(
      x,
      x.map(() => 0),
      { l1: 0.1, l2: 0.7 },
    );
    const l1 = 0.1 * sum(second.weights, Math.abs);
    const l2 = (0.7 / 2) * sum(second.weights, (w) => w * w);
    expect(loss - plain).toBeCloseTo((l1 + l2) / x.length, 12);
    expect(0.3 * sum(first.weights, Math.abs)).toBeGreaterThan(0);
    using without = await make([dense(4), dense(1)], { dtype: "float64" });
    expect(
      plain -
        without.gradients(
          x,
          x.map(() => 0),
          {},
        ).loss,
    ).toBeCloseTo((0.3 * sum(first.weights, Math.abs)) / x.length, 12);
  });

  it("of weights that aren't trained is part of the loss as well", async () => {
    const loss = async (trainable: boolean) => {
      using network = await make([dense(4, { trainable }), dense(1)], { dtype: "float64" });
      return network.trainStep(
        x,
        x.map(() => 0),
        { l1: 0.2, l2: 0.5, optimizer: gradientDescent() },
      );
    };
    expect(await loss(false)).toBe(await loss(true));
  });
});

describe("what isn't trained", () => {
  it("stays to the bit with its moments, whatever the rule, decay and penalty", async () => {
    using network = await make();
    const optimizer = adamW({ weightDecay: 0.3 });
    const { layers } = network.trainee;
    const before = network.parameters();
    await network.fit(x, y, {
      epochs: 3,
      batchSize: 5,
      l1: 0.2,
      l2: 0.3,
      optimizer,
      clip: { norm: 0.5 },
      warnings: false,
    });
    const after = network.parameters();
    for (const frozen of [1, 2, 5]) expect(after[frozen]).toEqual(before[frozen]);
    for (const trained of [0, 3, 4, 6]) expect(after[trained]).not.toEqual(before[trained]);
    for (const moment of optimizer.moments) {
      for (const { trainable, at, parameterCount } of layers.parameterized) {
        const own = moment.part(at, parameterCount).read();
        expect(own.every((value) => value === 0)).toBe(!trainable);
      }
    }
  });

  it("takes no work that can be left out", async () => {
    const ops = async (layers: readonly LayerInput[]) => {
      using network = await make(layers);
      const { trainee } = network;
      const optimizer = adam();
      optimizer.attach(trainee.layers);
      const settings = { optimizer, l1: 0, l2: 0, keepProb: 1, clip: NO_CLIP };
      const operations = stepOperations(trainee, trainee.layers.trainingMemory(5), settings, undefined);
      return operations.map(({ op }) => op).slice(operations.findIndex(({ op }) => op === "lossGuard") + 1);
    };
    const frozen = { trainable: false } as const;
    expect(await ops([dense(4, { activation: "relu", ...frozen }), layerNorm(frozen), dense(1)])).toEqual([
      ...["weightGradient", "gradientBound", "gradientGuard", "update"],
    ]);
    expect(await ops([dense(4, { activation: "relu" }), layerNorm(frozen), dense(1, frozen)])).toEqual([
      ...["inputGradient", "layerNormGradient", "elementwiseGradient", "weightGradient"],
      ...["gradientBound", "gradientGuard", "update"],
    ]);
    expect(await ops([dense(4, frozen), dense(1, frozen)])).toEqual(["gradientGuard", "update"]);
  });

  it("has gradients all the same, which leave the next step as it was", async () => {
    const layers = [dense(4, { trainable: false }), dense(1)];
    using network = await make(layers);
    using twin = await make(layers);
    const targets = x.map(() => 1);
    const { gradients } = network.gradients(x, targets, {});
    expect(numbersOf(gradients.slice(0, 1)).some((value) => value !== 0)).toBe(true);
    const large = x.map(() => [1e25, 1e25, 1e25]);
    expect(thrown(() => network.gradients(large, targets, {}))).toMatchObject({ code: "ERR_NUMERIC" });
    for (const it of [network, twin]) it.trainStep(x, targets, { optimizer: adam(), clip: { norm: 0.01 } });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("lets a batchNorm take batches of one example, by its running statistics, which stay", async () => {
    using network = await make([dense(4), batchNorm({ trainable: false }), dense(1)]);
    const before = network.parameters()[1];
    await network.fit(
      x,
      x.map(() => 1),
      { epochs: 1, batchSize: 1, warnings: false },
    );
    expect(network.parameters()[1]).toEqual(before);
    const mixed = await make([batchNorm({ trainable: false }), batchNorm(), dense(1)]);
    expect(
      await rejection(
        mixed.fit(
          x,
          x.map(() => 1),
          { epochs: 1, batchSize: 1 },
        ),
      ),
    ).toBeInstanceOf(ShapeError);
    mixed.dispose();
  });

  it("may be all there is: then steps change nothing", async () => {
    using network = await make([dense(2, { trainable: false }), dense(1, { trainable: false })]);
    const before = hashOf(network.parameters());
    const { loss } = await network.fit(
      x,
      x.map(() => 1),
      { epochs: 2, optimizer: adamW() },
    );
    expect(loss[0]).toBeGreaterThan(0);
    expect(hashOf(network.parameters())).toBe(before);
  });
});

describe("a bound on norms", () => {
  it.each<Dtype>(["float32", "float64"])("holds after every step, in %s", async (dtype) => {
    using network = await make(
      [dense(16, { activation: "tanh", maxNorm: 0.5 }), dense(1, { maxNorm: 0.2 })],
      { dtype },
    );
    for (let step = 0; step < 3; step++) {
      network.trainStep(
        x,
        x.map(() => 5),
        { optimizer: gradientDescent({ learningRate: 0.5 }) },
      );
      network.parameters().forEach((layer, i) => {
        if (!("weights" in layer)) return;
        const { data, rows, cols } = layer.weights;
        for (let unit = 0; unit < rows; unit++) {
          const norm = Math.hypot(...data.subarray(unit * cols, (unit + 1) * cols));
          expect(norm).toBeLessThan((i === 0 ? 0.5 : 0.2) * (1 + 1e-6));
        }
      });
    }
  });
});

describe("a factor of the learning rate", () => {
  it("may not take a rate or a decay out of range; nothing changes", async () => {
    using network = await make([dense(2, { learningRateFactor: 1e30 }), dense(1)]);
    const before = hashOf(network.parameters());
    const rate = thrown(() =>
      network.trainStep(
        x,
        x.map(() => 1),
        { optimizer: adam({ learningRate: 1 }) },
      ),
    );
    expect(rate).toBeInstanceOf(ConfigError);
    expect(rate).toMatchObject({
      path: "learningRate",
      expected: expect.stringContaining("learningRateFactor being"),
    });
    const optimizer = adamW({ learningRate: 0.01, weightDecay: 1e-20 });
    expect(
      thrown(() =>
        network.trainStep(
          x,
          x.map(() => 1),
          { optimizer },
        ),
      ),
    ).toMatchObject({ path: "weightDecay" });
    expect([hashOf(network.parameters()), network.steps, optimizer.steps]).toEqual([before, 0, 0]);
    network.trainStep(
      x,
      x.map(() => 1),
      { optimizer: adam({ learningRate: 1e-30 }) },
    );
    expect(network.steps).toBe(1);
  });
});

describe("refused, with the place:", () => {
  it.each<[string, object, string, RegExp]>([
    ["bias", { bias: 0 }, "bias", /true or false/],
    ["bias null", { bias: null }, "bias", /true or false/],
    ["l1 < 0", { l1: -1 }, "l1", />= 0/],
    ["l1 NaN", { l1: Number.NaN }, "l1", />= 0/],
    ["l1 ∞", { l1: Number.POSITIVE_INFINITY }, "l1", />= 0/],
    ["l2 as a text", { l2: "0.1" }, "l2", />= 0/],
    ["maxNorm 0", { maxNorm: 0 }, "maxNorm", /> 0/],
    ["maxNorm null", { maxNorm: null }, "maxNorm", /> 0/],
    ["trainable 1", { trainable: 1 }, "trainable", /true or false/],
    ["trainable as a text", { trainable: "false" }, "trainable", /true or false/],
    ["learningRateFactor 0", { learningRateFactor: 0 }, "learningRateFactor", /> 0/],
    ["learningRateFactor NaN", { learningRateFactor: Number.NaN }, "learningRateFactor", /> 0/],
    ["another library's word", { use_bias: false }, "use_bias", /did you mean bias/],
    ["PyTorch's word", { requiresGrad: false }, "requiresGrad", /did you mean trainable/],
    ["Keras's word", { kernelConstraint: 3 }, "kernelConstraint", /did you mean maxNorm/],
    ["a slip", { maxnorm: 3 }, "maxnorm", /did you mean maxNorm/],
  ])("%s", async (_, options, name, expected) => {
    const error = await rejection(
      make([dense(2), { type: "dense", units: 2, ...options } as LayerInput, dense(1)]),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path: `layers[1].${name}`, expected: expect.stringMatching(expected) });
    expect(thrown(() => dense(2, options))).toBeInstanceOf(ConfigError);
  });

  it("what is a dense layer's of others", () => {
    for (const option of [{ bias: false }, { l1: 1 }, { maxNorm: 1 }]) {
      expect(thrown(() => batchNorm(option as object))).toBeInstanceOf(ConfigError);
      expect(thrown(() => layerNorm(option as object))).toBeInstanceOf(ConfigError);
      expect(thrown(() => activation("relu", option as object))).toBeInstanceOf(ConfigError);
    }
    expect(thrown(() => dropout({ keepProb: 0.5, trainable: false } as never))).toBeInstanceOf(ConfigError);
  });
});

describe.each<Dtype>(["float32", "float64"])("in %s, with every option at once", (dtype) => {
  const fit = { epochs: 3, batchSize: 5, l1: 0.02, l2: 0.01, warnings: false };

  it("threads change no bit", async () => {
    const random = new Random(5);
    const wide = Matrix.from(random.rows(201, 65));
    const labels = Array.from({ length: wide.rows }, () => random.below(2));
    const trained = async (threads: number) => {
      const layers = [dense(264, { activation: "relu", maxNorm: 1.5, l1: 0.1 }), ...all];
      using network = await createNetwork({ inputs: 65, layers, seed: 7, dtype, threads });
      expect(network.runtime.threads).toBe(threads);
      const { loss } = await network.fit(wide, labels, {
        ...fit,
        epochs: 2,
        batchSize: 67,
        optimizer: adamW(),
      });
      return { hash: hashOf(network.parameters()), loss };
    };
    const one = await trained(1);
    for (const threads of [2, 3]) expect(await trained(threads)).toEqual(one);
  });

  it("resumed at any step, it ends as if never interrupted, to the bit", async () => {
    const fate = (network: Awaited<ReturnType<typeof make>>, optimizer: ReturnType<typeof adamW>) => {
      const hash = createHash("sha256").update(JSON.stringify(network.trainee.progress));
      hash.update(network.trainee.layers.parameters.read()).update(network.trainee.layers.statistics.read());
      for (const moment of optimizer.moments) hash.update(moment.read());
      return hash.digest("hex");
    };
    using whole = await make(all, { dtype });
    const plain = adamW();
    const store = new MemoryStore();
    const files: Uint8Array[] = [];
    const history = await whole.fit(x, y, {
      ...fit,
      optimizer: plain,
      checkpoint: { path: "-", store, everySteps: 1 },
      onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
    });
    expect(files).toHaveLength(history.steps);
    for (const bytes of files) {
      const {
        network,
        optimizer,
        history: again,
      } = await resumeTraining("-", x, y, {
        store: storeOf(bytes),
        warnings: false,
      });
      expect(again).toEqual(history);
      expect(fate(network as never, optimizer)).toBe(fate(whole, plain));
      network.dispose();
    }
    const [last] = files;
    const refused = await rejection(resumeTraining("-", x, y, { store: storeOf(last), l1: 0.03 }));
    expect(refused).toMatchObject({ code: "ERR_STATE", path: "l1", expected: "0.02, as in the checkpoint" });
  });
});
