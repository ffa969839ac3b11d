import { checkSeed, type Dtype, resolveConfig } from "./config.js";
import type { Inputs, Labels } from "./data.js";
import { checkKeepProb } from "./dropout.js";
import { INITIALIZATIONS, type Initialization } from "./initialization.js";
import { Network } from "./network.js";
import { adam, gradientDescent, momentum, type Optimizer } from "./optimizer.js";
import { checkChoice, checkInteger, checkNumber, checkOptions } from "./validation.js";
import { checkThreads, startEngine, type Threads } from "./wasm/runtime.js";

/** The options of the notebook's `L_layer_model`, in camelCase, with its defaults. */
export interface TrainMlpOptions {
  /** Seed of the parameters. Default 0. */
  readonly paramsSeed?: number;
  /** Examples a mini-batch. Default: all (batch gradient descent). */
  readonly miniBatchSize?: number;
  /** `"gd"` gradient descent (default), `"momentum"`, `"adam"`. */
  readonly optimizer?: "gd" | "momentum" | "adam";
  /** α > 0. Default 0.0075, for all three optimizers. */
  readonly learningRate?: number;
  /** β of momentum, in [0, 1). Default 0.9. */
  readonly beta?: number;
  /** β₁ of Adam, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** β₂ of Adam, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** ε of Adam, > 0. Default 1e-8. */
  readonly epsilon?: number;
  /** How often all examples are visited. Default 3300. */
  readonly iterations?: number;
  /** If > 0, the cost is printed at iteration 1 and at every multiple of this. Default 0. */
  readonly printCostFreq?: number;
  /** If > 0, the cost is saved at iteration 1 and at every multiple of this. Default 100. */
  readonly saveCostFreq?: number;
  /** Default `"he"`. */
  readonly initialization?: Initialization;
  /** `"none"` (default) or `"L2"`. */
  readonly regularization?: "none" | "L2";
  /** λ of L2; has an effect with regularization `"L2"` only. Default 0. */
  readonly lambd?: number;
  /** Probability of keeping a hidden unit; 1 (default) is no dropout. May be combined with L2. */
  readonly keepProb?: number;
  /** Seed of the dropout masks. Default 0. */
  readonly dropoutSeed?: number;
  /** Number type; the notebook's is float64. Default `"float32"`. */
  readonly dtype?: Dtype;
  /** Ends the training at a step's end; the costs so far are returned. */
  readonly signal?: AbortSignal;
  /** As in {@link CreateOptions}. Default `"auto"`. */
  readonly threads?: Threads;
}

const OPTION_NAMES = [
  "paramsSeed",
  "miniBatchSize",
  "optimizer",
  "learningRate",
  "beta",
  "beta1",
  "beta2",
  "epsilon",
  "iterations",
  "printCostFreq",
  "saveCostFreq",
  "initialization",
  "regularization",
  "lambd",
  "keepProb",
  "dropoutSeed",
  "dtype",
  "signal",
  "threads",
];

/** The notebook seeds iteration i's mini-batches with 10 + i. */
const MINI_BATCH_SEED = 10;

const MODELS = ["gd", "momentum", "adam"] as const;

/**
 * The notebook's one-call model, [LINEAR→RELU]×(L−1)→LINEAR→SIGMOID: makes a network and trains it.
 * `costs` are those of the last mini-batch (L2 term included) at iteration 1 and every saveCostFreq-th.
 * Raises what {@link createNetwork} and {@link Network.fit} raise.
 * Source: notebook section 9.
 */
export async function trainMlp(
  x: Inputs,
  y: Labels,
  layerDims: readonly number[],
  options: TrainMlpOptions = {},
): Promise<{ network: Network; costs: number[] }> {
  checkOptions("options", options, OPTION_NAMES);
  const frequency = (name: "printCostFreq" | "saveCostFreq", value: number) =>
    checkInteger(name, options[name] ?? value, 0, Number.MAX_SAFE_INTEGER);
  const printCostFreq = frequency("printCostFreq", 0);
  const saveCostFreq = frequency("saveCostFreq", 100);
  const epochs = checkInteger("iterations", options.iterations ?? 3300, 0, Number.MAX_SAFE_INTEGER);
  const lambd = checkNumber("lambd", options.lambd ?? 0, "a finite number >= 0", (l2) => l2 >= 0);
  const regularization = checkChoice("regularization", options.regularization ?? "none", ["none", "L2"]);
  const threads = checkThreads(options.threads);
  const optimizer = toOptimizer(options);
  const keepProb = checkKeepProb(options.keepProb ?? 1);
  const config = resolveConfig({
    layerDims,
    initialization: checkChoice("initialization", options.initialization ?? "he", INITIALIZATIONS),
    seed: checkSeed("paramsSeed", options.paramsSeed ?? 0),
    dtype: options.dtype ?? "float32",
  });
  const seeds = {
    initialization: config.seed,
    shuffle: MINI_BATCH_SEED,
    dropout: checkSeed("dropoutSeed", options.dropoutSeed ?? 0),
  };
  const all = Number.MAX_SAFE_INTEGER;
  const batchSize = checkInteger("miniBatchSize", options.miniBatchSize ?? all, 1, all);

  const network = new Network(await startEngine(threads, config.layerDims), config, seeds);
  const costs: number[] = [];
  try {
    await network.fit(x, y, {
      epochs,
      batchSize,
      optimizer,
      l2: regularization === "L2" ? lambd : 0,
      keepProb,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onEpoch: ({ epoch, lastLoss }) => {
        const due = (every: number) => every > 0 && (epoch === 1 || epoch % every === 0);
        if (due(printCostFreq)) console.log(`current iteration: ${epoch}, cost: ${lastLoss}`);
        if (due(saveCostFreq)) costs.push(lastLoss);
      },
    });
  } catch (error) {
    network.dispose();
    throw error;
  }
  return { network, costs };
}

function toOptimizer(options: TrainMlpOptions): Optimizer {
  const learningRate = options.learningRate ?? 0.0075;
  const { beta = 0.9, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const name = checkChoice("optimizer", options.optimizer ?? "gd", MODELS);
  if (name === "momentum") return momentum({ learningRate, beta });
  if (name === "adam") return adam({ learningRate, beta1, beta2, epsilon });
  return gradientDescent({ learningRate });
}
