import { type ClipOptions, ConfigError, type NetworkConfig, type OptimizerData } from "layerwise";

/**
 * How a network is trained in rounds (local SGD; with the outer step of Nesterov's: DiLoCo, arXiv 2311.08105): every shard of the
 * rows takes `localSteps` steps from the same parameters Θ, and the mean of what they came to, in float64 and in the shards'
 * order, is what the outer step goes to:
 *
 *     d ← Θ − 1/s·Σ Θ_i,   v ← μ·v + d,   Θ ← Θ − η·(d + μ·v)
 *
 * Running statistics of a batchNorm are averaged alone. The inner optimizer's state stays with its shard from round to
 * round and is never averaged, as in the paper.
 */
export interface RoundsPlan {
  readonly rounds: number;
  /** Steps of a shard in a round. */
  readonly localSteps: number;
  /** Into how many parts the rows are divided, once. */
  readonly shards: number;
  readonly outer: OuterStep;
  /** The network's configuration; shard i has the seed `seed + i`, and the first parameters are those of `seed`. */
  readonly network: NetworkConfig;
  /** What each step is taken by. */
  readonly fit: ShardFit;
}

export interface OuterStep {
  /** η > 0. */
  readonly learningRate: number;
  /** μ in [0, 1). */
  readonly momentum: number;
}

/** Θ ← the mean. */
export const PLAIN_AVERAGE: OuterStep = { learningRate: 1, momentum: 0 };

/** What `fit` takes of a step. */
export interface ShardFit {
  readonly batchSize: number;
  readonly optimizer: OptimizerData;
  readonly clip?: ClipOptions;
  readonly l1?: number;
  readonly l2?: number;
  readonly keepProb?: number;
}

/** Raises ConfigError. */
export function checkPlan(plan: RoundsPlan, rows: number): void {
  const { rounds, localSteps, shards, outer } = plan;
  checkInteger("rounds", rounds, 1, Number.MAX_SAFE_INTEGER);
  checkInteger("localSteps", localSteps, 1, Number.MAX_SAFE_INTEGER);
  checkInteger("shards", shards, 1, Math.min(rows, MOST_SHARDS));
  const { learningRate, momentum } = outer;
  if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY))
    throw new ConfigError("outer.learningRate", "a finite number above 0", `${learningRate}`);
  if (!(momentum >= 0 && momentum < 1))
    throw new ConfigError("outer.momentum", "a number in [0, 1)", `${momentum}`);
  if (JSON.stringify(plan.network).includes('"type":"custom"'))
    throw new ConfigError("loss", "one of Layerwise's own, which jobs can name", "one of your own");
}

const MOST_SHARDS = 4096;

function checkInteger(path: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ConfigError(path, `an integer in [${least}, ${most}]`, `${value}`);
}
