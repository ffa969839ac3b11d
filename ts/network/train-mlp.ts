import type { Initialization } from "../catalog/initializations.js";
import { hyperparametersOf } from "../catalog/optimizers.js";
import { NOT_NEGATIVE } from "../catalog/ranges.js";
import { checkSeed, resolveConfig } from "../config/config.js";
import type { Dtype } from "../config/dtype.js";
import { checkChoice, checkInteger, checkNumber, type Given, readOptions } from "../config/validation.js";
import type { Inputs, Labels } from "../data/examples.js";
import { checkCompute } from "../engine/start.js";
import { ConfigError, describe } from "../errors/errors.js";
import { makeOptimizer } from "../training/make-optimizer.js";
import type { Optimizer } from "../training/optimizer.js";
import type { EpochReport } from "../training/state.js";
import { makeNetwork } from "./create-network.js";
import type { ComputeOptions } from "./create-options.js";
import { resolveGivenFitOptions } from "./fit-options.js";
import type { Network } from "./network.js";

/** The options of the notebook's `L_layer_model`, in camelCase, with its defaults. */
export interface TrainMlpOptions extends ComputeOptions {
  /** Seed of the parameters. Default 0. */
  readonly paramsSeed?: number;
  /** Examples a mini-batch. Default: all (batch gradient descent). */
  readonly miniBatchSize?: number;
  /** `"gd"` gradient descent (default), `"momentum"`, `"adam"`. */
  readonly optimizer?: "gd" | "momentum" | "adam";
  /** α > 0. Default 0.0075, for all three optimizers. */
  readonly learningRate?: number;
  /** β of momentum, in [0, 1). Default 0.9. Only with optimizer `"momentum"`. */
  readonly beta?: number;
  /** β₁ of Adam, in [0, 1). Default 0.9. Only with optimizer `"adam"`. */
  readonly beta1?: number;
  /** β₂ of Adam, in [0, 1). Default 0.999. Only with optimizer `"adam"`. */
  readonly beta2?: number;
  /** ε of Adam, > 0. Default 1e-8. Only with optimizer `"adam"`. */
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
  /** λ of L2; only with regularization `"L2"`. Default 0. */
  readonly lambd?: number;
  /** Probability of keeping a hidden unit; 1 (default) is no dropout. May be combined with L2. */
  readonly keepProb?: number;
  /** Seed of the dropout masks, those of later training of the network too. Default 0. */
  readonly dropoutSeed?: number;
  /** Number type; the notebook's is float64. Default `"float32"`. */
  readonly dtype?: Dtype;
  /** Ends the training at a step's end; the costs so far are returned. */
  readonly signal?: AbortSignal;
  /** As in {@link FitOptions}. Default true. */
  readonly warnings?: boolean;
}

/** The notebook seeds iteration i's mini-batches with 10 + i. */
const MINI_BATCH_SEED = 10;

/** One mini-batch of all examples. */
const ALL = Number.MAX_SAFE_INTEGER;

/** The notebook's names of the update rules. */
const MODELS = { gd: "gradientDescent", momentum: "momentum", adam: "adam" } as const;

/**
 * The notebook's one-call model, [LINEAR→RELU]×(L−1)→LINEAR→SIGMOID: makes a network and trains it.
 * `costs` are those of the last mini-batch (L2 term included) at iteration 1 and every saveCostFreq-th.
 * Raises ConfigError for an option that the others leave unused, and what {@link createNetwork} and
 * {@link Network.fit} raise.
 * Source: notebook section 9.
 */
export async function trainMlp(
  x: Inputs,
  y: Labels,
  layerDims: readonly number[],
  options: TrainMlpOptions = {},
): Promise<{ network: Network; costs: number[] }> {
  const given = readOptions("trainMlp", "options", options);
  const { printCostFreq = 0, saveCostFreq = 100, iterations = 3300, miniBatchSize = ALL } = given;
  const { initialization = "he", dtype = "float32", paramsSeed = 0, dropoutSeed = 0 } = given;
  const { keepProb = 1, signal, warnings = true } = given;
  checkInteger("printCostFreq", printCostFreq, 0, Number.MAX_SAFE_INTEGER);
  checkInteger("saveCostFreq", saveCostFreq, 0, Number.MAX_SAFE_INTEGER);
  const epochs = checkInteger("iterations", iterations, 0, Number.MAX_SAFE_INTEGER);
  const batchSize = checkInteger("miniBatchSize", miniBatchSize, 1, Number.MAX_SAFE_INTEGER);
  const seed = checkSeed("paramsSeed", paramsSeed);
  const config = resolveConfig({ layerDims, initialization, seed, dtype });
  const dropout = checkSeed("dropoutSeed", dropoutSeed);
  const seeds = { initialization: seed, shuffle: MINI_BATCH_SEED, dropout };
  const costs: number[] = [];
  const onEpoch = ({ epoch, lastLoss }: EpochReport) => {
    const due = (every: number) => every > 0 && (epoch === 1 || epoch % every === 0);
    if (due(printCostFreq)) console.log(`current iteration: ${epoch}, cost: ${lastLoss}`);
    if (due(saveCostFreq)) costs.push(lastLoss);
  };
  const settings = resolveGivenFitOptions({
    epochs,
    batchSize,
    optimizer: ruleOf(given),
    l2: toL2(given),
    keepProb,
    onEpoch,
    warnings,
    ...(signal !== undefined && { signal }),
  });

  const network = await makeNetwork(checkCompute(given), config, seeds);
  try {
    await network.runFit(x, y, settings);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return { network, costs };
}

type GivenOptions = Given<TrainMlpOptions, "trainMlp">;

/** λ. Raises ConfigError for one that regularization leaves unused. */
function toL2({ regularization = "none", lambd = 0 }: GivenOptions): number {
  checkChoice("regularization", regularization, ["none", "L2"]);
  checkNumber("lambd", lambd, ...NOT_NEGATIVE);
  if (regularization === "none" && lambd > 0) {
    throw new ConfigError("lambd", 'regularization: "L2" beside it, or 0', `${lambd}`);
  }
  return lambd;
}

/** Raises ConfigError for a hyperparameter that is another rule's. */
function ruleOf(given: GivenOptions): Optimizer {
  const { optimizer = "gd", learningRate = 0.0075 } = given;
  const models = Object.keys(MODELS) as (keyof typeof MODELS)[];
  const rule = MODELS[checkChoice("optimizer", optimizer, models)];
  const options: Record<string, unknown> = { learningRate };
  const uses = hyperparametersOf(rule).map(({ name }) => name);
  for (const name of ["beta", "beta1", "beta2", "epsilon"] as const) {
    const value = given[name];
    if (value === undefined) continue;
    if (!uses.includes(name)) {
      throw new ConfigError(name, `none with optimizer "${optimizer}"`, describe(value));
    }
    options[name] = value;
  }
  return makeOptimizer(rule, options);
}
