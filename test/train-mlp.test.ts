import { afterEach, describe, expect, it, vi } from "vitest";
import {
  adam,
  ConfigError,
  createNetwork,
  type FitOptions,
  gradientDescent,
  type Initialization,
  momentum,
  type TrainMlpOptions,
  trainMlp,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { Random } from "./random-cases.js";

const layerDims = [2, 5, 3, 1];
const random = new Random(31);
const x = random.rows(13, 2);
const y = x.map(([a = 0, b = 0]) => (a * b > 0 ? 1 : 0));

interface Seeds {
  readonly params?: number;
  /** Of shuffling and dropout. */
  readonly others?: number;
  readonly initialization?: Initialization;
}

/** The same training by createNetwork and fit; the costs are those of each epoch's last batch. */
async function byHand(options: FitOptions, { params = 0, others = 0, initialization = "he" }: Seeds = {}) {
  using start = await createNetwork({ layerDims, seed: params, initialization });
  using network = await createNetwork({ layerDims, seed: others });
  network.setParameters(start.parameters());
  const costs: number[] = [];
  const optimizer = gradientDescent({ learningRate: 0.0075 });
  await network.fit(x, y, { optimizer, ...options, onEpoch: ({ lastLoss }) => costs.push(lastLoss) });
  return { hash: hashOf(network.parameters()), costs };
}

async function byTrainMlp(options: TrainMlpOptions) {
  const { network, costs } = await trainMlp(x, y, layerDims, options);
  const hash = hashOf(network.parameters());
  network.dispose();
  return { hash, costs };
}

describe("trainMlp without options", () => {
  it("is 3300 epochs of batch gradient descent from he with α 0.0075, costs saved at 1, 100, 200, …", async () => {
    const known = await byHand({ epochs: 3300 });
    const saved = known.costs.filter((_, i) => i === 0 || (i + 1) % 100 === 0);
    expect(saved).toHaveLength(34);
    expect(await byTrainMlp({})).toEqual({ hash: known.hash, costs: saved });
  });
});

const short = { iterations: 6, saveCostFreq: 1 };
const rates = { learningRate: 0.0075 };

/** Each option on its own, and the same thing said by hand. */
const said: { option: string; mlp: TrainMlpOptions; fit?: Omit<FitOptions, "epochs">; seeds?: Seeds }[] = [
  { option: "paramsSeed", mlp: { paramsSeed: 7 }, seeds: { params: 7 } },
  {
    option: "miniBatchSize (shuffled by seed 10)",
    mlp: { miniBatchSize: 4 },
    fit: { batchSize: 4 },
    seeds: { others: 10 },
  },
  { option: "miniBatchSize above m", mlp: { miniBatchSize: 99 } },
  { option: "optimizer gd", mlp: { optimizer: "gd" } },
  {
    option: "optimizer momentum",
    mlp: { optimizer: "momentum" },
    fit: { optimizer: momentum({ ...rates, beta: 0.9 }) },
  },
  {
    option: "optimizer adam",
    mlp: { optimizer: "adam" },
    fit: { optimizer: adam({ ...rates, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }) },
  },
  {
    option: "learningRate",
    mlp: { learningRate: 0.3 },
    fit: { optimizer: gradientDescent({ learningRate: 0.3 }) },
  },
  {
    option: "beta",
    mlp: { optimizer: "momentum", beta: 0.5 },
    fit: { optimizer: momentum({ ...rates, beta: 0.5 }) },
  },
  {
    option: "beta1",
    mlp: { optimizer: "adam", beta1: 0.5 },
    fit: { optimizer: adam({ ...rates, beta1: 0.5 }) },
  },
  {
    option: "beta2",
    mlp: { optimizer: "adam", beta2: 0.5 },
    fit: { optimizer: adam({ ...rates, beta2: 0.5 }) },
  },
  {
    option: "epsilon",
    mlp: { optimizer: "adam", epsilon: 0.1 },
    fit: { optimizer: adam({ ...rates, epsilon: 0.1 }) },
  },
  { option: "initialization xavier", mlp: { initialization: "xavier" }, seeds: { initialization: "xavier" } },
  {
    option: "initialization randomNormal",
    mlp: { initialization: "randomNormal" },
    seeds: { initialization: "randomNormal" },
  },
  { option: "lambd 0 with regularization none", mlp: { lambd: 0, regularization: "none" } },
  { option: "regularization L2 with lambd", mlp: { regularization: "L2", lambd: 5 }, fit: { l2: 5 } },
  { option: "regularization L2 with lambd's default of 0", mlp: { regularization: "L2" } },
  { option: "keepProb", mlp: { keepProb: 0.6 }, fit: { keepProb: 0.6 } },
  {
    option: "dropoutSeed",
    mlp: { keepProb: 0.6, dropoutSeed: 4 },
    fit: { keepProb: 0.6 },
    seeds: { others: 4 },
  },
  { option: "dropoutSeed, which later training uses", mlp: { dropoutSeed: 4 } },
  {
    option: "keepProb and L2 together",
    mlp: { keepProb: 0.6, regularization: "L2", lambd: 2 },
    fit: { keepProb: 0.6, l2: 2 },
  },
];

describe("an option of trainMlp says what createNetwork and fit say otherwise:", () => {
  for (const { option, mlp, fit, seeds } of said) {
    it(option, async () => {
      expect(await byTrainMlp({ ...short, ...mlp })).toEqual(await byHand({ epochs: 6, ...fit }, seeds));
    });
  }

  it("dtype float64", async () => {
    const { network } = await trainMlp(x, y, layerDims, { ...short, dtype: "float64" });
    expect(network.parameters()[0]?.biases).toBeInstanceOf(Float64Array);
    network.dispose();
  });
});

describe("the three seeds", () => {
  it("don't depend on each other", async () => {
    const base = { ...short, keepProb: 0.6, miniBatchSize: 4 };
    const runs = [{}, { paramsSeed: 1 }, { dropoutSeed: 1 }, { paramsSeed: 1, dropoutSeed: 1 }];
    const hashes = [];
    for (const seeds of runs) hashes.push((await byTrainMlp({ ...base, ...seeds })).hash);
    expect(new Set(hashes).size).toBe(4);
    // The order of the examples stays that of seed 10, whatever the other seeds are.
    const batches = { ...short, miniBatchSize: 4, paramsSeed: 3 };
    expect(await byTrainMlp({ ...batches, dropoutSeed: 8 })).toEqual(await byTrainMlp(batches));
  });
});

describe("costs", () => {
  it("are saved at iteration 1 and at every multiple of saveCostFreq", async () => {
    const all = (await byTrainMlp({ iterations: 10, saveCostFreq: 1 })).costs;
    expect(all).toHaveLength(10);
    expect((await byTrainMlp({ iterations: 10, saveCostFreq: 4 })).costs).toEqual([all[0], all[3], all[7]]);
    expect((await byTrainMlp({ iterations: 10, saveCostFreq: 0 })).costs).toEqual([]);
    expect((await byTrainMlp({ iterations: 0 })).costs).toEqual([]);
  });

  it("are those of the last mini-batch, L2 term included", async () => {
    const lastLosses: number[] = [];
    using network = await createNetwork({ layerDims, seed: 10 });
    using start = await createNetwork({ layerDims });
    network.setParameters(start.parameters());
    await network.fit(x, y, {
      epochs: 2,
      batchSize: 5,
      l2: 1,
      optimizer: gradientDescent(rates),
      onStep: ({ step, stepsPerEpoch, loss }) => step === stepsPerEpoch && lastLosses.push(loss),
    });
    const options = {
      iterations: 2,
      miniBatchSize: 5,
      regularization: "L2",
      lambd: 1,
      saveCostFreq: 1,
    } as const;
    expect((await byTrainMlp(options)).costs).toEqual(lastLosses);
  });

  it("until a signal ends the training are returned", async () => {
    const signal = AbortSignal.abort();
    expect((await byTrainMlp({ ...short, signal })).costs).toEqual([]);
  });
});

describe("printing", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is of the costs at iteration 1 and at every multiple of printCostFreq, and of nothing by default", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { costs } = await byTrainMlp({ iterations: 7, saveCostFreq: 1 });
    expect(log).not.toHaveBeenCalled();
    await byTrainMlp({ iterations: 7, printCostFreq: 3, saveCostFreq: 0 });
    const line = (iteration: number) => `current iteration: ${iteration}, cost: ${costs[iteration - 1]}`;
    expect(log.mock.calls).toEqual([[line(1)], [line(3)], [line(6)]]);
  });
});

describe("a bad option raises ConfigError with the option's name:", () => {
  const bad: [string, object][] = [
    ["paramsSeed", { paramsSeed: -1 }],
    ["miniBatchSize", { miniBatchSize: 0 }],
    ["optimizer", { optimizer: "sgd" }],
    ["learningRate", { learningRate: 0 }],
    ["beta", { optimizer: "momentum", beta: 1 }],
    ["beta1", { optimizer: "adam", beta1: Number.NaN }],
    ["beta2", { optimizer: "adam", beta2: -0.1 }],
    ["epsilon", { optimizer: "adam", epsilon: 0 }],
    ["iterations", { iterations: 1.5 }],
    ["printCostFreq", { printCostFreq: -1 }],
    ["saveCostFreq", { saveCostFreq: Number.NaN }],
    ["initialization", { initialization: "glorot" }],
    ["regularization", { regularization: "L1" }],
    ["lambd", { lambd: -1 }],
    ["keepProb", { keepProb: 0 }],
    ["dropoutSeed", { dropoutSeed: 0.5 }],
    ["dtype", { dtype: "float16" }],
    ["warnings", { warnings: 1 }],
    ["lambd", { lambd: 5 }],
    ["lambd", { lambd: 5, regularization: "none" }],
    ["beta", { beta: 0.9 }],
    ["beta", { beta: 0.9, optimizer: "adam" }],
    ["beta1", { beta1: 0.9 }],
    ["beta1", { beta1: 0.9, optimizer: "momentum" }],
    ["beta2", { beta2: 0.9, optimizer: "momentum" }],
    ["epsilon", { epsilon: 1e-8, optimizer: "gd" }],
    ["miniBatchSize", { miniBatchSize: null }],
    ["learningRate", { learningRate: null }],
    ["saveCostFreq", { saveCostFreq: null }],
    ["miniBatchsize", { miniBatchsize: 4 }],
  ];
  for (const [name, options] of bad) {
    it(`${name}: ${JSON.stringify(options)}`, async () => {
      const training = trainMlp(x, y, layerDims, options);
      await expect(training).rejects.toBeInstanceOf(ConfigError);
      await expect(training).rejects.toThrow(name);
    });
  }
});
